"""Roles that a group has in the organization."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    add_group,
    add_role,
    add_users,
    each_is,
    ids,
    payloads,
    refused_unsent,
    told,
)

OWNER = "role-api-organization-owner"


async def test_roles_given_and_taken(emulator: Emulator, surface: Surface) -> None:
    group_id = await add_group(surface, "Team")
    roles = [await add_role(surface, name) for name in ("One", "Two", "Three")]

    given = await surface.call(lambda c: c.groups.roles.create(group_id, role_id=roles[0]))
    assert (given.group.id, given.group.name, given.role.id) == (group_id, "Team", roles[0])
    assert (given.object, given.group.scim_managed) == ("group.role", False)
    await surface.call(lambda c: c.groups.roles.create(group_id, role_id=roles[1]))
    await surface.call(lambda c: c.groups.roles.create(group_id, role_id=roles[2]))
    await surface.call(lambda c: c.groups.roles.create(group_id, role_id=roles[2]))

    assert ids(await surface.items(lambda c: c.groups.roles.list(group_id, limit=1))) == roles
    backwards = await surface.items(lambda c: c.groups.roles.list(group_id, limit=2, order="desc"))
    assert ids(backwards) == roles[::-1]
    role = await surface.call(
        lambda c: c.groups.roles.retrieve(group_id=group_id, role_id=roles[1])
    )
    assert (role.name, role.permissions, role.predefined_role) == ("Two", ["api.usage.read"], False)

    answer = await surface.call(
        lambda c: c.groups.roles.delete(group_id=group_id, role_id=roles[1])
    )
    assert answer.deleted
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.groups.roles.retrieve(group_id=group_id, role_id=roles[1]),
        lambda c: c.groups.roles.delete(group_id=group_id, role_id=roles[1]),
    )
    left = await surface.items(lambda c: c.groups.roles.list(group_id))
    assert ids(left) == [roles[0], roles[2]]

    assert (await told(surface))[4:] == [
        *["role.assignment.created"] * 3,
        "role.assignment.deleted",
    ]
    assert payloads(emulator, "role.assignment.deleted")[0]["principal_type"] == "group"


async def test_a_group_may_have_predefined_roles(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    group_id = await add_group(surface, "Deputies", user_id)
    await surface.call(lambda c: c.groups.roles.create(group_id, role_id=OWNER))
    (role,) = await surface.items(lambda c: c.groups.roles.list(group_id))
    assert (role.id, role.predefined_role) == (OWNER, True)
    # Being an owner through a group is not being one: the membership says reader.
    assert (await surface.call(lambda c: c.users.retrieve(user_id))).role == "reader"
    role = await surface.call(lambda c: c.users.roles.retrieve(user_id=user_id, role_id=OWNER))
    assert [s.principal_id for s in role.assignment_sources] == [group_id]
    await surface.call(lambda c: c.groups.roles.delete(group_id=group_id, role_id=OWNER))
    assert await surface.items(lambda c: c.groups.roles.list(group_id)) == []


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, hostile: str) -> None:
    group_id = await add_group(surface, "Team")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.groups.roles.list(hostile))
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.groups.roles.create(hostile, role_id=OWNER),
        lambda c: c.groups.roles.create(group_id, role_id=hostile),
        lambda c: c.groups.roles.retrieve(group_id=group_id, role_id=hostile),
        lambda c: c.groups.roles.delete(group_id=hostile, role_id=OWNER),
    )
    assert await told(surface) == ["group.created"]


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.groups.roles.list(""),
        lambda c: c.groups.roles.list("group_a", limit=-1),
        lambda c: c.groups.roles.create("group_a", role_id=""),
        lambda c: c.groups.roles.create("..", role_id="role_a"),
        lambda c: c.groups.roles.retrieve("group_a", ".."),
        lambda c: c.groups.roles.delete("", "role_a"),
    )
