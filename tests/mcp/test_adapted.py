"""Usage tools where the API refuses the query: what they answer instead, and what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Grouping, Lookback, TooWide
from openai_admin.mcp.texts import quoted
from tests.mcp.serving import call, connections_to, failed, http_client, listening, texts

DAY = 86_400
TOOL = "openai_admin_usage_completions"


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    async with (
        Emulator() as emulator,
        connections_to(emulator, max_retries=0) as connections,
        listening(connections) as url,
    ):
        yield emulator, url


@pytest.fixture
def api(shared: tuple[Emulator, str]) -> Iterator[tuple[Emulator, str]]:
    """The organization, without any fault before and after, and the address of the server."""
    yield shared
    shared[0].faults.clear()


def unix(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp())


async def walked(url: str, **query: Any) -> tuple[list[int], list[str]]:
    """When the buckets of all pages begin, and how each page says that its query was changed."""
    starts: list[int] = []
    told: list[str] = []
    page: dict[str, Any] = {}
    async with http_client(url) as client:
        while page.get("has_more", True):
            more = {"page": page["next_page"]} if page else {}
            result = await client.call_tool(TOOL, {**query, **more})
            assert not result.is_error, texts(result)
            page = result.structured_content
            starts += [*map(unix, (bucket["start_time"] for bucket in page["data"]))]
            told += page.get("adapted", [])
            assert all(quoted(s, most=len(s)) in texts(result) for s in page.get("adapted", []))
    return starts, told


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("vague", [False, True])
async def test_a_range_begins_at_the_first_day_that_answers(
    vague: bool, api: tuple[Emulator, str]
) -> None:
    emulator, url = api
    today = emulator.store.now() // DAY * DAY
    emulator.faults.add(Lookback(match="usage.*", days=20, vague=vague))
    starts, told = await walked(url, start_time=today - 60 * DAY)
    assert starts == list(range(today - 20 * DAY, today + DAY, DAY))
    assert len(told) == 1
    assert told[0].startswith("Completions start on ")


@pytest.mark.asyncio(loop_scope="module")
async def test_where_nothing_is_answered_the_first_day_that_is_is_said(
    api: tuple[Emulator, str],
) -> None:
    emulator, url = api
    today = emulator.store.now() // DAY * DAY
    emulator.faults.add(Lookback(match="usage.*", days=20, vague=True))
    query = {"start_time": today - 60 * DAY, "end_time": today - 50 * DAY}
    async with http_client(url) as client:
        words = await failed(client, "usage_completions", **query)
    first = datetime.fromtimestamp(today - 20 * DAY, UTC).date()
    assert words.startswith("400: Too far back (")
    assert f"The API gives nothing before {first}: begin there." in words


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("tool", ["usage_completions", "usage_costs"])
async def test_what_was_before_the_first_day_is_said_not_to_be_known(
    tool: str, api: tuple[Emulator, str]
) -> None:
    emulator, url = api
    today = emulator.store.now() // DAY * DAY
    emulator.faults.add(Lookback(match="usage.*", days=20))
    first = datetime.fromtimestamp(today - 20 * DAY, UTC).date()
    note = f"The API gives nothing before {first}: what was then is not known."
    async with http_client(url) as client:
        page = await call(client, tool, start_time=today - 60 * DAY, limit=3)
        assert note in page["notes"]
        page = await call(client, tool, start_time=today - 60 * DAY, page=page["next_page"])
        assert note not in page["notes"]
        page = await call(client, tool, start_time=today - 10 * DAY)
        assert note not in page["notes"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_refused_field_is_left_out_of_each_page(api: tuple[Emulator, str]) -> None:
    emulator, url = api
    today = emulator.store.now() // DAY * DAY
    emulator.faults.add(Grouping(match="usage.*", fields=("user_id",)))
    query = {"start_time": today - 9 * DAY, "group_by": ["project_id", "user_id"], "limit": 5}
    starts, told = await walked(url, **query)
    assert sorted(set(starts)) == list(range(today - 9 * DAY, today + DAY, DAY))
    assert len(set(told)) == 1
    assert told[0].startswith("Completions are not grouped by user_id: ")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_page_that_is_too_wide_is_fetched_in_parts(api: tuple[Emulator, str]) -> None:
    emulator, url = api
    today = emulator.store.now() // DAY * DAY
    emulator.faults.add(TooWide(match="usage.*", window=10.0 * DAY))
    starts, told = await walked(url, start_time=today - 60 * DAY, end_time=today, limit=31)
    assert starts == list(range(today - 60 * DAY, today, DAY))
    assert len(told) == 1
    assert "narrower windows" in told[0]


@pytest.mark.asyncio(loop_scope="module")
async def test_costs_of_parts_of_days_are_said_to_be_of_whole_ones(
    api: tuple[Emulator, str],
) -> None:
    emulator, url = api
    today = emulator.store.now() // DAY * DAY
    start, end = today - 9 * DAY, today - 7 * DAY
    async with http_client(url) as client:
        for query, days in (
            ({"start_time": start, "end_time": end}, 2),
            ({"start_time": start + 4 * 3600, "end_time": end + 4 * 3600}, 3),
        ):
            result = await client.call_tool("openai_admin_usage_costs", query)
            page = result.structured_content
            assert len(page["data"]) == days
            notes = [note for note in page["notes"] if note.startswith("Costs come by whole days.")]
            assert len(notes) == days - 2
            assert all(note in texts(result) for note in notes)
