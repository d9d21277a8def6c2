"""What the tests of people, groups and roles put straight into an emulator, and read from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from tests.conftest import Surface

HOSTILE_TEXTS = (
    "Ünïcødé 名前 اسم",
    "'; DROP TABLE users; --",
    "../../etc/passwd",
    '<b>&"quoted"\\</b>',
    "a?b#c%2F&d=e",
)
"""Texts that are allowed, and must come back as they were sent."""

HOSTILE_IDS = ("a/../b", "a b?c=d#e", "ünïcødé-名", "%2e%2e%2f", "x" * 2000, "new\nline\x00")
"""Ids that name nothing, and must not reach another path."""


def add_users(
    emulator: Emulator, count: int, *, role: str = "reader", prefix: str = "user"
) -> list[str]:
    """Put users into the organization, and return their ids, oldest first."""
    store = emulator.store
    return [
        store.users.add(
            {
                "object": "organization.user",
                "id": store.new_id("user"),
                "name": f"{prefix.title()} {number}",
                "email": f"{prefix}.{number}@example.com",
                "role": role,
                "added_at": store.now(),
            }
        )["id"]
        for number in range(count)
    ]


def add_project(emulator: Emulator, name: str = "Default project", *users: str) -> str:
    """Put a project with these members into the organization, and return its id."""
    store = emulator.store
    project = store.projects.add(
        {
            "object": "organization.project",
            "id": store.new_id("project"),
            "name": name,
            "created_at": store.now(),
            "archived_at": None,
            "status": "active",
            "residency": "GLOBAL",
            "external_key_id": None,
        }
    )
    for user_id in users:
        user = store.users.get(user_id)
        member = {k: user[k] for k in ("id", "name", "email", "added_at")}
        store.project_users[project["id"]].add(
            {"object": "organization.project.user", "role": "member", **member}
        )
    return str(project["id"])


def owner_id(emulator: Emulator) -> str:
    """The id of the owner whom an empty organization has."""
    return str(emulator.store.first_owner()["id"])


def payloads(emulator: Emulator, event_type: str) -> list[dict[str, Any]]:
    """The payloads of the audit log's events of one type, oldest first."""
    return [e[event_type] for e in emulator.store.audit_logs if e["type"] == event_type]


async def told(surface: Surface) -> list[str]:
    """The types of all events in the audit log, oldest first, as the client lists them."""
    events = await surface.items(lambda c: c.audit_logs.list(limit=100))
    return [event.type for event in reversed(events)]


def ids(items: Sequence[Any]) -> list[str]:
    """The ids of some items."""
    return [item.id for item in items]


async def refused_unsent(emulator: Emulator, *calls: Callable[[AsyncOpenAIAdmin], Any]) -> None:
    """Check that our client rejects each call by itself, in a sentence, and sends nothing."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        for number, call in enumerate(calls):
            with pytest.raises(InvalidInputError) as caught:
                await call(client)
            text = str(caught.value)
            ending = "?" if "; did you mean " in text else "."
            assert text.endswith(ending), f"call {number}: {text}"
    assert not emulator.requests


async def add_role(surface: Surface, name: str, project_id: str | None = None) -> str:
    """Create a role of the organization, or of a project, and return its id."""
    permissions = ["api.usage.read"]
    if project_id is None:
        role = await surface.call(lambda c: c.roles.create(role_name=name, permissions=permissions))
    else:
        role = await surface.call(
            lambda c: c.projects.roles.create(project_id, role_name=name, permissions=permissions)
        )
    return str(role.id)


async def add_group(surface: Surface, name: str, *user_ids: str) -> str:
    """Create a group with these users, and return its id."""
    group_id = str((await surface.call(lambda c: c.groups.create(name=name))).id)

    async def add(user_id: str) -> None:
        await surface.call(lambda c: c.groups.users.create(group_id, user_id=user_id))

    for user_id in user_ids:
        await add(user_id)
    return group_id


async def each_is(
    surface: Surface, error: type[Exception], *calls: Callable[[Any], Any], match: str | None = None
) -> None:
    """Check that each of these calls (no listings) fails with this error."""
    for call in calls:
        with pytest.raises(error, match=match):
            await surface.call(call)
