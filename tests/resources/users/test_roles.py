"""Roles that a user has in the organization."""

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
    owner_id,
    payloads,
    refused_unsent,
    told,
)

OWNER, READER = "role-api-organization-owner", "role-api-organization-reader"


async def test_roles_given_and_taken(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    first, second, third = [await add_role(surface, name) for name in ("One", "Two", "Three")]

    given = await surface.call(lambda c: c.users.roles.create(user_id, role_id=second))
    assert (given.role.id, given.user.id, given.object) == (second, user_id, "user.role")
    await surface.call(lambda c: c.users.roles.create(user_id, role_id=first))
    await surface.call(lambda c: c.users.roles.create(user_id, role_id=third))

    held = [READER, first, second, third]
    assert ids(await surface.items(lambda c: c.users.roles.list(user_id, limit=1))) == held
    backwards = await surface.items(lambda c: c.users.roles.list(user_id, limit=3, order="desc"))
    assert ids(backwards) == held[::-1]
    role = await surface.call(lambda c: c.users.roles.retrieve(user_id=user_id, role_id=second))
    assert (role.name, role.created_by) == ("Two", owner_id(emulator))
    assert surface.seconds(role.created_at) == emulator.store.roles.get(second)["_created_at"]

    answer = await surface.call(lambda c: c.users.roles.delete(user_id=user_id, role_id=second))
    assert answer.deleted
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.users.roles.retrieve(user_id=user_id, role_id=second),
        lambda c: c.users.roles.delete(user_id=user_id, role_id=second),
    )
    assert ids(await surface.items(lambda c: c.users.roles.list(user_id))) == [
        READER,
        first,
        third,
    ]
    assert (await told(surface))[3:] == ["role.assignment.created"] * 3 + [
        "role.assignment.deleted"
    ]
    assert payloads(emulator, "role.assignment.deleted") == [
        {
            "id": f"{second}:{user_id}",
            "principal_id": user_id,
            "principal_type": "user",
            "resource_id": emulator.store.organization["id"],
            "resource_type": "api.organization",
        }
    ]


async def test_giving_twice_is_giving_once(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    role_id = await add_role(surface, "One")
    for _ in range(2):
        given = await surface.call(lambda c: c.users.roles.create(user_id, role_id=role_id))
        assert given.role.id == role_id
    assert await told(surface) == ["role.created", "role.assignment.created"]


async def test_the_owners_role_makes_owners(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    given = await surface.call(lambda c: c.users.roles.create(user_id, role_id=OWNER))
    assert given.user.role == "owner"
    assert (await surface.call(lambda c: c.users.retrieve(user_id))).role == "owner"
    assert ids(await surface.items(lambda c: c.users.roles.list(user_id))) == [OWNER, READER]
    await surface.call(lambda c: c.users.roles.delete(user_id=user_id, role_id=OWNER))
    assert (await surface.call(lambda c: c.users.retrieve(user_id))).role == "reader"
    with pytest.raises(surface.errors.BadRequestError, match="membership"):
        await surface.call(lambda c: c.users.roles.delete(user_id=user_id, role_id=READER))


async def test_roles_had_through_groups(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    role_id = await add_role(surface, "One")
    first, second = [await add_group(surface, name, user_id) for name in ("A", "B")]
    await surface.call(lambda c: c.groups.roles.create(first, role_id=role_id))
    await surface.call(lambda c: c.groups.roles.create(second, role_id=role_id))
    role = await surface.call(lambda c: c.users.roles.retrieve(user_id=user_id, role_id=role_id))
    assert [(s.principal_type, s.principal_id) for s in role.assignment_sources] == [
        ("group", group_id) for group_id in (first, second)
    ]
    # What was not given to the user directly cannot be taken from the user directly.
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.users.roles.delete(user_id=user_id, role_id=role_id))
    await surface.call(lambda c: c.groups.delete(first))
    await surface.call(lambda c: c.groups.users.delete(group_id=second, user_id=user_id))
    assert ids(await surface.items(lambda c: c.users.roles.list(user_id))) == [READER]


async def test_a_listing_while_roles_come_and_go(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    roles = [await add_role(surface, name) for name in ("One", "Two", "Three", "Four")]
    for role_id in roles[:3]:
        emulator.store.user_roles[user_id].add({"id": role_id})
    page = await surface.call(lambda c: c.users.roles.list(user_id, limit=2))
    assert ids(page.data) == [READER, roles[0]]
    assert page.next == roles[0]
    await surface.call(lambda c: c.users.roles.delete(user_id=user_id, role_id=roles[0]))
    await surface.call(lambda c: c.users.roles.create(user_id, role_id=roles[3]))
    rest = await surface.items(lambda c: c.users.roles.list(user_id, limit=1, after=page.next))
    assert ids(rest) == roles[1:]


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, hostile: str) -> None:
    (user_id,) = add_users(emulator, 1)
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.users.roles.list(hostile))
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.users.roles.create(hostile, role_id=OWNER),
        lambda c: c.users.roles.create(user_id, role_id=hostile),
        lambda c: c.users.roles.retrieve(user_id=user_id, role_id=hostile),
        lambda c: c.users.roles.retrieve(user_id=hostile, role_id=OWNER),
        lambda c: c.users.roles.delete(user_id=user_id, role_id=hostile),
    )
    assert await told(surface) == []


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.users.roles.list(""),
        lambda c: c.users.roles.list("user-a", limit=1001),
        lambda c: c.users.roles.list("user-a", order="none"),  # type: ignore[arg-type]
        lambda c: c.users.roles.create("user-a", role_id=""),
        lambda c: c.users.roles.create("..", role_id="role_a"),
        lambda c: c.users.roles.create("user-a", role_id=None),  # type: ignore[arg-type]
        lambda c: c.users.roles.retrieve("user-a", ".."),
        lambda c: c.users.roles.delete("user-a", ""),
    )
