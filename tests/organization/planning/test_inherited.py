"""A role that somebody has through a group, too: the API does not say whether directly as well."""

from __future__ import annotations

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.model import Document, Member, Person, Project


async def test_it_is_not_assigned_again_and_again(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        (user,) = [one async for one in client.users.list()]
        project = await client.projects.create(name="Search")
        await client.projects.users.create(project.id, role="member", user_id=user.id)
        group = await client.groups.create(name="Staff")
        await client.groups.users.create(group.id, user_id=user.id)
        permissions = ["api.audit_logs.read"]
        role = await client.roles.create(role_name="Auditor", permissions=permissions)
        inner = await client.projects.roles.create(
            project.id, role_name="Editor", permissions=["api.prompts.write"]
        )
        await client.groups.roles.create(group.id, role_id=role.id)
        await client.projects.groups.create(project.id, group_id=group.id, role=inner.id)
        label = str(user.email)
        member = Member(role="member", roles=("Editor",))
        document = Document(
            people={label: Person(role="owner", roles=("Auditor",))},
            projects={"Search": Project(members={label: member})},
        )
        assert (await client.organization.plan(document)).steps == ()
        await client.groups.roles.delete(group.id, role.id)
        await client.projects.groups.delete(project.id, group.id)
        plan = await client.organization.plan(document)
        assert {step.operation for step in plan.steps} == {
            "users.roles.create",
            "projects.users.roles.create",
        }
        assert (await client.organization.apply(document)).left == ()
        again = await client.organization.plan(attrs.evolve(document))
        assert again.steps == ()
