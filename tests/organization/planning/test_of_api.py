"""Plans for an organization in the emulator: what is read, planned and reached by one apply."""

from __future__ import annotations

from collections.abc import AsyncIterator

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
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
from openai_admin.resources.invites import InviteProjectParam

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


async def test_an_invite_that_is_sent_again_keeps_projects_that_the_file_does_not_have(
    client: AsyncOpenAIAdmin, emulator: Emulator
) -> None:
    ids = {name: (await client.projects.create(name=name)).id for name in ("A", "B", "Old")}
    old: list[InviteProjectParam] = [
        {"id": ids["A"], "role": "owner"},
        {"id": ids["Old"], "role": "member"},
    ]
    await client.invites.create(email="new@example.com", role="reader", projects=old)
    await client.projects.archive(ids["Old"])
    same = Document(people={"New@example.com": Person(role="reader")})
    assert (await client.organization.plan(same)).steps == ()

    people = {"new@example.com": Person(role="owner")}
    withdrawn, sent = (await client.organization.plan(Document(people=people))).steps
    assert sent.arguments["projects"] == [{"id": ids["A"], "role": "owner"}]
    assert [(c.field, c.old, c.new) for c in sent.changes] == [("role", "reader", "owner")]
    assert [(c.field, c.old, c.new) for c in withdrawn.changes] == [
        ("role", "reader", None),
        ("projects", ("A: owner",), None),
    ]
    added = Document(
        people={"new@example.com": Person(role="reader")},
        projects={"B": Project(members={"new@example.com": Member(role="member")})},
    )
    plan = await client.organization.plan(added)
    assert {each["id"] for each in plan.steps[1].arguments["projects"]} == {ids["A"], ids["B"]}
    (change,) = plan.steps[1].changes
    assert (change.old, {*change.new}) == (("A: owner",), {"A: owner", "B: member"})
    assert (await client.organization.apply(plan)).is_complete
    assert (await client.organization.plan(added)).steps == ()

    emulator.faults.add(Status(match="projects.list", status=403, body={}))
    unclear = await client.organization.plan(Document(people=people))
    assert unclear.steps == ()
    assert [e.kind for e in unclear.untouched if e.subject == "new@example.com"] == ["not_known"]


async def test_a_role_that_was_given_by_hand_goes_where_roles_are_pruned(
    client: AsyncOpenAIAdmin,
) -> None:
    editor = Role(permissions=("api.files.write",))
    project = Project(members={OWNER: Member(role="member")}, roles={"Editor": editor})
    there = Document(roles={"Auditor": READS}, groups={"Ops": Group()}, projects={"A": project})
    await client.organization.apply(there)
    document = (await client.organization.pull()).document
    given = Document(
        people={OWNER: Person(roles=("Auditor",))},
        groups={"Ops": Group(roles=("Auditor",))},
        projects={"A": Project(members={OWNER: Member(roles=("Editor",))})},
    )
    await client.organization.apply(given)
    assert (await client.organization.plan(document)).steps == ()
    everything = attrs.evolve(document, prune=("all",))
    plan = await client.organization.plan(everything)
    assert sorted(_operations(plan)) == [
        "groups.roles.delete",
        "projects.users.roles.delete",
        "users.roles.delete",
    ]
    drift = await client.organization.drift(everything)
    assert len(drift.found) == len(plan.steps)
    assert (await client.organization.apply(plan)).is_complete
    assert (await client.organization.plan(everything)).steps == ()


async def test_a_file_of_another_organization_is_refused_whatever_it_has(
    client: AsyncOpenAIAdmin,
) -> None:
    own = (await client.organization.observe(sections=["people"])).document.organization
    for document in (Document(), Document(people={OWNER: Person(role="owner")})):
        same = attrs.evolve(document, organization=own)
        assert (await client.organization.plan(same)).steps == ()
        other = attrs.evolve(document, organization="org-other")
        with pytest.raises(InvalidInputError, match=f"org-other, and this key is of {own}"):
            await client.organization.plan(other)


async def test_a_text_that_is_the_word_for_nothing_is_not_changed_for_ever(
    client: AsyncOpenAIAdmin,
) -> None:
    await client.roles.create(
        role_name="Auditor", permissions=["api.usage.read"], description="none"
    )
    document = (await client.organization.pull()).document
    assert (document.roles or {})["Auditor"].description == "none"
    assert (await client.organization.plan(document)).steps == ()
