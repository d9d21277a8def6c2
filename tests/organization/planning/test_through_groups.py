"""Roles that people have through groups: not given besides, unless the group stops giving them."""

from __future__ import annotations

import attrs
import pytest

from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
)
from openai_admin.organization.planning.making import plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State

WHO = "ana@acme.com"
ROLE = Role(id="role_1", name="Auditor", permissions=("api.audit_logs.read",))
INNER = Role(id="role_2", name="Editor", permissions=("api.files.write",))
THERE = Document(
    people={WHO: Person(id="user-ana", role="owner", roles=())},
    groups={"Ops": Group(id="group_1", members=(WHO,), roles=("Auditor",))},
    roles={"Auditor": ROLE},
    projects={
        "Core": Project(
            id="proj_core",
            members={WHO: Member(role="member", roles=())},
            groups={"Ops": ProjectGroup(roles=("Editor",))},
            roles={"Editor": INNER},
        )
    },
)
STATE = State(
    document=THERE,
    sections=frozenset(SECTIONS),
    role_ids={(None, "Auditor"): "role_1", ("proj_core", "Editor"): "role_2"},
    inherited={
        (None, "user-ana"): {"Auditor": ("group_1",)},
        ("proj_core", "user-ana"): {"Editor": ("group_1",)},
    },
)
PEOPLE = {WHO: Person(roles=("Auditor",))}
MEMBERS = {WHO: Member(roles=("Editor",))}
GIVEN = {"users.roles.create", "projects.users.roles.create"}


@pytest.mark.parametrize(
    ("groups", "of_project", "given"),
    [
        ({"Ops": Group(members=(WHO,), roles=("Auditor",))}, ("Editor",), set()),
        ({"Ops": Group(members=(), roles=("Auditor",))}, ("Editor",), GIVEN),
        ({"Ops": Group(members=(WHO,), roles=())}, ("Editor",), {"users.roles.create"}),
        (
            {"Ops": Group(members=(WHO,), roles=("Auditor",))},
            ("viewer",),
            {"projects.users.roles.create"},
        ),
        ({}, None, GIVEN),
    ],
)
def test_a_role_is_given_besides_only_where_no_group_goes_on_giving_it(
    groups: dict[str, Group], of_project: tuple[str, ...] | None, given: set[str]
) -> None:
    access = {} if of_project is None else {"Ops": ProjectGroup(roles=of_project)}
    wanted = Document(
        people=PEOPLE,
        groups=groups,
        projects={"Core": Project(members=MEMBERS, groups=access)},
        prune=("groups", "groups.members", "groups.roles", "projects.groups"),
    )
    assert {step.operation for step in plan(wanted, STATE).steps} & GIVEN == given


def test_it_is_given_before_the_group_stops_giving_it_also_where_the_group_was_not_read() -> None:
    there = attrs.evolve(THERE, groups={"Ops": Group(id="group_1", roles=("Auditor",))})
    wanted = Document(
        people=PEOPLE, groups={"Ops": Group(roles=())}, prune=("groups.roles", "people.roles")
    )
    given, taken = plan(wanted, attrs.evolve(STATE, document=there)).steps
    assert (given.operation, taken.operation) == ("users.roles.create", "groups.roles.delete")
    assert taken.needs == (given.id,)


def test_it_is_said_where_somebody_may_have_it_besides() -> None:
    wanted = Document(
        people={WHO: Person(roles=())},
        groups={"Ops": Group(roles=())},
        prune=("groups.roles", "people.roles"),
    )
    (taken,) = plan(wanted, STATE).steps
    (note,) = taken.notes
    assert "the next plan goes on with it" in note
    (taken,) = plan(attrs.evolve(wanted, prune=("groups.roles",)), STATE).steps
    assert taken.notes == ()
