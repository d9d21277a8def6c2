"""Roles of the organization."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    HOSTILE_TEXTS,
    add_role,
    add_users,
    each_is,
    ids,
    payloads,
    refused_unsent,
    told,
)

PREDEFINED = ["role-api-organization-owner", "role-api-organization-reader"]


async def test_a_reader_does_not_see_usage(surface: Surface) -> None:
    may = {r.id: r.permissions for r in await surface.items(lambda c: c.roles.list())}
    owner, reader = (may[id] for id in PREDEFINED)
    assert "api.usage.read" in owner
    assert "api.usage.read" not in reader
    assert set(reader) < set(owner)


async def test_the_life_of_a_role(emulator: Emulator, surface: Surface) -> None:
    role = await surface.call(
        lambda c: c.roles.create(
            role_name="Auditor",
            permissions=["api.audit_logs.read", "api.usage.read"],
            description="Looks, and touches nothing.",
        )
    )
    assert role.name == "Auditor"
    assert role.permissions == ["api.audit_logs.read", "api.usage.read"]
    assert (role.predefined_role, role.resource_type) == (False, "api.organization")
    others = [await add_role(surface, name) for name in ("One", "Two", "Three")]

    made = [*PREDEFINED, role.id, *others]
    assert ids(await surface.items(lambda c: c.roles.list(limit=2))) == made
    assert ids(await surface.items(lambda c: c.roles.list(order="desc", limit=4))) == made[::-1]
    assert ids(await surface.items(lambda c: c.roles.list(after=role.id))) == others
    assert (await surface.call(lambda c: c.roles.retrieve(role.id))).description == (
        "Looks, and touches nothing."
    )

    changed = await surface.call(
        lambda c: c.roles.update(
            role.id,
            role_name="Cost auditor",
            permissions=["api.usage.read", "api.costs.read"],
            description=None,
        )
    )
    assert changed.id == role.id
    assert (changed.name, changed.description) == ("Cost auditor", None)
    assert changed.permissions == ["api.usage.read", "api.costs.read"]
    assert (await surface.call(lambda c: c.roles.retrieve(role.id))).name == "Cost auditor"

    answer = await surface.call(lambda c: c.roles.delete(role.id))
    assert (answer.id, answer.deleted, answer.object) == (role.id, True, "role.deleted")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.roles.retrieve(role.id))
    assert ids(await surface.items(lambda c: c.roles.list())) == [*PREDEFINED, *others]

    assert await told(surface) == ["role.created"] * 4 + ["role.updated", "role.deleted"]
    (update,) = payloads(emulator, "role.updated")
    assert update == {
        "id": role.id,
        "changes_requested": {
            "role_name": "Cost auditor",
            "description": None,
            "permissions_added": ["api.costs.read"],
            "permissions_removed": ["api.audit_logs.read"],
            "resource_id": emulator.store.organization["id"],
            "resource_type": "api.organization",
        },
    }


async def test_predefined_roles_stay_as_they_are(surface: Surface) -> None:
    before = await surface.items(lambda c: c.roles.list())
    assert [r.name for r in before] == ["owner", "reader"]
    assert all(r.predefined_role for r in before)
    await each_is(
        surface,
        surface.errors.BadRequestError,
        lambda c: c.roles.update(PREDEFINED[0], role_name="mine"),
        lambda c: c.roles.update(PREDEFINED[1], permissions=[]),
        lambda c: c.roles.delete(PREDEFINED[0]),
        lambda c: c.roles.delete(PREDEFINED[1]),
        match="predefined",
    )
    assert await surface.items(lambda c: c.roles.list()) == before
    assert await told(surface) == []


async def test_a_deleted_role_is_taken_from_everybody(emulator: Emulator, surface: Surface) -> None:
    (user_id,) = add_users(emulator, 1)
    group = await surface.call(lambda c: c.groups.create(name="Team"))
    role = await surface.call(lambda c: c.roles.create(role_name="A", permissions=["api.x.read"]))
    await surface.call(lambda c: c.users.roles.create(user_id, role_id=role.id))
    await surface.call(lambda c: c.groups.roles.create(group.id, role_id=role.id))
    await surface.call(lambda c: c.roles.delete(role.id))
    assert ids(await surface.items(lambda c: c.users.roles.list(user_id))) == PREDEFINED[1:]
    assert await surface.items(lambda c: c.groups.roles.list(group.id)) == []


async def test_names_are_unique(surface: Surface) -> None:
    first = await surface.call(lambda c: c.roles.create(role_name="A", permissions=["api.x.read"]))
    second = await surface.call(lambda c: c.roles.create(role_name="B", permissions=["api.x.read"]))
    await each_is(
        surface,
        surface.errors.ConflictError,
        lambda c: c.roles.create(role_name="A", permissions=[]),
        lambda c: c.roles.create(role_name="owner", permissions=[]),
        lambda c: c.roles.update(second.id, role_name="A", permissions=["api.y.read"]),
    )
    kept = await surface.call(lambda c: c.roles.retrieve(second.id))
    assert (kept.name, kept.permissions) == ("B", ["api.x.read"])
    same = await surface.call(lambda c: c.roles.update(first.id, role_name="A"))
    assert same.name == "A"


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
async def test_texts_come_back_as_sent(surface: Surface, text: str) -> None:
    role = await surface.call(
        lambda c: c.roles.create(role_name=text, permissions=[], description=text)
    )
    assert (role.name, role.description) == (text, text)
    assert (await surface.call(lambda c: c.roles.retrieve(role.id))).name == text


@pytest.mark.parametrize(
    "arguments",
    [
        {"role_name": "n" * 100_000},
        {"role_name": "   "},
        {"role_name": "a\x00b"},
        {"permissions": ["everything"]},
        {"permissions": ["api.usage.read", "api usage read"]},
        {"permissions": ["api.usage.read\n"]},
        {"permissions": ["../api.usage.read"]},
    ],
)
async def test_what_the_api_refuses(
    emulator: Emulator, surface: Surface, arguments: dict[str, Any]
) -> None:
    kept = await surface.call(lambda c: c.roles.create(role_name="A", permissions=["api.x.read"]))
    before = len(emulator.store.audit_logs)
    sent = {"role_name": "B", "permissions": ["api.x.write"], **arguments}
    with pytest.raises(surface.errors.BadRequestError):
        await surface.call(lambda c: c.roles.create(**sent))
    with pytest.raises(surface.errors.BadRequestError):
        await surface.call(lambda c: c.roles.update(kept.id, **sent))
    assert [r["name"] for r in emulator.store.roles] == ["owner", "reader", "A"]
    assert emulator.store.roles.get(kept.id)["permissions"] == ["api.x.read"]
    assert len(emulator.store.audit_logs) == before


@pytest.mark.parametrize("role_id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, role_id: str) -> None:
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.roles.retrieve(role_id),
        lambda c: c.roles.update(role_id, role_name="B"),
        lambda c: c.roles.delete(role_id),
    )


async def test_an_unknown_cursor(surface: Surface) -> None:
    with pytest.raises(surface.errors.BadRequestError, match="after"):
        await surface.items(lambda c: c.roles.list(after="role_none"))


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        lambda c: c.roles.create(role_name="", permissions=[]),
        lambda c: c.roles.create(role_name="A", permissions="api.x.read"),
        lambda c: c.roles.create(role_name="A", permissions=[""]),
        lambda c: c.roles.create(role_name="A", permissions=[3]),  # type: ignore[list-item]
        lambda c: c.roles.create(role_name="A", permissions=[], description=3),  # type: ignore[arg-type]
        lambda c: c.roles.update("role_a", role_name=""),
        lambda c: c.roles.list(limit=1001),
        lambda c: c.roles.list(limit=-1),
        lambda c: c.roles.list(order="up"),  # type: ignore[arg-type]
        lambda c: c.roles.retrieve(".."),
        lambda c: c.roles.delete(""),
    )
