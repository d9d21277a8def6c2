"""Streams: order, pages ahead, leaving early, errors, cancellation; on both clients."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency
from openai_admin.errors import (
    ClientClosedError,
    InvalidInputError,
    PermissionDeniedError,
    UsageWindowError,
)
from openai_admin.usage.queries import _AHEAD
from tests.served import KEY
from tests.usage.server import PageServer, client_tasks, quiet, until
from tests.usage.times import DAY, TODAY

WINDOWS = 20
START = TODAY - WINDOWS * 31 * DAY


def days(reader: AsyncOpenAIAdmin, windows: int = WINDOWS) -> AsyncGenerator[Any, None]:
    """Some windows of 31 days each."""
    return reader.usage.stream("completions", start_time=START, end_time=START + windows * 31 * DAY)


def idle(reader: AsyncOpenAIAdmin) -> bool:
    """Whether nothing of the client runs, waits or holds a place."""
    limiter = reader._caller.session.limiter
    return not client_tasks() and (limiter.free, limiter.waiting) == (32, 0)


def hold_the_last(server: PageServer) -> None:
    """Keep the last window of each endpoint back, so that nobody is done too soon."""
    server.open.clear()
    server.holds = lambda start: start >= TODAY - 31 * DAY


async def test_buckets_come_in_order_of_time_whatever_the_order_of_answers(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    server.holds = lambda start: start == START
    stream = days(reader)
    first = asyncio.ensure_future(anext(stream))
    await until(lambda: server.held == 1 and len(server.queries) > 1)
    assert await quiet(lambda: len(server.queries)) > 2
    assert not first.done()  # the second window's answer is there, the first one's is not
    server.open.set()
    starts = [(await first).start_time]
    starts += [bucket.start_time async for bucket in stream]
    assert [int(s.timestamp()) for s in starts] == list(range(START, TODAY, DAY))
    assert sorted(server.starts) == list(range(START, TODAY, 31 * DAY))


async def test_a_slow_reader_has_few_pages_waiting(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    stream = days(reader)
    number = 0
    async for _ in stream:
        if number % 31 in (0, 30):
            asked = await quiet(lambda: len(server.queries))
            assert asked == min(WINDOWS, number // 31 + 1 + _AHEAD)
        number += 1
    assert number == WINDOWS * 31


async def test_nothing_is_asked_before_the_first_step(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    stream = days(reader)
    assert await quiet(lambda: len(server.queries)) == 0
    await stream.aclose()


async def _leave_by_closing(stream: AsyncGenerator[Any, None]) -> None:
    await stream.aclose()
    assert not client_tasks()  # at once, not when the loop comes round to it


async def _leave_by_an_error(stream: AsyncGenerator[Any, None]) -> None:
    with pytest.raises(ZeroDivisionError):
        await stream.athrow(ZeroDivisionError())
    assert not client_tasks()


@pytest.mark.parametrize("leave", [_leave_by_closing, _leave_by_an_error])
async def test_leaving_early_cancels_what_is_in_flight(
    server: PageServer, reader: AsyncOpenAIAdmin, leave: Any
) -> None:
    stream = days(reader)
    await anext(stream)
    await quiet(lambda: len(server.queries))
    server.open.clear()
    for _ in range(31):  # into the second window, so that one more request is sent, and held
        await anext(stream)
    await until(lambda: server.held == 1)
    await leave(stream)
    await until(lambda: server.given_up == 1)
    assert idle(reader)
    server.open.set()
    assert len([bucket async for bucket in days(reader)]) == WINDOWS * 31


async def test_a_dropped_stream_cancels_what_is_in_flight(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    stream = days(reader)
    await anext(stream)
    await quiet(lambda: len(server.queries))
    server.open.clear()
    for _ in range(31):
        await anext(stream)
    await until(lambda: server.held == 1)
    del stream
    gc.collect()
    await until(lambda: server.given_up == 1)
    await until(lambda: idle(reader))


async def test_a_reader_that_breaks_off_asks_for_no_more(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    async for _ in days(reader):
        break
    await until(lambda: idle(reader))
    assert await quiet(lambda: len(server.queries)) <= 1 + _AHEAD


@pytest.mark.parametrize("turns", [*range(12), 15, 20, 30, 50, 80, 120, 200])
async def test_cancelled_at_any_moment_a_stream_leaves_nothing_behind(
    server: PageServer, reader: AsyncOpenAIAdmin, turns: int
) -> None:
    async def read() -> None:
        async for _ in days(reader):
            await asyncio.sleep(0)

    hold_the_last(server)

    task = asyncio.ensure_future(read())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: idle(reader))  # the loop closes a generator that its reader dropped
    assert not reader._caller.session._reads
    server.open.set()
    assert len([bucket async for bucket in days(reader, 2)]) == 62


@pytest.mark.parametrize("turns", [*range(12), 15, 20, 30, 50, 80, 120, 200])
async def test_cancelled_at_any_moment_a_collection_leaves_nothing_behind(
    server: PageServer, reader: AsyncOpenAIAdmin, turns: int
) -> None:
    hold_the_last(server)
    task = asyncio.ensure_future(
        reader.usage.collect("all", start_time=START, end_time=TODAY, bucket_width="1d")
    )
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert idle(reader)
    assert not reader._caller.session._reads


@pytest.mark.parametrize("turns", [0, 1, 3, 8, 20, 50, 120])
async def test_an_anyio_scope_ends_a_stream_too(
    server: PageServer, reader: AsyncOpenAIAdmin, turns: int
) -> None:
    async def cancel_later(scope: anyio.CancelScope) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        scope.cancel()

    hold_the_last(server)
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group, aclosing(days(reader)) as stream:
            group.start_soon(cancel_later, scope)
            async for _ in stream:
                await asyncio.sleep(0)
    assert scope.cancelled_caught
    assert idle(reader)


async def test_an_error_names_its_window_and_comes_in_its_place(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    bad = START + 3 * 31 * DAY
    server.fails = lambda start: start == bad
    stream = days(reader)
    for _ in range(3 * 31):
        await anext(stream)
    with pytest.raises(UsageWindowError) as caught:
        await anext(stream)
    assert (caught.value.endpoint, caught.value.start) == ("completions", bad)
    assert caught.value.end == bad + 31 * DAY
    assert isinstance(caught.value.__cause__, PermissionDeniedError)
    assert str(caught.value).startswith("usage.completions from ")
    assert "T00:00:00Z to " in str(caught.value)
    assert idle(reader)


async def test_an_ended_stream_stays_ended(server: PageServer, reader: AsyncOpenAIAdmin) -> None:
    server.fails = lambda start: True
    stream = days(reader)
    with pytest.raises(UsageWindowError):
        await anext(stream)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_closed_client_is_said_to_be_closed(server: PageServer) -> None:
    async with server.client() as reader:
        stream = days(reader)
    with pytest.raises(ClientClosedError):
        await anext(stream)
    with pytest.raises(ClientClosedError):
        await reader.usage.collect("all", start_time=START, end_time=TODAY, partial=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"endpoint": "completion"}, "no usage endpoint 'completion'.*'completions'"),
        ({"endpoint": "all"}, "no usage endpoint 'all'"),
        ({"endpoint": "costs", "bucket_width": "1h"}, "costs come by day only"),
        ({"bucket_width": "2h"}, "bucket_width must be '1d', '1h' or '1m', not '2h'"),
        ({"group_by": ["modle"]}, "none of these endpoints has 'modle'.*'model'"),
        (
            {"endpoint": "vector_stores", "group_by": ["model"]},
            "has 'model'; there are 'project_id'",
        ),
        ({"group_by": "model"}, "group_by must be a list: write"),
        ({"model": ["gpt-5"]}, "no filter 'model'.*'models'"),
        ({"endpoint": "vector_stores", "models": ["m"]}, "vector_stores cannot be narrowed by 'mo"),
        ({"models": "gpt-5"}, "models"),
        ({"limit": 0}, "limit must be at least 1, not 0"),
        ({"limit": "5"}, "limit must be a whole number"),
        ({"start_time": "yesterday"}, "start_time is not a valid ISO 8601 time"),
        ({"end_time": START - 1}, "end_time must not be before start_time"),
    ],
)
async def test_bad_arguments_are_refused_before_anything_is_sent(
    server: PageServer, reader: AsyncOpenAIAdmin, arguments: dict[str, Any], words: str
) -> None:
    query: dict[str, Any] = {"endpoint": "completions", "start_time": START, "end_time": TODAY}
    query |= arguments
    with pytest.raises(InvalidInputError, match=words):
        await anext(reader.usage.stream(**query))
    assert not server.queries


async def test_a_blocking_stream_gives_the_same(server: PageServer) -> None:
    def read(how_many: int) -> list[int]:
        with OpenAIAdmin(KEY, base_url=server.base_url, max_retries=0) as client:
            starts = []
            for bucket in client.usage.stream("completions", start_time=START, end_time=TODAY):
                starts.append(int(bucket.start_time.timestamp()))
                if len(starts) == how_many:
                    break
            return starts

    assert await asyncio.to_thread(read, WINDOWS * 31) == list(range(START, TODAY, DAY))
    assert await asyncio.to_thread(read, 40) == list(range(START, START + 40 * DAY, DAY))


async def test_a_blocking_stream_that_is_left_cancels_what_is_in_flight(
    server: PageServer,
) -> None:
    with OpenAIAdmin(KEY, base_url=server.base_url, max_retries=0) as client:
        stream = client.usage.stream("completions", start_time=START, end_time=TODAY)
        await asyncio.to_thread(next, stream)
        await quiet(lambda: len(server.queries))
        server.open.clear()
        for _ in range(31):
            await asyncio.to_thread(next, stream)
        await until(lambda: server.held == 1)
        await asyncio.to_thread(stream.close)
        await until(lambda: server.given_up == 1)
        await asyncio.to_thread(client.close)


async def test_the_emulator_sees_the_connections_of_a_left_stream_close(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    demo.faults.add(Latency(match="usage.*", seconds=3600, skip=1))
    start = TODAY - 365 * DAY
    stream = client.usage.stream("completions", start_time=start, end_time=TODAY)
    await anext(stream)
    await until(lambda: demo.in_flight > 1)
    held = demo.in_flight
    assert demo.connections >= held > 1
    await stream.aclose()
    await until(lambda: demo.connections <= 1)
    assert not client_tasks()
