"""How many requests arrive at the server, and which."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.resources.usage import BucketWidth
from openai_admin.usage.endpoints import endpoints
from openai_admin.usage.queries import UsageQueries
from tests.served import KEY
from tests.usage.server import PageServer
from tests.usage.times import DAY, HOUR, MINUTE, NOW, STEPS, TODAY, touched

MOST = {"1d": 31, "1h": 168, "1m": 1440}  # buckets on a page, as the API's descriptions say
MOST_COSTS = 180

RANGES = {
    "1d": [(TODAY - 93 * DAY, TODAY), (TODAY - 94 * DAY + 7, TODAY - DAY + HOUR)],
    "1h": [(TODAY - 14 * DAY, TODAY), (TODAY - 21 * DAY + 61, TODAY - 5)],
    "1m": [(TODAY - 2 * DAY, TODAY), (TODAY - 2 * DAY - 1, TODAY + 59)],
}
CASES = [(width, *times) for width, ranges in RANGES.items() for times in ranges]


def expected(endpoint: str, width: str, start: int, end: int) -> int:
    """Requests at the least."""
    most = MOST_COSTS if endpoint == "costs" else MOST[width]
    return -(-len(touched(start, end, STEPS[width])) // most)


@pytest.mark.parametrize(("width", "start", "end"), CASES)
async def test_one_endpoint_takes_the_fewest_requests(
    demo: Emulator, client: AsyncOpenAIAdmin, width: BucketWidth, start: int, end: int
) -> None:
    stream = client.usage.stream(
        "completions",
        start_time=start,
        end_time=end,
        bucket_width=width,
    )
    buckets = [bucket async for bucket in stream]
    assert len(demo.requests) == expected("completions", width, start, end)
    assert [b.start_time.timestamp() for b in buckets] == [
        max(b, start) for b in touched(start, end, STEPS[width])
    ]


@pytest.mark.parametrize(("width", "start", "end"), CASES)
async def test_all_endpoints_take_the_fewest_requests(
    demo: Emulator, client: AsyncOpenAIAdmin, width: BucketWidth, start: int, end: int
) -> None:
    await client.usage.collect(
        "all",
        start_time=start,
        end_time=end,
        bucket_width=width,
        whole_days=width == "1d",  # of which costs are
    )
    asked = Counter(request.operation.removeprefix("usage.") for request in demo.requests)
    meant = [name for name in endpoints() if name != "costs" or width == "1d"]
    assert len(meant) == (12 if width == "1d" else 11)
    assert asked == {name: expected(name, width, start, end) for name in meant}


async def test_costs_come_in_larger_pages(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    start = TODAY - 360 * DAY
    days = [b async for b in client.usage.stream("costs", start_time=start, end_time=TODAY)]
    assert len(demo.requests) == 2
    assert [d.start_time.timestamp() for d in days] == touched(start, TODAY, DAY)


async def test_nothing_is_asked_about_the_future(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    usage = client.usage
    ends = [NOW + 90 * DAY, None]
    for end in ends:
        demo.requests.clear()
        days = [b async for b in usage.stream("images", start_time=TODAY - DAY, end_time=end)]
        assert len(demo.requests) == 1
        assert len(days) == 2
    demo.requests.clear()
    for end in ends:
        table = await usage.collect("all", start_time=NOW + DAY, end_time=end)
        assert len(table) == 0
        assert [b async for b in usage.stream("images", start_time=NOW + DAY, end_time=end)] == []
    assert not demo.requests


async def test_an_empty_range_asks_for_nothing(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    table = await client.usage.collect("all", start_time=TODAY, end_time=TODAY)
    assert len(table) == 0
    assert table["endpoint"] == []
    assert not demo.requests


@pytest.mark.parametrize(
    ("off", "answered"),
    [(-20 * DAY, True), (20 * DAY, True), (-20 * DAY, False)]
    + [(off, answered) for off in (-600, 0, 600) for answered in (False, True)],
)
async def test_now_is_the_servers_however_wrong_the_local_clock_is(
    demo: Emulator,
    client: AsyncOpenAIAdmin,
    monkeypatch: pytest.MonkeyPatch,
    off: int,
    answered: bool,
) -> None:
    monkeypatch.setattr(UsageQueries, "_clock", staticmethod(lambda: float(NOW + off)))
    if answered:
        await client.projects.list(limit=1)
        demo.requests.clear()
    days = [b async for b in client.usage.stream("images", start_time=NOW - 21 * DAY)]
    assert days[0].start_time.timestamp() == NOW - 21 * DAY
    assert days[-1].end_time.timestamp() == pytest.approx(NOW, abs=60)
    assert len(days) == 22
    assert len(demo.requests) == 1
    table = await client.usage.collect("images", start_time=NOW - 21 * DAY)
    assert max(table["start_time"]).timestamp() == TODAY


@pytest.mark.parametrize("endpoint", ["costs", "completions"])
@pytest.mark.parametrize("days", [5, 90])
async def test_endless_empty_pages_end(
    server: PageServer, reader: AsyncOpenAIAdmin, endpoint: Any, days: int
) -> None:
    server.endless = True
    start = TODAY - days * DAY
    table = await reader.usage.collect(endpoint, start_time=start, end_time=TODAY)
    windows = 1 if endpoint == "costs" else -(-days // 31)
    assert len(server.queries) == 4 * windows
    assert len(set(table["start_time"])) == days
    server.queries.clear()
    method = getattr(reader.usage, endpoint)
    buckets = [b async for b in method(start_time=start, end_time=TODAY, limit=31)]
    assert len(buckets) == days
    assert len(server.queries) == -(-days // 31) + 3

    def blocking() -> int:
        with OpenAIAdmin(KEY, base_url=server.base_url) as client:
            listed = getattr(client.usage, endpoint)(start_time=start, end_time=TODAY, limit=31)
            return len(list(listed))

    server.queries.clear()
    assert await asyncio.to_thread(blocking) == days
    assert len(server.queries) == -(-days // 31) + 3


@pytest.mark.parametrize("empty_first", [False, True])
@pytest.mark.parametrize("cap", [1, 7, 24, 1000])
async def test_a_window_that_has_more_is_followed_to_its_end(
    server: PageServer, reader: AsyncOpenAIAdmin, cap: int, empty_first: bool
) -> None:
    server.cap, server.empty_first = cap, empty_first
    start, end = TODAY - 10 * DAY + MINUTE, TODAY - HOUR - 1
    stream = reader.usage.stream("completions", start_time=start, end_time=end, bucket_width="1h")
    buckets = [bucket async for bucket in stream]
    assert [int(b.start_time.timestamp()) for b in buckets] == [
        max(start, b) for b in touched(start, end, HOUR)
    ]
    assert [b.results[0].input_tokens for b in buckets] == [
        max(start, b) for b in touched(start, end, HOUR)
    ]
    windows = [168, len(buckets) - 168]
    assert len(server.queries) == sum(-(-w // min(cap, w)) + empty_first for w in windows)
    table = await reader.usage.collect(
        ["completions", "embeddings"], start_time=start, end_time=end, bucket_width="1h"
    )
    assert table["input_tokens"] == 2 * [max(start, b) for b in touched(start, end, HOUR)]


async def test_cursors_go_back_as_they_came(server: PageServer, reader: AsyncOpenAIAdmin) -> None:
    server.cap = 1
    day = TODAY - DAY
    await reader.usage.collect("completions", start_time=day - DAY, end_time=TODAY)
    assert server.targets[1].endswith(f"&page={day}==")


async def test_groups_and_filters_reach_the_server(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    await reader.usage.collect(
        ["completions", "vector_stores"],
        start_time=TODAY - DAY,
        end_time=TODAY,
        group_by=["model", "project_id", "model"],
        project_ids=["proj_a", "proj_b"],
    )
    shared = f"start_time={TODAY - DAY}&end_time={TODAY}&bucket_width=1d"
    chosen = "project_ids=proj_a&project_ids=proj_b&limit=1"
    assert [target.partition("?")[2] for target in sorted(server.targets)] == [
        f"{shared}&group_by=model&group_by=project_id&{chosen}",
        f"{shared}&group_by=project_id&{chosen}",
    ]
