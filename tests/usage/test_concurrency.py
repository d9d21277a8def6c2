"""What all calls of a client share: places, taken fairly, and reads in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.errors import UsageWindowError
from tests.usage.server import PageServer, client_tasks, quiet, until
from tests.usage.times import DAY, HOUR, TODAY

START = TODAY - 100 * 7 * DAY
USAGE = "/v1/organization/usage/"


def hours(client: AsyncOpenAIAdmin, weeks: int, endpoints: Any = "completions") -> Any:
    """A collection of so many windows for each endpoint."""
    return client.usage.collect(
        endpoints, start_time=START, end_time=START + weeks * 168 * HOUR, bucket_width="1h"
    )


async def with_everything_held(
    server: PageServer, client: AsyncOpenAIAdmin, *works: Coroutine[Any, Any, Any], waiting: int
) -> list[asyncio.Task[Any]]:
    """Start some works in turn, each once the one before it waits for a place."""
    tasks = []
    limiter = client._caller.session.limiter
    for number, work in enumerate(works):
        tasks.append(asyncio.ensure_future(work))
        if number == 0:
            await until(lambda: limiter.waiting >= waiting)
        await quiet(lambda: limiter.waiting)
    return tasks


async def warmed(server: PageServer, client: AsyncOpenAIAdmin, *endpoints: str) -> None:
    """Make some requests first, so that the endpoints' paces hold nothing back any more."""
    for endpoint in endpoints:
        await hours(client, 40, endpoint)
    server.targets.clear()
    server.queries.clear()


async def test_a_long_fan_out_does_not_starve_a_single_call(server: PageServer) -> None:
    async with server.client(max_concurrency=1) as client:
        await warmed(server, client, "completions")
        server.open.clear()
        tasks = await with_everything_held(
            server, client, hours(client, 100), client.projects.retrieve("p"), waiting=30
        )
        assert len(server.targets) == 1  # of the fan-out; the others wait for the only place
        server.open.set()
        await asyncio.gather(*tasks)
    # The lanes take turns: one more of the fan-out, whose turn it was, and then the single call.
    assert server.targets.index("/v1/organization/projects/p") == 2
    assert len(server.targets) == 101


async def test_the_pages_ahead_of_a_stream_do_not_either(server: PageServer) -> None:
    async with server.client(max_concurrency=1) as client:
        await warmed(server, client, "completions")
        server.open.clear()
        stream = client.usage.stream(
            "completions", start_time=START, end_time=TODAY, bucket_width="1h"
        )

        async def first() -> Any:
            return await anext(stream)

        tasks = await with_everything_held(
            server, client, first(), client.projects.retrieve("p"), waiting=7
        )
        server.open.set()
        await asyncio.gather(*tasks)
        await stream.aclose()
    assert server.targets.index("/v1/organization/projects/p") == 2


async def test_two_fan_outs_take_turns(server: PageServer) -> None:
    async with server.client(max_concurrency=1) as client:
        await warmed(server, client, "completions", "embeddings")
        server.open.clear()
        tasks = await with_everything_held(
            server, client, hours(client, 30), hours(client, 10, "embeddings"), waiting=20
        )
        server.open.set()
        await asyncio.gather(*tasks)
    kinds = [target.removeprefix(USAGE).partition("?")[0] for target in server.targets]
    turns = ["completions", "embeddings"]
    assert kinds[1:21] in (turns * 10, turns[::-1] * 10)
    assert set(kinds[21:]) == {"completions"}


async def test_a_stream_takes_turns_with_a_collection(server: PageServer) -> None:
    async with server.client(max_concurrency=1) as client:
        await warmed(server, client, "completions", "embeddings")
        server.open.clear()

        async def read() -> int:
            stream = client.usage.stream(
                "embeddings", start_time=START, end_time=START + 168 * HOUR, bucket_width="1h"
            )
            return len([bucket async for bucket in stream])

        tasks = await with_everything_held(server, client, hours(client, 30), read(), waiting=20)
        server.open.set()
        assert (await asyncio.gather(*tasks))[1] == 168
    assert [target.startswith(USAGE + "embeddings") for target in server.targets].index(True) == 2


async def test_the_limit_holds_over_everything_at_once(server: PageServer) -> None:
    async with server.client(max_concurrency=5) as client:
        await warmed(server, client, "completions", "embeddings")
        server.open.clear()
        works = [hours(client, 20, ["completions", "embeddings"]), hours(client, 20, "images")]
        works += [client.projects.retrieve(f"p{i}") for i in range(20)]
        tasks = [asyncio.ensure_future(work) for work in works]
        await until(lambda: server.held == 5)
        most = await quiet(lambda: server.held)
        assert client._caller.session.limiter.free == 0
        server.open.set()
        await asyncio.gather(*tasks)
        assert client._caller.session.limiter.free == 5
    assert most == 5
    assert len(server.targets) == 3 * 20 + 20


async def test_equal_reads_in_flight_are_sent_once(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    works = [reader.projects.retrieve("p") for _ in range(50)]
    tasks = [asyncio.ensure_future(work) for work in works]
    await until(lambda: server.held == 1)
    assert await quiet(lambda: len(server.targets)) == 1
    server.open.set()
    assert {project.id for project in await asyncio.gather(*tasks)} == {"p"}
    assert len(server.targets) == 1
    await reader.projects.retrieve("p")
    assert len(server.targets) == 2


async def test_equal_collections_at_once_are_fetched_once(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    tasks = [asyncio.ensure_future(hours(reader, 3)) for _ in range(4)]
    await until(lambda: server.held == 3)
    await quiet(lambda: len(server.queries))
    server.open.set()
    tables = await asyncio.gather(*tasks)
    assert len(server.queries) == 3
    assert all(table.columns == tables[0].columns for table in tables)
    assert len(tables[0]) == 3 * 168


async def test_when_the_first_reader_is_cancelled_another_one_reads(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    tasks = [asyncio.ensure_future(reader.projects.retrieve("p")) for _ in range(3)]
    await until(lambda: server.held == 1)
    tasks[0].cancel()
    await until(lambda: server.given_up == 1 and server.held == 1)
    assert await quiet(lambda: len(server.targets)) == 2
    tasks[1].cancel()
    await until(lambda: server.given_up == 2 and server.held == 1)
    server.open.set()
    assert (await tasks[2]).id == "p"
    assert len(server.targets) == 3
    assert tasks[0].cancelled()
    assert tasks[1].cancelled()


async def test_a_cancelled_collection_leaves_its_twin_whole(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    first, second = (asyncio.ensure_future(hours(reader, 3)) for _ in range(2))
    await until(lambda: server.held == 3)
    first.cancel()
    await until(lambda: server.given_up == 3 and server.held > 0)
    server.open.set()
    assert len(await second) == 3 * 168
    assert first.cancelled()


async def test_a_read_after_a_change_is_not_answered_by_one_before_it(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    before = asyncio.ensure_future(reader.projects.retrieve("p"))
    await until(lambda: server.held == 1)
    change = asyncio.ensure_future(reader.projects.update("p", name="New"))
    await until(lambda: server.held == 2)
    during = asyncio.ensure_future(reader.projects.retrieve("p"))
    await until(lambda: server.held == 3)
    server.open.set()
    await change
    server.open.clear()
    server.held = 0
    after = asyncio.ensure_future(reader.projects.retrieve("p"))
    await until(lambda: server.held == 1)
    server.open.set()
    await asyncio.gather(before, during, after)
    assert len(server.targets) == 4


async def test_the_error_of_a_shared_read_reaches_every_reader(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.fails = lambda start: True
    server.open.clear()
    tasks = [asyncio.ensure_future(hours(reader, 1)) for _ in range(3)]
    await until(lambda: server.held == 1)
    await quiet(lambda: len(server.queries))
    server.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [UsageWindowError] * 3
    assert len(server.queries) == 1


async def test_no_task_outlives_its_collection(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.fails = lambda start: start == START + 168 * HOUR
    server.holds = lambda start: start != START + 168 * HOUR
    server.open.clear()
    with pytest.raises(UsageWindowError):
        await hours(reader, 50, ["completions", "embeddings"])
    assert not client_tasks()
    await until(lambda: server.held == 0)
