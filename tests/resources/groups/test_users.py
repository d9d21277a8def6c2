"""Users of a group."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    add_group,
    add_users,
    each_is,
    ids,
    payloads,
    refused_unsent,
    told,
)


async def test_users_come_and_go(emulator: Emulator, surface: Surface) -> None:
    users = add_users(emulator, 5)
    group_id = await add_group(surface, "Team", *users[:4])
    added = await surface.call(lambda c: c.groups.users.create(group_id, user_id=users[4]))
    assert (added.group_id, added.user_id, added.object) == (group_id, users[4], "group.user")

    # The API lists who joined last first.
    listed = await surface.items(lambda c: c.groups.users.list(group_id, limit=2))
    assert ids(listed) == users[::-1]
    assert (listed[0].name, listed[0].email) == ("User 4", "user.4@example.com")
    oldest = await surface.items(lambda c: c.groups.users.list(group_id, limit=2, order="asc"))
    assert ids(oldest) == users

    user = await surface.call(
        lambda c: c.groups.users.retrieve(group_id=group_id, user_id=users[2])
    )
    assert (user.id, user.user_type, user.is_service_account) == (users[2], "user", False)

    answer = await surface.call(
        lambda c: c.groups.users.delete(group_id=group_id, user_id=users[2])
    )
    assert (answer.deleted, answer.object) == (True, "group.user.deleted")
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.groups.users.retrieve(group_id=group_id, user_id=users[2]),
        lambda c: c.groups.users.delete(group_id=group_id, user_id=users[2]),
    )
    left = [*users[:2], *users[3:]]
    assert ids(await surface.items(lambda c: c.groups.users.list(group_id))) == left[::-1]
    assert (await surface.call(lambda c: c.users.retrieve(users[2]))).id == users[2]

    assert await told(surface) == ["group.created", *["group.updated"] * 6]
    assert payloads(emulator, "group.updated")[-2:] == [
        {"id": group_id, "changes_requested": {"users_added": [users[4]]}},
        {"id": group_id, "changes_requested": {"users_removed": [users[2]]}},
    ]


async def test_joining_twice_is_joining_once(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    group_id = await add_group(surface, "Team", user_id, user_id)
    assert ids(await surface.items(lambda c: c.groups.users.list(group_id))) == [user_id]
    assert await told(surface) == ["group.created", "group.updated"]


async def test_names_are_those_of_now(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    group_id = await add_group(surface, "Team", user_id)
    emulator.store.users.update(user_id, {"name": "Renée 名"})
    (user,) = await surface.items(lambda c: c.groups.users.list(group_id))
    assert user.name == "Renée 名"


@pytest.mark.parametrize("hostile", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, hostile: str) -> None:
    (user_id,) = add_users(emulator, 1)
    group_id = await add_group(surface, "Team")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.groups.users.list(hostile))
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.groups.users.create(hostile, user_id=user_id),
        lambda c: c.groups.users.create(group_id, user_id=hostile),
        lambda c: c.groups.users.retrieve(group_id=group_id, user_id=hostile),
        lambda c: c.groups.users.delete(group_id=group_id, user_id=hostile),
        lambda c: c.groups.users.delete(group_id=hostile, user_id=user_id),
    )
    assert await told(surface) == ["group.created"]


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.groups.users.list(""),
        lambda c: c.groups.users.list("group_a", limit=1001),
        lambda c: c.groups.users.list("group_a", order="up"),  # type: ignore[arg-type]
        lambda c: c.groups.users.create("group_a", user_id=""),
        lambda c: c.groups.users.create("..", user_id="user-a"),
        lambda c: c.groups.users.create("group_a", user_id=["user-a"]),  # type: ignore[arg-type]
        lambda c: c.groups.users.retrieve("group_a", ".."),
        lambda c: c.groups.users.delete("group_a", ""),
    )
