"""Admin keys: created, used, listed, deleted, expired."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin._wire import codec
from openai_admin.emulator import Emulator
from openai_admin.errors import (
    AuthenticationError,
    BadRequestError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from tests.conftest import Surface
from tests.resources.people import ids

NOW = 1_790_000_000


async def test_life_of_an_admin_key(emulator: Emulator, surface: Surface) -> None:
    made = await surface.call(lambda c: c.admin_api_keys.create(name="rotation"))
    value = made.value
    assert value.startswith("sk-admin-")
    assert (made.name, made.last_used_at, made.expires_at) == ("rotation", None, None)
    assert made.owner.role == "owner"
    if surface.ours:
        assert value not in repr(made)
        assert value not in str(made)
        assert codec.to_dict(made, secrets=True)["value"] == value

    async with AsyncOpenAIAdmin(value, base_url=emulator.base_url) as other:
        await other.projects.list()
        found = await surface.call(lambda c: c.admin_api_keys.retrieve(key_id=made.id))
        assert surface.seconds(found.last_used_at)
        assert found.id == made.id
        assert value not in str(vars(found) if not surface.ours else codec.to_dict(found))
        assert found.redacted_value.endswith(value[-4:])

        gone = await surface.call(lambda c: c.admin_api_keys.delete(key_id=made.id))
        assert (gone.id, gone.deleted) == (made.id, True)
        with pytest.raises(AuthenticationError):
            await other.projects.list()
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.admin_api_keys.retrieve(key_id=made.id))

    log = await surface.items(
        lambda c: c.audit_logs.list(event_types=["api_key.created", "api_key.deleted"])
    )
    assert [event.type for event in log] == ["api_key.deleted", "api_key.created"]


async def _create(surface: Surface, name: str) -> Any:
    return await surface.call(lambda c: c.admin_api_keys.create(name=name))


async def test_pages_of_admin_keys(emulator: Emulator, surface: Surface) -> None:
    made = [await _create(surface, f"key {number}") for number in range(5)]
    ascending = await surface.items(lambda c: c.admin_api_keys.list(limit=2))
    descending = await surface.items(lambda c: c.admin_api_keys.list(limit=2, order="desc"))
    assert ids(ascending)[1:] == ids(made)
    assert ids(descending) == ids(ascending)[::-1]
    assert emulator.admin_key not in str([codec.to_dict(key) for key in ascending])


async def test_pages_can_be_walked_by_last_id(emulator: Emulator) -> None:
    """As cartography does, which knows no other cursor."""
    made = [emulator.store.issue_admin_key("k", emulator.store.first_owner()) for _ in range(5)]
    everything = [key["id"] for key in emulator.store.admin_api_keys]
    assert len(everything) == len(made) + 1
    seen: list[str] = []
    after: dict[str, str] = {}
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        while len(seen) <= len(everything):
            query = {"limit": 4, **after}
            answer = await client.request("GET", "/organization/admin_api_keys", query=query)
            seen += [key["id"] for key in answer["data"]]
            assert answer["first_id"] == answer["data"][0]["id"]
            if not answer["has_more"]:
                break
            after = {"after": answer["last_id"]}
    assert seen == everything


async def test_a_key_that_expires() -> None:
    now = NOW
    async with (
        Emulator(state="empty", now=lambda: now) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        made = await client.admin_api_keys.create(name="short", expires_in_seconds=60)
        assert made.expires_at is not None
        assert made.expires_at.timestamp() == NOW + 60
        async with AsyncOpenAIAdmin(made.value, base_url=emulator.base_url) as other:
            now += 59
            await other.projects.list()
            now += 1
            with pytest.raises(AuthenticationError):
                await other.projects.list()
        assert (await client.admin_api_keys.retrieve(made.id)).expires_at == made.expires_at


async def test_a_key_makes_none_that_may_do_more(emulator: Emulator) -> None:
    weak = emulator.add_key(scopes=["api.management.read", "api.management.write"])
    async with AsyncOpenAIAdmin(weak, base_url=emulator.base_url) as client:
        made = await client.admin_api_keys.create(name="no stronger")
    async with AsyncOpenAIAdmin(made.value, base_url=emulator.base_url) as client:
        await client.projects.list()
        with pytest.raises(PermissionDeniedError):
            await client.audit_logs.list()


async def test_a_read_only_key_makes_none(emulator: Emulator) -> None:
    keys = len(emulator.store.admin_api_keys)
    key = emulator.add_key(read_only=True)
    async with AsyncOpenAIAdmin(key, base_url=emulator.base_url) as client:
        await client.admin_api_keys.list()
        with pytest.raises(PermissionDeniedError):
            await client.admin_api_keys.create(name="no")
    assert len(emulator.store.admin_api_keys) == keys + 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"name": 1}, "name must be text"),
        ({"name": "key", "expires_in_seconds": 0}, "from 1 to 31536000"),
        ({"name": "key", "expires_in_seconds": 31_536_001}, "from 1 to 31536000"),
        ({"name": "key", "expires_in_seconds": None}, "whole number"),
        ({"name": "key", "expires_in_seconds": True}, "whole number"),
    ],
)
async def test_bad_arguments_are_not_sent(
    emulator: Emulator, arguments: dict[str, Any], message: str
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match=message):
            await client.admin_api_keys.create(**arguments)
        with pytest.raises(InvalidInputError, match="order must be"):
            await client.admin_api_keys.list(order="up")  # type: ignore[arg-type]
        for key_id in ("", ".", ".."):
            with pytest.raises(InvalidInputError, match="key_id must be an id"):
                await client.admin_api_keys.delete(key_id)
    assert not emulator.requests


async def test_what_only_the_api_can_judge_changes_nothing(emulator: Emulator) -> None:
    keys, events = len(emulator.store.admin_api_keys), len(emulator.store.audit_logs)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        for name in ("x" * 100_000, "a\nb", " "):
            with pytest.raises(BadRequestError, match="name"):
                await client.admin_api_keys.create(name=name)
        for key_id in ("key_none", "../users", "\0", "x" * 3000):
            with pytest.raises(NotFoundError):
                await client.admin_api_keys.delete(key_id)
    assert (len(emulator.store.admin_api_keys), len(emulator.store.audit_logs)) == (keys, events)
