"""Keys of a project: their values never show, and their owners may be gone."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError, NotFoundError
from tests.conftest import Surface
from tests.resources.keys import status_of_a_call_with

NOW = 1_790_000_000


async def _project_with_keys(surface: Surface, count: int) -> tuple[str, list[str]]:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    account = await surface.call(
        lambda c: c.projects.service_accounts.create(project_id=project, name="bot")
    )
    keys = [account.api_key.id]
    for _ in range(count - 1):
        key = await surface.call(
            lambda c: c.projects.service_accounts.api_keys.create(
                project_id=project, service_account_id=account.id
            )
        )
        keys.append(key.id)
    return project, keys


async def test_life_of_a_key(surface: Surface) -> None:
    project, (first, second) = await _project_with_keys(surface, 2)
    ids = {"project_id": project, "api_key_id": first}
    key = await surface.call(lambda c: c.projects.api_keys.retrieve(**ids))
    assert (key.owner.type, key.owner_project_access) == ("service_account", "active")
    assert (key.last_used_at, key.expires_at) == (None, None)

    changed = await surface.call(
        lambda c: c.projects.api_keys.update(**ids, scopes=["api.all.read"], expires_in_seconds=600)
    )
    expires = surface.seconds(changed.expires_at)
    created = surface.seconds(key.created_at)
    assert expires is not None
    assert created is not None
    assert 600 <= expires - created < 660
    assert await surface.call(lambda c: c.projects.api_keys.retrieve(**ids)) == changed

    gone = await surface.call(lambda c: c.projects.api_keys.delete(**ids))
    assert (gone.id, gone.deleted) == (first, True)
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.projects.api_keys.retrieve(**ids))
    (left,) = await surface.items(lambda c: c.projects.api_keys.list(project_id=project))
    assert left.id == second

    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[project]))
    assert [event.type for event in log[:2]] == ["api_key.deleted", "api_key.updated"]


async def test_pages_of_keys(surface: Surface) -> None:
    project, keys = await _project_with_keys(surface, 5)
    found = await surface.items(lambda c: c.projects.api_keys.list(project_id=project, limit=2))
    assert [key.id for key in found] == keys


async def test_keys_of_people_who_left(demo: Emulator, demo_surface: Surface) -> None:
    """They work on and are listed only when they are asked for."""
    assert demo.expected_findings is not None
    left = set(demo.expected_findings.keys_of_former_members)
    projects = await demo_surface.items(lambda c: c.projects.list())

    async def keys(**asked: str) -> set[str]:
        found: set[str] = set()
        for project in projects:
            found.update(
                key.id
                for key in await demo_surface.items(
                    partial(_keys_of, project_id=project.id, limit=100, **asked)
                )
            )
        return found

    active = await keys(owner_project_access="active")
    assert await keys() == active
    assert not active & left
    assert await keys(owner_project_access="inactive") == left
    assert await keys(owner_project_access="any") == active | left


def _keys_of(client: Any, **arguments: Any) -> Any:
    return client.projects.api_keys.list(**arguments)


async def test_owner_is_shown_as_it_is_now(demo: Emulator, demo_surface: Surface) -> None:
    project_id, key = next(
        (project_id, key)
        for project_id, keys in demo.store.project_api_keys.items()
        for key in keys
        if key["owner"]["type"] == "user"
        and key["owner"]["user"]["id"] in demo.store.project_users[project_id]
    )
    user_id = key["owner"]["user"]["id"]
    ids = {"project_id": project_id, "api_key_id": key["id"]}
    before = await demo_surface.call(lambda c: c.projects.api_keys.retrieve(**ids))
    role = "member" if before.owner.user.role == "owner" else "owner"
    await demo_surface.call(
        lambda c: c.projects.users.update(project_id=project_id, user_id=user_id, role=role)
    )
    after = await demo_surface.call(lambda c: c.projects.api_keys.retrieve(**ids))
    assert (after.owner.user.id, after.owner.user.role) == (user_id, role)

    await demo_surface.call(
        lambda c: c.projects.users.delete(project_id=project_id, user_id=user_id)
    )
    left = await demo_surface.call(lambda c: c.projects.api_keys.retrieve(**ids))
    assert left.owner_project_access == "inactive"
    assert left.owner.user.id == user_id


async def test_an_expired_key_is_not_changed() -> None:
    now = NOW
    async with (
        Emulator(state="empty", now=lambda: now) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        project = await client.projects.create(name="P")
        account = await client.projects.service_accounts.create(
            project.id, name="bot", expires_in_seconds=60
        )
        assert account.api_key is not None
        key_id = account.api_key.id
        now += 59
        key = await client.projects.api_keys.update(project.id, key_id, expires_in_seconds=60)
        assert key.expires_at is not None
        assert key.expires_at.timestamp() == NOW + 119
        now += 59
        assert await status_of_a_call_with(emulator, account.api_key.value) == 403
        now += 1
        assert await status_of_a_call_with(emulator, account.api_key.value) == 401
        with pytest.raises(BadRequestError, match="expired"):
            await client.projects.api_keys.update(project.id, key_id, expires_in_seconds=60)
        assert (await client.projects.api_keys.retrieve(project.id, key_id)) == key


async def test_an_archived_project_refuses(emulator: Emulator, surface: Surface) -> None:
    project, (key,) = await _project_with_keys(surface, 1)
    ids = {"project_id": project, "api_key_id": key}
    await surface.call(lambda c: c.projects.archive(project))
    changes: list[Any] = [
        lambda c: c.projects.api_keys.update(**ids, scopes=[]),
        lambda c: c.projects.api_keys.delete(**ids),
        lambda c: c.projects.api_keys.retrieve(**ids),
    ]
    for change in changes:
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await surface.call(change)
    assert key in emulator.store.project_api_keys[project]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "scopes, expires_in_seconds, or both"),
        ({"scopes": "api.all.read"}, "scopes must be a list"),
        ({"scopes": [1]}, r"scopes\[0\] must be text"),
        ({"scopes": None}, "scopes must be a list"),
        ({"expires_in_seconds": 0}, "at least 1"),
        ({"expires_in_seconds": None}, "whole number"),
        ({"expires_in_seconds": 1.5}, "whole number"),
    ],
)
async def test_bad_arguments_are_not_sent(
    emulator: Emulator, arguments: dict[str, Any], message: str
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match=message):
            await client.projects.api_keys.update("proj_1", "key_1", **arguments)
        with pytest.raises(InvalidInputError, match="owner_project_access must be"):
            await client.projects.api_keys.list("proj_1", owner_project_access="all")  # type: ignore[arg-type]
    assert not emulator.requests


async def test_unknown_ids(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="P")
        with pytest.raises(NotFoundError, match="project"):
            await client.projects.api_keys.list("proj_none")
        for key_id in ("key_none", "../../users", "\0", "ключ"):
            with pytest.raises(NotFoundError, match="API key"):
                await client.projects.api_keys.delete(project.id, key_id)
