"""Members whose address the API does not say: the file may mean them, or not."""

from __future__ import annotations

import attrs

from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
)
from openai_admin.organization.planning.making import plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.organization.planning.frame import untouched

ANA, BOB = "ana@acme.com", "bob@acme.com"
OWNER = Person(id="user-ana", role="owner", roles=())
READER = Person(id="user-bob", role="reader", roles=())
THERE = Document(
    people={ANA: OWNER, "user-bob": READER},
    groups={"Ops": Group(id="group_1", members=(ANA, "user-bob"), roles=())},
    projects={
        "Core": Project(
            id="proj_core",
            members={ANA: Member(role="owner", roles=()), "user-bob": Member(role="member")},
            groups={},
            roles={},
            service_accounts={},
        )
    },
    roles={},
)
STATE = State(
    document=THERE,
    sections=frozenset(SECTIONS),
    incomplete=frozenset({("people", None)}),
    addresses={"user-ana": ANA},
    acting_user="user-ana",
)
WANTED = Document(
    people={ANA: Person(role="owner"), BOB: Person(role="reader")},
    groups={"Ops": Group(members=(ANA, BOB))},
    projects={"Core": Project(members={ANA: Member(role="owner"), BOB: Member()})},
    prune=("all",),
)


def test_who_may_be_meant_by_an_address_is_neither_removed_nor_invited() -> None:
    for wanted in (
        WANTED,
        attrs.evolve(WANTED, people={ANA: Person()}, groups={"Ops": Group(members=(ANA,))}),
    ):
        planned = plan(wanted, STATE)
        assert planned.steps == ()
        assert ("user-bob", "not_known") in untouched(planned)


def test_a_pin_says_who_it_is() -> None:
    pinned = Person(id="user-bob", role="owner")
    wanted = attrs.evolve(WANTED, people={ANA: Person(), BOB: pinned})
    (step,) = plan(wanted, STATE).steps
    assert (step.operation, step.arguments["user_id"]) == ("users.update", "user-bob")
    fewer = attrs.evolve(wanted, groups={"Ops": Group(members=(ANA,))})
    assert [step.operation for step in plan(fewer, STATE).steps] == [
        "users.update",
        "groups.users.delete",
    ]
