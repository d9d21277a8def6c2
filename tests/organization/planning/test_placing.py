"""Where in the file that stands which cannot be done, or is not known."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.organization.applying.checking import check_possible
from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.model import (
    Document,
    Group,
    IdentityProvider,
    Member,
    Person,
    Project,
    Role,
)
from openai_admin.organization.document.reading import read_text
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import Plan
from openai_admin.organization.planning.saved import as_json
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.showing.markdown import to_markdown
from openai_admin.organization.state import State

_EMPTY = Project(
    members={},
    groups={},
    roles={},
    service_accounts={},
    rate_limits={},
    spend_alerts=(),
    certificates=(),
    external_storage=(),
)
_THERE = Document(
    people={"ana@example.com": Person(id="user-ana", role="owner", roles=())},
    groups={"Finance": Group(id="group_1", members=(), roles=())},
    roles={"Analyst": Role(id="role_1", permissions=())},
    projects={"Core": attrs.evolve(_EMPTY, id="proj_core")},
    certificates={},
    identity_providers={
        "One": IdentityProvider(id="wip_1", issuer="https://a.example.com", audience="a", rules={}),
    },
    external_keys={},
)

_MEMBER = Member(role="member", roles=())


def _planned(text: str, there: Document = _THERE, **more: Any) -> Plan:
    read = read_text(text)
    state = State(document=there, sections=frozenset(SECTIONS), acting_user="user-ana")
    return plan(settled(read.document), attrs.evolve(state, **more), where=read.where)


def _lines(plan: Plan) -> list[int]:
    """The lines that are named, in order."""
    places = [each.where or "" for each in plan.impossible]
    assert all(each.startswith("org.yaml, line ") for each in places), plan.impossible
    return sorted(int(each.rpartition(" ")[2]) for each in places)


_WRONG = """\
version: 1
defaults:
  certificates:
    - corp            # 4
  members:
    bob@example.com: member # 6
protect:
  people:
    - carl@example.com # 9
  service_accounts: [robot] # 10
people:
  ana@example.com:
    role: owner
    roles: [Analyst,
      Analist]        # 15
  new@example.com:
    role: reader
    roles: [Nobody]   # 18
groups:
  Finance:
    members:
      - ana@example.com
      - dora@example.com # 23
    roles: [owners]   # 24
  Other:
    id: group_nothing # 26
projects:
  Core:
    groups:
      Fin: member     # 30
    members:
      ana@example.com:
        role: member
        roles: [writer] # 34
    spend_alerts:
      - amount: 5
        id: alert_1     # the alert in 36
        emails: [a@example.com]
identity_providers:
  One:
    issuer: https://a.example.com
    audience: a
    rules:
      deploy:
        project: Kernel # 45
        service_account: a
        attributes: {sub: x}
      pages:
        project: Core
        service_account: robot # 50
        attributes: {sub: x}
"""


def test_what_cannot_be_done_is_said_with_the_line_that_asks_for_it() -> None:
    there = attrs.evolve(
        _THERE,
        projects={
            "Core": attrs.evolve(
                _EMPTY, id="proj_core", members={"ana@example.com": _MEMBER}, groups={}
            )
        },
    )
    found = _planned(_WRONG, there)
    assert _lines(found) == [4, 6, 9, 10, 15, 18, 23, 24, 26, 30, 34, 36, 45, 50]


def test_the_line_stands_in_every_form_of_a_plan() -> None:
    found = _planned("version: 1\ngroups:\n  Core:\n    roles: [Analist]\n")
    (impossible,) = found.impossible
    assert impossible.where == "org.yaml, line 4"
    assert as_json(found)["impossible"][0]["where"] == "org.yaml, line 4"
    assert "org.yaml, line 4: roles of Core**: There is no role" in to_markdown(found)
    with pytest.raises(InvalidInputError, match=r"org\.yaml, line 4: There is no role .*'\?$"):
        check_possible(found)


def test_without_a_file_nothing_is_said_of_lines() -> None:
    document = Document(groups={"Core": Group(roles=("Analist",))})
    state = State(document=_THERE, sections=frozenset(SECTIONS), acting_user="user-ana")
    (impossible,) = plan(document, state).impossible
    assert impossible.where is None


def test_what_is_not_known_is_said_with_its_line_and_what_is_not_in_the_file_without() -> None:
    there = attrs.evolve(
        _THERE,
        groups={
            "Finance": Group(id="group_1", members=None, roles=()),
            "Data": Group(id="group_2", members=(), roles=()),
        },
    )
    text = "version: 1\ngroups:\n  Finance:\n    members: [ana@example.com]\n"
    found = _planned(text, there)
    assert {each.subject: each.where for each in found.untouched} == {
        "Finance": "org.yaml, line 4",
        "Data": None,
    }


def test_what_waits_for_an_invite_or_may_be_there_is_said_with_its_line() -> None:
    text = """\
version: 1
people:
  ana@example.com: {}
  new@example.com: reader
groups:
  Finance:
    members:
      - new@example.com
      - ana@example.com
"""
    found = _planned(text, incomplete=frozenset({("groups.members", "group_1")}))
    assert {each.subject: each.where for each in found.untouched} == {
        "Finance": "org.yaml, line 8",
        "Finance: ana@example.com": "org.yaml, line 9",
    }
