"""Plans for an organization in the emulator: what is read, planned and reached by one apply."""

from __future__ import annotations

from collections.abc import AsyncIterator

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
)
from openai_admin.organization.planning.model import Plan

OWNER = "owner@example.com"
READS = Role(permissions=("api.audit_logs.read",))


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


def _operations(plan: Plan) -> list[str]:
    return [step.operation for step in plan.steps]


async def test_where_projects_are_named_nothing_of_the_organization_is_planned(
    client: AsyncOpenAIAdmin,
) -> None:
    project = Project(members={OWNER: Member(role="owner")})
    there = Document(
        groups={"Ops": Group()}, roles={"Auditor": READS}, projects={"A": project, "B": project}
    )
    await client.organization.apply(there)
    wanted = Document(
        people={OWNER: Person(role="owner"), "new@example.com": Person(role="reader")},
        groups={},
        roles={},
        projects={"A": Project(members={}), "B": Project(members={})},
        prune=("all",),
    )
    plan = await client.organization.plan(wanted, projects=["A"])
    assert _operations(plan) == ["projects.users.delete"]
    assert {*plan.sections} == {"projects", "projects.members"}
    applied = await client.organization.apply(plan, force=["owners"])
    assert applied.is_complete
    with pytest.raises(InvalidInputError, match="name a section of projects"):
        await client.organization.plan(wanted, only=["people"], projects=["A"])
    pulled = await client.organization.pull(projects=["B"])
    assert (pulled.document.people, pulled.document.groups) == (None, None)
    assert [*(pulled.document.projects or ())] == ["B"]


async def test_what_a_group_gave_is_given_to_the_person_in_the_same_plan(
    client: AsyncOpenAIAdmin,
) -> None:
    member = Member(role="member")
    there = Document(
        roles={"Auditor": READS},
        groups={"Ops": Group(members=(OWNER,), roles=("Auditor",))},
        projects={
            "A": Project(
                members={OWNER: member},
                roles={"Editor": Role(permissions=("api.files.write",))},
                groups={"Ops": ProjectGroup(roles=("Editor",))},
            )
        },
    )
    await client.organization.apply(there)
    wanted = Document(
        people={OWNER: Person(roles=("Auditor",))},
        groups={"Ops": Group(roles=())},
        projects={
            "A": Project(members={OWNER: attrs.evolve(member, roles=("Editor",))}, groups={})
        },
        prune=("groups.roles", "projects.groups", "people.roles"),
    )
    plan = await client.organization.plan(wanted)
    assert sorted(_operations(plan)) == [
        "groups.roles.delete",
        "projects.groups.delete",
        "projects.users.roles.create",
        "users.roles.create",
    ]
    assert (await client.organization.apply(plan)).is_complete
    assert (await client.organization.plan(wanted)).steps == ()
