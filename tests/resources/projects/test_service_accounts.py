"""Service accounts and the keys that are created for them."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError, NotFoundError
from tests.conftest import Surface
from tests.resources.keys import status_of_a_call_with
from tests.resources.people import ids


async def test_life_of_a_service_account(emulator: Emulator, surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    made = await surface.call(
        lambda c: c.projects.service_accounts.create(project_id=project, name="bot")
    )
    assert (made.name, made.role) == ("bot", "member")
    first = made.api_key.value
    assert await status_of_a_call_with(emulator, first) == 403
    if surface.ours:
        assert first not in repr(made)

    path = {"project_id": project, "service_account_id": made.id}
    second = await surface.call(
        lambda c: c.projects.service_accounts.api_keys.create(
            **path, name="second", scopes=["api.files.read"]
        )
    )
    assert (second.name, second.expires_at) == ("second", None)
    assert await status_of_a_call_with(emulator, second.value) == 403

    changed = await surface.call(
        lambda c: c.projects.service_accounts.update(**path, name="robot", role="owner")
    )
    assert (changed.id, changed.name, changed.role) == (made.id, "robot", "owner")
    assert await surface.call(lambda c: c.projects.service_accounts.retrieve(**path)) == changed

    keys = await surface.items(lambda c: c.projects.api_keys.list(project_id=project))
    assert [key.id for key in keys] == [made.api_key.id, second.id]
    assert {key.owner.service_account.name for key in keys} == {"robot"}
    for key, value in zip(keys, (first, second.value), strict=True):
        assert value not in str(key)
        assert key.redacted_value.startswith("sk-")
        assert key.redacted_value.endswith(value[-4:])
        assert len(key.redacted_value) < len(value)

    gone = await surface.call(lambda c: c.projects.service_accounts.delete(**path))
    assert (gone.id, gone.deleted) == (made.id, True)
    assert not await surface.items(
        lambda c: c.projects.api_keys.list(project_id=project, owner_project_access="any")
    )
    assert await status_of_a_call_with(emulator, first) == 401
    assert await status_of_a_call_with(emulator, second.value) == 401
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.projects.service_accounts.retrieve(**path))

    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[project]))
    assert [event.type for event in reversed(log)] == [
        "project.created",
        "service_account.created",
        "api_key.created",
        "api_key.created",
        "service_account.updated",
        "api_key.deleted",
        "api_key.deleted",
        "service_account.deleted",
    ]


async def test_an_account_alone(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    made = await surface.call(
        lambda c: c.projects.service_accounts.create(
            project_id=project, name="bot", create_service_account_only=True
        )
    )
    assert (made.role, made.api_key) == ("none", None)
    assert not await surface.items(lambda c: c.projects.api_keys.list(project_id=project))


async def _create(surface: Surface, project_id: str, name: str) -> Any:
    return await surface.call(
        lambda c: c.projects.service_accounts.create(project_id=project_id, name=name)
    )


async def test_pages_of_service_accounts(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    made = [await _create(surface, project, f"bot {number}") for number in range(5)]
    found = await surface.items(
        lambda c: c.projects.service_accounts.list(project_id=project, limit=2)
    )
    assert ids(found) == ids(made)


async def test_a_key_that_expires(surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    made = await surface.call(
        lambda c: c.projects.service_accounts.create(
            project_id=project, name="bot", expires_in_seconds=3600
        )
    )
    created, expires = map(surface.seconds, (made.api_key.created_at, made.api_key.expires_at))
    assert created is not None
    assert expires == created + 3600


async def test_an_archived_project_refuses(emulator: Emulator, surface: Surface) -> None:
    project = (await surface.call(lambda c: c.projects.create(name="P"))).id
    made = await surface.call(
        lambda c: c.projects.service_accounts.create(project_id=project, name="bot")
    )
    path = {"project_id": project, "service_account_id": made.id}
    await surface.call(lambda c: c.projects.archive(project))
    assert await status_of_a_call_with(emulator, made.api_key.value) == 401
    changes: list[Any] = [
        lambda c: c.projects.service_accounts.create(project_id=project, name="new"),
        lambda c: c.projects.service_accounts.update(**path, name="new"),
        lambda c: c.projects.service_accounts.delete(**path),
        lambda c: c.projects.service_accounts.api_keys.create(**path),
        lambda c: c.projects.service_accounts.retrieve(**path),
    ]
    for change in changes:
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await surface.call(change)
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await surface.items(lambda c: c.projects.service_accounts.list(project_id=project))
    assert len(emulator.store.project_service_accounts[project]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"name": b"bot"}, "name must be text"),
        ({"name": "bot", "expires_in_seconds": 0}, "at least 1"),
        ({"name": "bot", "expires_in_seconds": "3600"}, "whole number"),
        ({"name": "bot", "create_service_account_only": "yes"}, "True or False"),
        (
            {"name": "bot", "create_service_account_only": True, "expires_in_seconds": 60},
            "pass one of them",
        ),
    ],
)
async def test_bad_arguments_are_not_sent(
    emulator: Emulator, arguments: dict[str, Any], message: str
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match=message):
            await client.projects.service_accounts.create("proj_1", **arguments)
    assert not emulator.requests


async def test_what_only_the_api_can_judge_changes_nothing(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, check_inputs=False
    ) as client:
        project = await client.projects.create(name="P")
        account = await client.projects.service_accounts.create(project.id, name="bot")
        events = len(emulator.store.audit_logs)
        bad: list[dict[str, Any]] = [
            {"name": "\x1b[2J"},
            {"name": "x" * 100_000},
            {"name": "bot", "expires_in_seconds": -1},
            {"name": "bot", "expires_in_seconds": 10**15},
            {"name": "bot", "create_service_account_only": True, "expires_in_seconds": 60},
        ]
        for arguments in bad:
            with pytest.raises(BadRequestError):
                await client.projects.service_accounts.create(project.id, **arguments)
        with pytest.raises(NotFoundError):
            await client.projects.service_accounts.api_keys.create(project.id, "svc_acct_none")
        with pytest.raises(BadRequestError):
            await client.projects.service_accounts.api_keys.create(
                project.id, account.id, expires_in_seconds=0
            )
    assert len(emulator.store.audit_logs) == events
    assert len(emulator.store.project_service_accounts[project.id]) == 1
    assert len(emulator.store.project_api_keys[project.id]) == 1
