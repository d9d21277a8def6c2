"""Members of a project: only people of the organization can become members."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from tests.conftest import Surface
from tests.resources.people import add_users


async def test_life_of_a_member(emulator: Emulator, surface: Surface) -> None:
    (person,) = add_users(emulator, 1)
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    ids = {"project_id": project, "user_id": person}

    member = await surface.call(lambda c: c.projects.users.create(**ids, role="member"))
    assert (member.id, member.name, member.email) == (person, "User 0", "user.0@example.com")
    assert (member.role, surface.seconds(member.added_at) is not None) == ("member", True)
    for role in ("member", "owner"):
        with pytest.raises(surface.errors.BadRequestError, match="already exists in project"):
            await _add(surface, project, user_id=person, role=role)

    promoted = await surface.call(lambda c: c.projects.users.update(**ids, role="owner"))
    assert promoted.role == "owner"
    assert await surface.call(lambda c: c.projects.users.retrieve(**ids)) == promoted

    gone = await surface.call(lambda c: c.projects.users.delete(**ids))
    assert (gone.id, gone.deleted) == (person, True)
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.projects.users.retrieve(**ids))
    assert person in emulator.store.users

    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[project]))
    assert [event.type for event in log[:-1]] == ["user.deleted", "user.updated", "user.added"]


async def _add(surface: Surface, project_id: str, **arguments: Any) -> Any:
    return await surface.call(lambda c: c.projects.users.create(project_id=project_id, **arguments))


async def test_pages_of_members(emulator: Emulator, surface: Surface) -> None:
    people = add_users(emulator, 7)
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    for number in range(7):
        await _add(surface, project, role="member", email=f"USER.{number}@example.com")
    found = await surface.items(lambda c: c.projects.users.list(project_id=project, limit=3))
    assert [member.id for member in found] == people


async def test_strangers_do_not_enter(emulator: Emulator, surface: Surface) -> None:
    person, _ = add_users(emulator, 2)
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    strangers = (
        {"user_id": "user-none"},
        {"email": "stranger@example.com"},
        {"user_id": person, "email": "user.1@example.com"},
    )
    for stranger in strangers:
        with pytest.raises(surface.errors.BadRequestError):
            await _add(surface, project, role="member", **stranger)
    for role in ("reader", "OWNER", ""):
        with pytest.raises(surface.errors.BadRequestError):
            await _add(surface, project, user_id=person, role=role)
    assert not await surface.items(lambda c: c.projects.users.list(project_id=project))


async def test_an_archived_project_has_no_members_and_refuses(
    emulator: Emulator, surface: Surface
) -> None:
    one, other = add_users(emulator, 2)
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    users = {"project_id": project, "user_id": one}
    await surface.call(lambda c: c.projects.users.create(**users, role="member"))
    await surface.call(lambda c: c.projects.archive(project))
    newcomer = {"project_id": project, "user_id": other, "role": "member"}
    changes: list[Any] = [
        lambda c: c.projects.users.create(**newcomer),
        lambda c: c.projects.users.update(**users, role="owner"),
        lambda c: c.projects.users.delete(**users),
        lambda c: c.projects.users.retrieve(**users),
    ]
    for change in changes:
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await surface.call(change)
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await surface.items(lambda c: c.projects.users.list(project_id=project))
    assert len(emulator.store.project_users[project]) == 0


async def test_a_viewer_becomes_a_member(emulator: Emulator, surface: Surface) -> None:
    (person,) = add_users(emulator, 1)
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    path = {"project_id": project, "user_id": person}
    viewer = await surface.call(lambda c: c.projects.users.create(**path, role="viewer"))
    assert viewer.role == "viewer"
    roles = await surface.items(lambda c: c.projects.users.roles.list(**path))
    assert [role.id for role in roles] == ["role-api-project-viewer"]
    member = {"role_id": "role-api-project-member"}
    await surface.call(lambda c: c.projects.users.roles.create(**path, **member))
    assert (await surface.call(lambda c: c.projects.users.retrieve(**path))).role == "member"
    # What a member may see already is an assignment of its own.
    again = {"role_id": "role-api-project-viewer"}
    await surface.call(lambda c: c.projects.users.roles.create(**path, **again))
    assert (await surface.call(lambda c: c.projects.users.retrieve(**path))).role == "member"
    await surface.call(lambda c: c.projects.users.roles.delete(**path, **again))
    roles = await surface.items(lambda c: c.projects.users.roles.list(**path))
    assert [role.id for role in roles] == ["role-api-project-member"]


async def test_nobody_named_is_not_sent(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        for nobody in ({}, {"user_id": None}, {"email": ""}):
            with pytest.raises(InvalidInputError, match="user_id or email"):
                await client.projects.users.create("proj_1", role="member", **nobody)
        with pytest.raises(InvalidInputError, match="project_id"):
            await client.projects.users.create("..", role="member", user_id="user-1")
    assert not emulator.requests
