"""Groups and roles of the demo organization, as a client finds them."""

from __future__ import annotations

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator


async def test_who_is_in_which_group_and_has_which_role(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        groups = {group.name: group async for group in client.groups.list()}
        assert set(groups) == {
            "Platform Engineering",
            "Data Science",
            "Finance",
            "All Staff",
            "Operations",
        }
        assert [g.name for g in groups.values() if g.is_scim_managed] == ["All Staff"]
        members = {user.id async for user in client.users.list()}
        staff = client.groups.users.list(groups["All Staff"].id, limit=7)
        assert {user.id async for user in staff} == members

        assert [role.name async for role in client.roles.list()] == [
            "owner",
            "reader",
            "Auditor",
            "Cost analyst",
            "Deputy",
        ]
        analysts = client.groups.roles.list(groups["Finance"].id)
        assert [role.name async for role in analysts] == ["Cost analyst"]
        accountant = (await client.groups.users.list(groups["Finance"].id)).data[0]
        held = [role async for role in client.users.roles.list(accountant.id)]
        assert [role.name for role in held] == ["reader", "Cost analyst"]
        assert [s.principal_id for s in held[1].assignment_sources or []] == [groups["Finance"].id]

        with_access = {
            (project.name, access.group_name)
            async for project in client.projects.list()
            async for access in client.projects.groups.list(project.id)
        }
        assert with_access == {
            ("Developer Copilot", "Platform Engineering"),
            ("Data Platform", "Data Science"),
            ("Marketing Studio", "Operations"),
        }


async def test_it_is_the_same_every_time() -> None:
    def tables(emulator: Emulator) -> list[object]:
        store = emulator.store
        return [
            list(store.groups),
            list(store.roles),
            {k: list(v) for k, v in store.group_users.items()},
        ]

    def clock() -> int:
        return 1_795_000_000

    assert tables(Emulator(now=clock)) == tables(Emulator(now=clock))
