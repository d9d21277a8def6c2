"""A role of which the API does not say what it permits may make an owner, or none."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openai_admin.organization.document.model import Document, Group, Person, Role
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import Plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.organization.planning.frame import impossible

BOB, CHO = "bob@acme.com", "cho@acme.com"
ROLES = {
    "Deputy": Role(id="role_1", name="Deputy", permissions=("api.management.write",)),
    "Odd": Role(id="role_2", name="Odd"),
    "Reader": Role(id="role_3", name="Reader", permissions=("api.usage.read",)),
}


def _planned(wanted: Document, *roles: str, acting: str, groups: Any = ()) -> Plan:
    """The plan where Bob has some roles, and Cho is the owner."""
    there = Document(
        people={
            BOB: Person(id="user-bob", role="reader", roles=roles),
            CHO: Person(id="user-cho", role="owner", roles=()),
        },
        roles=ROLES,
        groups=dict(groups),
        projects={},
    )
    ids: dict[tuple[str | None, str], str] = {(None, "owner"): "role-api-organization-owner"}
    state = State(
        document=there, sections=frozenset(SECTIONS), acting_user=f"user-{acting}", role_ids=ids
    )
    return plan(wanted, state)


def _without(*kept: str) -> Document:
    return Document(people={BOB: Person(roles=kept), CHO: Person()}, prune=("people.roles",))


@pytest.mark.parametrize(
    ("has", "keeps", "is_refused"),
    [
        (("Odd",), (), True),  # it may be the one by which they manage
        (("Deputy", "Odd"), ("Odd",), True),  # and it may not be
        (("Deputy", "Odd"), ("Deputy",), False),
        (("Deputy", "Reader"), ("Deputy",), False),
    ],
)
def test_whose_key_is_in_use_keeps_a_role_that_surely_makes_an_owner(
    has: tuple[str, ...], keeps: tuple[str, ...], is_refused: bool
) -> None:
    refused = impossible(_planned(_without(*keeps), *has, acting="bob"))
    assert any("by nothing else" in reason for _, reason in refused) == is_refused


@pytest.mark.parametrize("is_by_group", [False, True])
@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("Odd", "Whether ownership would be taken away is not known: bob@acme.com"),
        ("Deputy", "1 ownership would be taken away: bob@acme.com"),
        ("Reader", None),
    ],
)
def test_who_may_own_by_a_role_is_told_of_as_one_who_may_lose_it(
    role: str, told: str | None, is_by_group: bool
) -> None:
    if is_by_group:
        ops = Group(id="group_1", members=(BOB,), roles=(role,))
        gone = Document(groups={"Ops": Group(members=())}, prune=("groups.members",))
        planned = _planned(gone, acting="cho", groups={"Ops": ops})
    else:
        planned = _planned(_without(), role, acting="cho")
    assert len(planned.steps) == 1
    reasons = [each.reason for each in planned.exceeded if each.kind == "owners"]
    assert [reason.partition(" of the")[0] for reason in reasons] == ([told] if told else [])


def test_who_was_read_without_a_role_is_not_counted_as_an_owner_who_stays() -> None:
    wanted = Document(people={CHO: Person(role="reader")})
    there = {BOB: Person(id="user-bob"), CHO: Person(id="user-cho", role="owner", roles=())}
    state = State(document=Document(people=there), sections=frozenset(SECTIONS))
    ((who, reason),) = impossible(plan(wanted, state))
    assert (who, reason.partition(",")[0]) == (
        CHO,
        "It would leave the organization without an owner",
    )
    known = attrs.evolve(there[BOB], role="owner")
    there = {**there, BOB: known}
    assert plan(wanted, attrs.evolve(state, document=Document(people=there))).impossible == ()
