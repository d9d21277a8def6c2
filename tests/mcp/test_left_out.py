"""What an answer leaves out is counted, and how to reach it is said."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings, ToolSelection
from openai_admin.resources.audit_logs.event_types import is_tenant_scoped
from tests.mcp.serving import call, connections_to, http_client, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

BURST = 5  # events of one second


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, Settings(choice=ToolSelection(toolsets=["assistant"]))) as url,
    ):
        log = emulator.store.audit_logs
        event = next(each for each in [*log] if each["type"] == "project.updated")
        for number in range(BURST):
            log.add({**copy.deepcopy(event), "id": f"audit_log-burst{number}"})
        yield emulator, url


async def asked(shared: tuple[Emulator, str], question: str, **arguments: Any) -> dict[str, Any]:
    async with http_client(shared[1]) as client:
        return await call(client, question, **arguments)


@pytest.mark.parametrize(("limit", "types"), [(1, ["project.updated"]), (100, None)])
async def test_all_events_are_reached_and_none_comes_twice(
    limit: int, types: list[str] | None, shared: tuple[Emulator, str]
) -> None:
    since = shared[0].store.now() - 89 * 86_400
    wanted = {
        each["id"]
        for each in shared[0].store.audit_logs
        if each["effective_at"] >= since and (types is None or each["type"] in types)
        if not is_tenant_scoped(each["type"])  # which are listed apart
    }
    assert len(wanted) > limit
    period: str | None = f"{since}.."
    found: list[str] = []
    while period is not None and len(found) <= len(wanted):
        answer = await asked(
            shared, "audit_search", types=types, period=period, limit=limit, detail="detailed"
        )
        found += [event["id"] for event in answer["events"]]
        period = answer.get("older")
    assert len(found) == len({*found})
    assert {*found} == wanted


async def test_what_makes_an_answer_too_long_is_before_the_period_to_go_on_with(
    shared: tuple[Emulator, str],
) -> None:
    answer = await asked(
        shared, "audit_search", period="last 90 days", limit=1000, detail="detailed"
    )
    assert answer["older"].startswith(answer["since"])
    last = answer["events"][-1]
    assert answer["older"].endswith(f" after {last['id']}")
    assert not [note for note in answer["notes"] if "too long" in note]


async def test_rows_that_no_limit_shows_are_counted_with_how_to_see_them(
    shared: tuple[Emulator, str],
) -> None:
    found = await asked(shared, "who_can", permission="*", detail="detailed", limit=1000)
    (note,) = (each for each in found["notes"] if "left out" in each)
    assert note.endswith("more rows left out: name a project, or ask for somebody alone.")
    found = await asked(shared, "find", text="@example.com", limit=1)
    (note,) = (each for each in found["notes"] if "left out" in each)
    assert note == f"{found['count'] - 1} more things left out: a larger limit shows more."
    found = await asked(shared, "find", text="@example.com", limit=1000, detail="detailed")
    assert len(found["things"]) == found["count"]
