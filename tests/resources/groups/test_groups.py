"""Groups of users."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    HOSTILE_TEXTS,
    add_group,
    add_project,
    add_role,
    add_users,
    each_is,
    ids,
    payloads,
    refused_unsent,
    told,
)


async def test_the_life_of_a_group(emulator: Emulator, surface: Surface) -> None:
    group = await surface.call(lambda c: c.groups.create(name="Finance"))
    assert (group.name, group.group_type, group.is_scim_managed) == ("Finance", "group", False)
    assert surface.seconds(group.created_at) == emulator.store.groups.get(group.id)["created_at"]
    others = [await add_group(surface, f"Team {n}") for n in range(4)]

    made = [group.id, *others]
    assert ids(await surface.items(lambda c: c.groups.list(limit=2))) == made
    assert ids(await surface.items(lambda c: c.groups.list(limit=2, order="desc"))) == made[::-1]
    page = await surface.call(lambda c: c.groups.list(limit=3))
    assert (ids(page.data), page.has_more, page.next) == (made[:3], True, made[2])
    last = await surface.call(lambda c: c.groups.list(limit=3, after=page.next))
    assert (ids(last.data), last.has_more, last.next) == (made[3:], False, None)

    changed = await surface.call(lambda c: c.groups.update(group.id, name="Finance & Tax"))
    assert (changed.id, changed.name) == (group.id, "Finance & Tax")
    assert (await surface.call(lambda c: c.groups.retrieve(group.id))).name == "Finance & Tax"

    answer = await surface.call(lambda c: c.groups.delete(group.id))
    assert (answer.id, answer.deleted, answer.object) == (group.id, True, "group.deleted")
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.groups.retrieve(group.id),
        lambda c: c.groups.update(group.id, name="Again"),
        lambda c: c.groups.delete(group.id),
    )
    assert ids(await surface.items(lambda c: c.groups.list())) == others
    assert await told(surface) == ["group.created"] * 5 + ["group.updated", "group.deleted"]
    assert payloads(emulator, "group.updated") == [
        {"id": group.id, "changes_requested": {"group_name": "Finance & Tax"}}
    ]


async def test_a_page_of_none(surface: Surface) -> None:
    await add_group(surface, "Team")
    page = await surface.call(lambda c: c.groups.list(limit=0))
    assert (page.data, page.has_more) == ([], True)


async def test_deleting_a_group_takes_what_it_gave(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    project_id = add_project(emulator)
    group_id = await add_group(surface, "Team", user_id)
    role_id = await add_role(surface, "Editor", project_id)
    await surface.call(
        lambda c: c.projects.groups.create(project_id, group_id=group_id, role=role_id)
    )
    roles = await surface.items(
        lambda c: c.projects.users.roles.list(project_id=project_id, user_id=user_id)
    )
    assert ids(roles) == [role_id]
    await surface.call(lambda c: c.groups.delete(group_id))
    assert await surface.items(lambda c: c.projects.groups.list(project_id)) == []
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(
            lambda c: c.projects.users.roles.list(project_id=project_id, user_id=user_id)
        )


async def test_groups_of_the_identity_provider(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    group_id = await add_group(surface, "All Staff", user_id)
    emulator.store.groups.update(group_id, {"is_scim_managed": True})
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.groups.update(group_id, name="Some Staff"),
        lambda c: c.groups.delete(group_id),
        lambda c: c.groups.users.create(group_id, user_id=user_id),
        lambda c: c.groups.users.delete(group_id=group_id, user_id=user_id),
        match="SCIM",
    )
    assert (await surface.call(lambda c: c.groups.retrieve(group_id))).name == "All Staff"
    assert ids(await surface.items(lambda c: c.groups.users.list(group_id))) == [user_id]


@pytest.mark.parametrize("name", [*HOSTILE_TEXTS, "n" * 255])
async def test_names_come_back_as_sent(surface: Surface, name: str) -> None:
    group = await surface.call(lambda c: c.groups.create(name=name))
    assert group.name == name
    assert (await surface.call(lambda c: c.groups.retrieve(group.id))).name == name


@pytest.mark.parametrize("name", ["  ", "a\x00b", "line\nbreak"])
async def test_names_that_the_api_refuses(emulator: Emulator, surface: Surface, name: str) -> None:
    group_id = await add_group(surface, "Team")
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.groups.create(name=name),
        lambda c: c.groups.update(group_id, name=name),
    )
    assert [g["name"] for g in emulator.store.groups] == ["Team"]
    assert await told(surface) == ["group.created"]


@pytest.mark.parametrize("group_id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, group_id: str) -> None:
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.groups.retrieve(group_id),
        lambda c: c.groups.update(group_id, name="A"),
        lambda c: c.groups.delete(group_id),
    )
    with pytest.raises(surface.errors.BadRequestError, match="after"):
        await surface.items(lambda c: c.groups.list(after=group_id))


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.groups.create(name=""),
        lambda c: c.groups.create(name="n" * 256),
        lambda c: c.groups.create(name="n" * 100_000),
        lambda c: c.groups.create(name=None),  # type: ignore[arg-type]
        lambda c: c.groups.update("group_a", name=""),
        lambda c: c.groups.update("..", name="A"),
        lambda c: c.groups.list(limit=1001),
        lambda c: c.groups.list(limit=-1),
        lambda c: c.groups.list(order="newest"),  # type: ignore[arg-type]
        lambda c: c.groups.retrieve(""),
        lambda c: c.groups.delete("."),
    )
