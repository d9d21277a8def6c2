"""What of an organization a plan depends on: what the file speaks of, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from openai_admin.organization.canonical import digest_of
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    RateLimit,
    Role,
    ServiceTiers,
    Settings,
    SpendAlert,
)
from openai_admin.organization.planning.digest import digests, managed_sections, stamped
from openai_admin.organization.planning.model import Plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State

THERE = Document(
    people={
        "ana@example.com": Person(id="user-ana", role="owner", roles=("Auditor",)),
        "ben@example.com": Person(id="user-ben", role="reader", roles=()),
    },
    groups={
        "Staff": Group(id="group-staff", members=("ana@example.com", "ben@example.com"), roles=()),
        "Other": Group(id="group-other", members=(), roles=()),
    },
    roles={"Auditor": Role(id="role-a", description="Reads", permissions=("a.read", "b.read"))},
    projects={
        "Search": Project(
            id="proj-search",
            members={"ana@example.com": Member(role="owner", roles=("Lead", "Other"))},
            roles={},
            rate_limits={"gpt-5": RateLimit(id="rl-5", max_requests_per_1_minute=10)},
            spend_limit=Decimal(500),
            spend_alerts=(SpendAlert(id="alert-1", amount=Decimal(400)),),
            hosted_tools={"web_search": True, "mcp": False},
            service_tiers=ServiceTiers(default="standard", enabled="all"),
        ),
        "Archive": Project(id="proj-archive", spend_limit="none"),
    },
    settings=Settings(spend_limit="none", data_retention="zero_data_retention"),
)
STATE = State(
    document=THERE,
    sections=frozenset(SECTIONS),
    invites={"New@example.com": "invite-1"},
    archived={"proj-old": "Old"},
)
WANTED = Document(
    people={
        "ANA@example.com": Person(role="owner", roles=("Auditor",)),
        "new@example.com": Person(),
    },
    groups={"Staff": Group(members=("ana@example.com",))},
    roles={"Auditor": Role(permissions=("a.read",))},
    projects={
        "Search": Project(
            members={"ana@example.com": Member(role="member", roles=("Lead",))},
            rate_limits={"gpt-5": RateLimit(max_requests_per_1_minute=20)},
            spend_limit=Decimal(900),
            spend_alerts=(SpendAlert(amount=Decimal("400.00")),),
            hosted_tools={"mcp": True},
            service_tiers=ServiceTiers(default="fast"),
        ),
        "Old": Project(),
    },
    settings=Settings(spend_limit="none"),
)


def _projects(**changes: Any) -> Document:
    search = attrs.evolve((THERE.projects or {})["Search"], **changes)
    return attrs.evolve(THERE, projects={**(THERE.projects or {}), "Search": search})


def _groups(**changes: Any) -> Document:
    staff = attrs.evolve((THERE.groups or {})["Staff"], **changes)
    return attrs.evolve(THERE, groups={**(THERE.groups or {}), "Staff": staff})


UNMANAGED = {
    "a person who is not in the file": attrs.evolve(
        THERE, people={**(THERE.people or {}), "eve@example.com": Person(id="user-eve")}
    ),
    "a member of a group who is not in the file": _groups(members=("ana@example.com",)),
    "a role of a group": _groups(roles=("Auditor",)),
    "an assigned role that is not in the file": _projects(
        members={"ana@example.com": Member(role="owner", roles=("Lead",))}
    ),
    "a role of the project": _projects(roles={"New": Role(id="role-new")}),
    "another field of a limit": _projects(
        rate_limits={
            "gpt-5": RateLimit(id="rl-5", max_requests_per_1_minute=10, max_requests_per_1_day=9)
        }
    ),
    "another tool": _projects(hosted_tools={"web_search": False, "mcp": False}),
    "the tiers beside the default": _projects(
        service_tiers=ServiceTiers(default="standard", enabled=("flex",))
    ),
    "another alert": _projects(
        spend_alerts=(
            SpendAlert(id="alert-2", amount=Decimal(1)),
            SpendAlert(id="alert-1", amount=Decimal(400)),
        )
    ),
    "another setting": attrs.evolve(THERE, settings=Settings(spend_limit="none")),
    "the order": attrs.evolve(
        _groups(members=("ben@example.com", "ana@example.com")),
        projects=dict(reversed([*(THERE.projects or {}).items()])),
        roles={"Auditor": Role(id="role-a", permissions=("b.read", "a.read"))},
    ),
}
MANAGED = {
    "people": attrs.evolve(
        THERE, people={**(THERE.people or {}), "ana@example.com": Person(id="user-ana")}
    ),
    "groups": _groups(id="group-new"),
    "groups.members": _groups(members=("ben@example.com",)),
    "roles": attrs.evolve(THERE, roles={"Auditor": Role(id="role-a", permissions=("a.read",))}),
    "projects": attrs.evolve(
        THERE, projects={**(THERE.projects or {}), "Search (2)": Project(id="2", name="Search")}
    ),
    "projects.members": _projects(members={"ana@example.com": Member(role="owner", roles=())}),
    "projects.rate_limits": _projects(rate_limits={}),
    "projects.spend_limit": _projects(spend_limit="none"),
    "projects.spend_alerts": _projects(spend_alerts=()),
    "projects.hosted_tools": _projects(hosted_tools=None),
    "projects.service_tiers": _projects(service_tiers=ServiceTiers(default="fast")),
    "settings.spend_limit": attrs.evolve(THERE, settings=Settings(spend_limit=Decimal(1))),
}


@pytest.mark.parametrize("what", UNMANAGED)
def test_what_is_not_managed_makes_no_difference(what: str) -> None:
    changed = attrs.evolve(STATE, document=UNMANAGED[what])
    assert digests(WANTED, changed) == digests(WANTED, STATE)


@pytest.mark.parametrize("section", MANAGED)
def test_what_is_managed_makes_a_difference_in_its_section(section: str) -> None:
    changed = digests(WANTED, attrs.evolve(STATE, document=MANAGED[section]))
    known = digests(WANTED, STATE)
    assert changed.keys() == known.keys()
    differing = {name for name in known if known[name] != changed[name]}
    assert section in differing
    assert all(name.startswith(section.split(".")[0]) for name in differing)


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("people", {"invites": {}}),
        ("people", {"scim_people": frozenset({"user-ana"})}),
        ("groups", {"scim_groups": frozenset({"group-staff"})}),
        ("projects", {"archived": {}}),
    ],
)
def test_what_stands_beside_what_there_is_counts(section: str, change: dict[str, Any]) -> None:
    known, changed = digests(WANTED, STATE), digests(WANTED, attrs.evolve(STATE, **change))
    assert {name for name in known if known[name] != changed[name]} == {section}


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("people", lambda: UNMANAGED["a person who is not in the file"]),
        ("groups.members", lambda: UNMANAGED["a member of a group who is not in the file"]),
        ("projects.spend_alerts", lambda: UNMANAGED["another alert"]),
    ],
)
def test_in_a_section_that_is_pruned_what_is_besides_counts(
    section: str, change: Callable[[], Document]
) -> None:
    for prune in ((section,), ("all",)):
        wanted = attrs.evolve(WANTED, prune=prune)
        known = digests(wanted, STATE)
        changed = digests(wanted, attrs.evolve(STATE, document=change()))
        assert {name for name in known if known[name] != changed[name]} == {section}


def test_an_empty_collection_that_is_pruned_depends_on_what_there_is() -> None:
    wanted = Document(prune=("projects.members",), projects={"Search": Project(members={})})
    changed = attrs.evolve(STATE, document=_projects(members={}))
    assert digests(wanted, changed) != digests(wanted, STATE)


def test_what_is_not_known_is_not_taken_for_empty() -> None:
    wanted = Document(groups={"Staff": Group()})
    empty = State(document=Document(groups={}), sections=frozenset(SECTIONS))
    refused = attrs.evolve(empty, document=Document())
    in_part = attrs.evolve(empty, incomplete=frozenset({("groups", None)}))
    assert len({digest_of(digests(wanted, state)) for state in (empty, refused, in_part)}) == 3


def test_only_what_was_read_counts() -> None:
    read = attrs.evolve(STATE, sections=frozenset({"people", "projects.spend_limit"}))
    assert digests(WANTED, read).keys() == read.sections
    assert managed_sections(WANTED) == digests(WANTED, STATE).keys()
    other = attrs.evolve(
        WANTED, projects={**(WANTED.projects or {}), "Archive": Project(spend_limit=Decimal(1))}
    )
    alone = digests(other, read, projects=["proj-search", "Search", "Old"])
    assert alone == digests(WANTED, read) != digests(other, read)


def test_a_plan_knows_what_it_was_made_from() -> None:
    plan = stamped(Plan(), WANTED, STATE)
    assert plan.sections == digests(WANTED, STATE)
    assert plan.state == digest_of(plan.sections)
    assert plan.document == WANTED
    other = attrs.evolve(WANTED, people={})
    assert stamped(Plan(), other, STATE).file != plan.file
    assert plan.file == digest_of(WANTED)
