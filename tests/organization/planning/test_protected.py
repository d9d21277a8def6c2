"""Names under `protect` are looked for only among what was read."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from openai_admin.organization.document.model import (
    Document,
    Group,
    Person,
    Project,
    Protected,
    ServiceAccount,
)
from tests.organization.planning.frame import impossible, planned

PEOPLE = {"ana@acme.com": Person(role="owner")}
READ = Project(id="proj_1", service_accounts={"ci": ServiceAccount(id="svc_1")})
UNREAD = Project(id="proj_2")


@pytest.mark.parametrize(
    ("projects", "incomplete", "is_refused"),
    [
        (None, [], False),
        ({"Core": READ, "Data": UNREAD}, [], False),
        ({"Core": READ}, [("projects", None)], False),
        ({"Core": READ}, [("projects.service_accounts", "proj_1")], False),
        ({"Core": READ}, [], True),
    ],
)
def test_a_service_account_is_missed_only_where_all_were_read(
    projects: dict[str, Project] | None,
    incomplete: list[tuple[str, str | None]],
    is_refused: bool,
) -> None:
    wanted = Document(people=PEOPLE, protect=Protected(service_accounts=("bot",)))
    there = Document(people={"ana@acme.com": Person(id="user-ana")}, projects=projects)
    refused = impossible(planned(wanted, there, incomplete=incomplete))
    assert [subject for subject, _ in refused] == ["bot"] * is_refused


@pytest.mark.parametrize(("incomplete", "is_refused"), [([], True), ([("groups", None)], False)])
def test_a_group_is_missed_only_where_all_were_read(
    incomplete: Iterable[tuple[str, str | None]], is_refused: bool
) -> None:
    wanted = Document(people=PEOPLE, protect=Protected(groups=("Ops",)))
    there = Document(people={"ana@acme.com": Person(id="user-ana")}, groups={"Core": Group(id="g")})
    refused = impossible(planned(wanted, there, incomplete=incomplete))
    assert [subject for subject, _ in refused] == ["Ops"] * is_refused
