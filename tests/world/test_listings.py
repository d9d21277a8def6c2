"""Odd items and pages on every surface: all that can be read is there, and the rest is told.

``pytest -s tests/world/test_listings.py`` prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Odd
from tests.emulator.faults.raw_client import read
from tests.world.surfaces import SURFACES, Asked, at, listed
from tests.world.table import Table

Reading = Callable[[Any], dict[str, Any]]
"""What is read of the odd item, given the item as it would have come."""

USERS = Asked("users.list", ("id", "name", "email", "role", "added_at"), exported="users")
PROJECTS = Asked("projects.list", ("id", "name", "created_at"), exported="projects")
INVITES = Asked("invites.list", ("id", "email", "status", "created_at"), exported="invites")
ADMIN_KEYS = Asked(
    "admin_api_keys.list",
    ("id", "name", "redacted_value", "owner.id", "owner.name"),
    exported="admin_api_keys",
)
KEYS = Asked("projects.api_keys.list", ("id", "name", "owner.type"), exported="project_api_keys")
LOGS = Asked("audit_logs.list", ("id", "type", "effective_at"), exported="audit_logs")


def _nothing(was: Any) -> dict[str, Any]:
    return {}


def _null(*names: str) -> Reading:
    return lambda was: dict.fromkeys(names)


def _bot(was: Any) -> dict[str, Any]:
    return {"owner.id": "svc_acct_odd", "owner.name": "bot"}


def _of_type(type: str) -> Reading:
    return lambda was: {"type": type}


READ: list[tuple[Asked, str, Reading]] = [
    (INVITES, "item_id_number", lambda was: {"id": "7"}),
    (USERS, "nested", lambda was: {"added_at": was["created"]}),
    (USERS, "flat", _nothing),
    (USERS, "user_nulls", _null("name", "email", "role", "added_at")),
    (USERS, "user_absent", _null("name", "email", "role")),
    (PROJECTS, "title", _nothing),
    (INVITES, "invited_at", _nothing),
    (INVITES, "email_null", _null("email")),
    (INVITES, "email_absent", _null("email")),
    (INVITES, "invite_nulls", _nothing),
    (ADMIN_KEYS, "owner_null", _null("owner.id", "owner.name")),
    (ADMIN_KEYS, "owner_absent", _null("owner.id", "owner.name")),
    (ADMIN_KEYS, "owner_nested", _nothing),
    (ADMIN_KEYS, "owner_user_null", _null("owner.id", "owner.name")),
    (ADMIN_KEYS, "owner_user_id_null", lambda was: {"owner.id": None, "owner.name": "Gone"}),
    (ADMIN_KEYS, "last_used_at_absent", _nothing),
    (ADMIN_KEYS, "created_at_absent", _nothing),
    (ADMIN_KEYS, "key_name_null", _null("name")),
    (
        ADMIN_KEYS,
        "project_key",
        lambda was: {**_bot(was), "redacted_value": "sk-svcacct-...abcd"},
    ),
    (ADMIN_KEYS, "owner_service_account", _bot),
    (KEYS, "owner_null", _null("owner.type")),
    (KEYS, "owner_absent", _null("owner.type")),
    (KEYS, "owner_flat", _nothing),
    (KEYS, "owner_user_null", lambda was: {"owner.type": "user"}),
    (KEYS, "owner_user_id_null", lambda was: {"owner.type": "user"}),
    (KEYS, "last_used_at_absent", _nothing),
    (KEYS, "created_at_absent", _nothing),
    (KEYS, "key_name_null", _null("name")),
    (LOGS, "payload_list", _nothing),
    (LOGS, "payload_text", _nothing),
    (LOGS, "payload_null", _nothing),
    (LOGS, "payload_absent", _of_type("login.succeeded")),
    (LOGS, "payload_underscored", _nothing),
    (LOGS, "scopes_text", _of_type("api_key.created")),
    (LOGS, "allowed_ips_text", _of_type("ip_allowlist.updated")),
    (LOGS, "logging_ids_list", _of_type("organization.updated")),
    (LOGS, "settings_nested", _of_type("organization.updated")),
    (LOGS, "actor_null", _nothing),
    (LOGS, "actor_text", _nothing),
    (LOGS, "session_details", _nothing),
    (LOGS, "decimal_time", _nothing),
    (LOGS, "unknown_type", _of_type("dummy.event_type")),
]
"""Odd items that are read: each with what differs from the item as it would have come."""

UNREADABLE: list[tuple[Asked, str]] = [
    (asked, name)
    for asked in (USERS, INVITES, ADMIN_KEYS, KEYS, LOGS)
    for name in (
        "item_without_id",
        "item_id_null",
        "item_text",
        "item_null",
        "item_list",
    )
]
"""Items without an identity: they are told, and cost nothing else."""

PAGES: list[tuple[Asked, str, dict[str, Any], bool]] = [
    (USERS, "data_null", {"only": (2,)}, False),
    (USERS, "has_more_absent", {}, True),
    (USERS, "cursor_opaque", {}, True),
    (USERS, "cursor_empty", {}, True),
    (USERS, "cursor_absent", {}, True),
    (INVITES, "data_null", {}, False),
    (INVITES, "has_more_absent", {}, True),
    (ADMIN_KEYS, "has_more_absent", {}, True),
    (LOGS, "has_more_absent", {}, True),
]
"""Odd pages: each with when it comes, and whether nothing at all is lost."""


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[Table]:
    """How each case went; printed at the end."""
    made = Table("odd items and pages", SURFACES)
    yield made
    made.print()


def _on_each(cases: list[Any]) -> list[Any]:
    """Each case on each surface that has it."""
    return [
        pytest.param(surface, *case, id=f"{case[0].operation}:{case[1]}:{surface}")
        for case in cases
        for surface in SURFACES
    ]


def _asked(org: Emulator, asked: Asked, surface: str) -> Asked:
    """A listing in this organization: of its busiest project, or of its latest events."""
    limit = 10 if surface == "mcp" else 100  # more would not fit into an answer to a model
    if asked is LOGS:
        since = org.store.now() - 129_600  # a day and a half
        if surface == "export":  # which is of whole days
            since = org.store.now() // 86_400 * 86_400 - 2 * 86_400
        return attrs.evolve(
            asked,
            arguments={"effective_at": {"gte": since}, "limit": limit},
            where=lambda row: row["effective_at"].timestamp() >= since,
        )
    if asked is KEYS:
        keys = org.store.project_api_keys
        project_id = max(keys, key=lambda project_id: len(keys[project_id]))
        return attrs.evolve(
            asked,
            arguments={"project_id": project_id, "limit": limit},
            where=lambda row: row["project_id"] == project_id,
        )
    if asked is PROJECTS:
        return attrs.evolve(asked, arguments={"include_archived": True, "limit": limit})
    return attrs.evolve(asked, arguments={"limit": limit})


async def _due(org: Emulator, asked: Asked) -> list[Any]:
    """The items of a listing as they come without a fault, by the socket."""
    path = {
        USERS.operation: "users",
        PROJECTS.operation: "projects",
        INVITES.operation: "invites",
        ADMIN_KEYS.operation: "admin_api_keys",
        KEYS.operation: f"projects/{asked.arguments.get('project_id')}/api_keys",
        LOGS.operation: "audit_logs",
    }[asked.operation]
    query = "limit=100"
    if asked.operation == PROJECTS.operation:
        query += "&include_archived=true"
    if asked.operation == LOGS.operation:
        query += f"&effective_at[gte]={asked.arguments['effective_at']['gte']}"
    items: list[Any] = []
    more, after = True, ""
    while more:
        page = (await read(org, f"/organization/{path}?{query}{after}")).json
        items += page["data"]
        more, after = page["has_more"], f"&after={items[-1]['id']}"
    return items


def _as_read(asked: Asked, item: Any) -> dict[str, Any]:
    """What is read of an item as it would have come."""
    return {field: at(item, field) for field in asked.fields}


def _in_order(surface: str, ids: list[str]) -> list[str]:
    """Ids in the order in which a surface gives them: a dataset has one of its own."""
    return sorted(ids) if surface == "export" else ids


def _pages(surface: str, asked: Asked, name: str, due: list[Any]) -> list[list[Any]]:
    """The pages that a surface reads of a listing whose second items are odd.

    Where an event is not even an object, it has no time: a dataset knows its day where its
    neighbours are of one day, and asks for each day by itself elsewhere.
    """
    limit = asked.arguments["limit"]
    pages = [due[start : start + limit] for start in range(0, len(due), limit)]
    is_timeless = name in ("item_text", "item_null", "item_list")
    if surface == "export" and asked.operation == LOGS.operation and is_timeless:
        by_day = [list(day) for _, day in groupby(due, _day)]
        if any(_day(page[0]) != _day(page[2]) for page in pages if len(page) > 2):
            return by_day
    return pages


def _day(event: Any) -> int:
    return int(event["effective_at"]) // 86_400


def _id(item: Any) -> str:
    return str(item["id"])


@pytest.mark.parametrize(("surface", "asked", "name", "reading"), _on_each(READ))
async def test_an_odd_item_is_read(
    org: Emulator,
    table: Table,
    tmp_path: Path,
    surface: str,
    asked: Asked,
    name: str,
    reading: Reading,
) -> None:
    with table.tried(f"{asked.operation}:{name}", surface):
        asked = _asked(org, asked, surface)
        due = await _due(org, asked)
        org.faults.add(Odd(match=asked.operation, names=(name,), items=(2,)))
        seen = await listed(surface, org, asked, tmp_path)
        assert seen.unreadable == 0
        expected = [_as_read(asked, item) for item in due]
        for number in range(
            1, len(due), asked.arguments["limit"]
        ):  # the second item of each page is odd
            expected[number] |= reading(due[number])
        assert sorted(seen.items, key=_id) == sorted(expected, key=_id)


@pytest.mark.parametrize(("surface", "asked", "name"), _on_each(UNREADABLE))
async def test_an_item_without_an_identity_is_told(
    org: Emulator, table: Table, tmp_path: Path, surface: str, asked: Asked, name: str
) -> None:
    with table.tried(f"{asked.operation}:{name}", surface):
        asked = _asked(org, asked, surface)
        due = await _due(org, asked)
        org.faults.add(Odd(match=asked.operation, names=(name,), items=(2,)))
        seen = await listed(surface, org, asked, tmp_path)
        lost = {item["id"] for page in _pages(surface, asked, name, due) for item in page[1:2]}
        assert _in_order(surface, [item["id"] for item in seen.items]) == _in_order(
            surface, [item["id"] for item in due if item["id"] not in lost]
        )
        if surface == "export" and asked.operation == KEYS.operation:
            assert seen.unreadable >= len(lost)  # it lists the keys of every project
            return
        assert seen.unreadable == len(lost)
        odd = {"item_text": "odd", "item_null": None}
        if name in odd:
            assert seen.raw == [odd[name]] * len(lost)
        else:
            assert len(seen.raw) == len(lost)


@pytest.mark.parametrize(("surface", "asked", "name", "schedule", "whole"), _on_each(PAGES))
async def test_an_odd_page_is_no_end(
    org: Emulator,
    table: Table,
    tmp_path: Path,
    surface: str,
    asked: Asked,
    name: str,
    schedule: dict[str, Any],
    whole: bool,
) -> None:
    with table.tried(f"{asked.operation}:{name}", surface):
        asked = _asked(org, asked, surface)
        due = [item["id"] for item in await _due(org, asked)]
        org.faults.add(Odd(match=asked.operation, names=(name,), **schedule))
        seen = [item["id"] for item in (await listed(surface, org, asked, tmp_path)).items]
        size = asked.arguments["limit"]
        expected = (due if whole else due[:size] + due[2 * size :]) if whole or schedule else []
        assert _in_order(surface, seen) == _in_order(surface, expected)
