"""``audit-logs search``: by names, around a moment, counted, and where parts are refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from tests.directory.acme import GROUPS, PROJECTS, USERS, page, refused
from tests.directory.api import API, EMPTY_PAGE, Said, serving

from .conftest import CLI, invoke

KEY = "sk-admin-canary0123456789abcdWXYZ"
LOG = "/organization/audit_logs"
NOW = int(datetime.now(UTC).timestamp())


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[API]:
    async with serving() as api:
        api.said[LOG] = page(logged("a"), logged("b", at=NOW - 60, id="user-bob"))
        api.said[USERS] = page({"id": "user-ada", "name": "Ada", "email": "ada@acme.example"})
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
        yield api


def logged(name: str, *, at: Any = NOW, actor: Any = None, **payload: Any) -> dict[str, Any]:
    """An event as the API lists it."""
    return {
        "id": f"audit_log-{name}",
        "type": "user.updated",
        "effective_at": at,
        "actor": actor,
        "user.updated": payload,
    }


def raw_events(demo: Emulator) -> list[dict[str, Any]]:
    """The log of the demo organization as it is stored, without the tenant's."""
    return [dict(event) for event in demo.store.audit_logs]


async def test_all_that_a_person_had_a_part_in_is_found(cli: CLI, demo: Emulator) -> None:
    user = next(u for u in demo.store.users if u["email"].startswith("zoe"))
    rows = (
        await cli("audit-logs", "search", "--person", "zoe", "--since", "2y", "--limit", "9999")
    ).json
    meant = {
        event["id"]
        for event in raw_events(demo)
        if not event["type"].startswith("tenant.") and user["id"] in json.dumps(event)
    }
    assert meant
    assert {row["id"] for row in rows} == meant
    assert len(rows) == len(meant)
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)


async def test_counts_by_type_are_those_of_the_log(cli: CLI, demo: Emulator) -> None:
    rows = (await cli("audit-logs", "search", "--by", "type", "--since", "3y")).json
    first = NOW - 3 * 365 * 86400
    counted = Counter(
        event["type"]
        for event in raw_events(demo)
        if not event["type"].startswith("tenant.") and event["effective_at"] >= first
    )
    assert {row["type"]: row["events"] for row in rows} == counted


async def test_ids_have_names_beside_them(cli: CLI) -> None:
    roles = await cli("audit-logs", "search", "--type", "role.assignment.created", "--since", "2y")
    assert {"Prompt editor", "Manager", "Deputy"} <= {row["target"] for row in roles.json}
    assert any("principal_id: Operations" in row["changes"] for row in roles.json)
    admin = await cli("audit-logs", "search", "--type", "api_key.*", "--since", "2y")
    assert "security-scan" in {row["target"] for row in admin.json}


async def test_around_a_moment(api: API) -> None:
    moment = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=1)
    found = await invoke(
        "audit-logs", "search", "--around", f"{moment:%Y-%m-%d %H:%M}", "--window", "2h"
    )
    assert found.code == 0, found.err
    (query,) = api.queries[LOG]
    seconds = int(moment.timestamp())
    assert query["effective_at[gte]"] == str(seconds - 3600)
    assert query["effective_at[lt]"] == str(seconds + 3600)


async def test_who_left_is_found_by_the_address_that_the_log_has(api: API) -> None:
    api.said[USERS] = Said(body=EMPTY_PAGE)
    found = await invoke("audit-logs", "search", "--person", "gone@acme.example")
    assert found.code == 0, found.err
    (query,) = api.queries[LOG]
    assert query["actor_emails[]"] == "gone@acme.example"


async def test_who_left_is_found_by_name_where_they_left_a_key(cli: CLI, demo: Emulator) -> None:
    assert demo.expected_findings is not None
    members = {user["name"] for user in demo.store.users}
    assert "Simone Laurent" not in members
    found = await cli("audit-logs", "search", "--person", "Simone Laurent", "--since", "2y")
    address = "simone.laurent@example.com"
    assert {"user.deleted", "login.succeeded"} <= {row["type"] for row in found.json}
    assert all(address in (row["actor"], row["target"]) for row in found.json)
    assert '"Simone Laurent".' in found.err


async def test_an_event_of_several_listings_is_there_once(api: API) -> None:
    found = await invoke("audit-logs", "search", "--person", "ada@acme.example", "--no-names")
    assert found.code == 0, found.err
    assert api.asked[LOG] == 3
    assert [row["id"] for row in json.loads(found.out)] == ["audit_log-a", "audit_log-b"]


async def test_nobody_of_that_name(api: API) -> None:
    found = await invoke("audit-logs", "search", "--person", "Adda")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("--person: nothing is called 'Adda'; did you mean 'Ada'?")
    assert not api.asked[LOG]


async def test_a_log_that_is_refused_is_not_empty(api: API) -> None:
    api.said[LOG] = refused(403, "Audit logging is not enabled.")
    found = await invoke("audit-logs", "search", "-f", "table")
    assert (found.code, found.out) == (1, "")
    assert "Not looked through: the audit log: the API answered 403" in found.err
    assert "Nothing was found" not in found.err


async def test_names_that_are_refused_cost_themselves(api: API) -> None:
    api.said[LOG] = page(logged("a", id="user-gone"))
    api.said[USERS] = api.said[PROJECTS] = api.said[GROUPS] = refused(403, "Not for you.")
    found = await invoke("audit-logs", "search")
    assert found.code == 0
    assert [row["target_id"] for row in json.loads(found.out)] == ["user-gone"]
    assert "Names of people are not known: 403: Not for you" in found.err
    assert (await invoke("audit-logs", "search", "--no-names")).err == ""


async def test_odd_events_are_told_in_their_place(api: API) -> None:
    api.said[LOG] = page(logged("a"), {"type": "user.updated", "no": "id"}, logged("b"))
    found = await invoke("audit-logs", "search", "--no-names")
    rows = json.loads(found.out)
    assert [row["id"] for row in rows] == ["audit_log-a", None, "audit_log-b"]
    assert rows[1]["event"] == {"type": "user.updated", "no": "id"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--window", "2h"], "--window needs --around"),
        (["--around", "2026-11-18 10:00", "--since", "7d"], "Pass --around, or --since and"),
        (["--around", "2026-11-18 10:00", "--window", "soon"], "--window: 'soon' must be a length"),
        (["--type", "projekt.archived"], "did you mean 'project.archived'"),
        (["--ip", "203.0.113"], "--ip must be an address or a network"),
        (["--by", "wo"], "--by must be 'actor'"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "--until must be after --since"),
        (["--columns", "who"], "there is no field 'who'"),
    ],
)
async def test_wrong_use_is_refused_before_anything_is_sent(
    api: API, arguments: list[str], said: str
) -> None:
    found = await invoke("audit-logs", "search", *arguments)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
    assert not api.asked
