"""Windows sized by bytes: what is too long is asked for in parts, and what fits is learned."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from openai_admin._transport.lengths import Look, Portions
from openai_admin.errors import ResponseTooLongError, UsageWindowError
from openai_admin.usage.room import Room
from openai_admin.usage.telling import told_missing
from tests.usage.server import quiet
from tests.usage.times import DAY, HOUR, TODAY
from tests.usage.wide import WideServer

KIB = 1024
WEEK = 168 * HOUR
START = TODAY - 4 * WEEK


@pytest.fixture
async def wide() -> AsyncIterator[WideServer]:
    """A server of buckets with many rows."""
    async with WideServer() as server:
        yield server


def hours(weeks: int = 4, **more: Any) -> dict[str, Any]:
    """A query of some weeks of hours."""
    return {
        "start_time": START,
        "end_time": START + weeks * WEEK,
        "bucket_width": "1h",
        "group_by": ["project_id"],
        **more,
    }


def asked_once(table: Any, rows: Callable[[int], int], weeks: int = 4) -> bool:
    """Whether a table has every row of every hour, each once."""
    starts = range(START, START + weeks * WEEK, HOUR)
    return Counter(table["input_tokens"]) == {at: rows(at) for at in starts if rows(at)}


@pytest.mark.parametrize("compressed", [False, True])
async def test_what_is_too_long_is_asked_for_in_parts_that_fit(
    wide: WideServer, compressed: bool
) -> None:
    wide.rows, wide.compressed = lambda start: 20, compressed  # some 260 KB a week
    async with wide.client(max_response_bytes=64 * KIB) as client:
        table = await client.usage.collect("completions", **hours())
        assert asked_once(table, wide.rows)
        assert not table.adapted
        assert not table.missing
        given_up = [a for a in wide.answers if a.length > 64 * KIB]
        assert len(given_up) <= 4  # each window once, since all of them are asked for at once
        # All is asked for in the fewest requests of half of what is accepted, or nearly so.
        fewest = sum(-(-a.length // (32 * KIB)) for a in given_up)
        assert len(wide.answers) - len(given_up) <= fewest + 4

        wide.answers.clear()
        again = await client.usage.collect("completions", **hours())
        assert list(again.rows()) == list(table.rows())
        assert wide.longest <= 1.5 * 32 * KIB  # nothing is given up any more
        others = await client.usage.collect("completions", **hours(1, project_ids=["proj_a"]))
        assert asked_once(others, wide.rows, 1)


async def test_small_answers_take_the_fewest_requests_even_after_large_ones(
    wide: WideServer,
) -> None:
    wide.rows = lambda start: 20 if start < START + WEEK else 0
    async with wide.client(target_response_bytes=32 * KIB, max_concurrency=1) as client:
        assert asked_once(await client.usage.collect("completions", **hours()), wide.rows)
        wide.answers.clear()
        # What was large is believed to be small again by halves.
        later: dict[str, Any] = {
            "start_time": START + WEEK,
            "end_time": TODAY,
            "bucket_width": "1h",
        }
        stream = client.usage.stream("completions", group_by=["project_id"], **later)
        assert len([bucket async for bucket in stream]) == 3 * 168
        await client.usage.collect("completions", group_by=["project_id"], **later)
        assert [a.buckets for a in wide.answers][-3:] == [168] * 3


async def test_a_few_large_buckets_among_small_ones_come_too(wide: WideServer) -> None:
    wide.rows = lambda start: 700 if start % (50 * HOUR) < HOUR else 1
    async with wide.client(max_response_bytes=64 * KIB) as client:
        assert asked_once(await client.usage.collect("completions", **hours()), wide.rows)


@pytest.mark.parametrize("adapt", ["window", "all", None])
async def test_a_bucket_that_cannot_fit_is_named(wide: WideServer, adapt: Any) -> None:
    large = START + 100 * HOUR
    wide.rows = lambda start: 1200 if start == large else 1
    async with wide.client(max_response_bytes=64 * KIB) as client:
        with pytest.raises(UsageWindowError) as caught:
            await client.usage.collect("completions", **hours(adapt=adapt))
        error = caught.value
        assert (error.start, error.end) == (large, large + HOUR)
        assert "more than 65,536 bytes" in str(error)
        assert "max_response_bytes" in str(error)
        cause = error.__cause__
        assert isinstance(cause, ResponseTooLongError)
        assert cause.is_exact
        assert cause.length == max(a.length for a in wide.answers if a.buckets == 1)
        assert f"has {cause.length:,} bytes" in str(error)
        assert f"max_response_bytes to at least {cause.length:,}," in str(error)
        stream = client.usage.stream("completions", **hours(adapt=adapt))
        for _ in range(100):  # what came before it comes first
            await anext(stream)
        with pytest.raises(UsageWindowError) as caught:
            await anext(stream)
        assert caught.value.start == large

        table = await client.usage.collect("completions", **hours(partial=True, adapt=adapt))
        (missing,) = table.missing
        assert (missing.window.start, missing.window.end) == (large, large + HOUR)
        assert "max_response_bytes" in str(missing)
        assert asked_once(table, lambda at: 0 if at == large else 1)

        wide.answers.clear()
        wide.rows = lambda start: 1200 + start // HOUR % 3 if start < START + 5 * HOUR else 1
        table = await client.usage.collect("completions", **hours(1, partial=True, adapt=adapt))
        (missing,) = table.missing  # those beside one another, as one
        assert (missing.window.start, missing.window.end) == (START, START + 5 * HOUR)
        longest = max(a.length for a in wide.answers if a.buckets == 1)
        assert f"buckets of it have up to {longest:,} bytes each" in str(missing)

        wide.rows = lambda start: 1200 + start // HOUR % 3 if start % (9 * HOUR) < HOUR else 1
        wide.compressed = True  # so that no header tells the length
        table = await client.usage.collect("completions", **hours(1, partial=True, adapt=adapt))
        (told,) = told_missing(table.missing)
        assert "buckets of it have more than 65,536 bytes each" in told
        assert "(reading stopped at up to " in told


async def test_costs_come_in_parts_of_days(wide: WideServer) -> None:
    wide.rows = lambda start: 40
    async with wide.client(target_response_bytes=32 * KIB) as client:
        days: dict[str, Any] = {
            "start_time": TODAY - 180 * DAY,
            "end_time": TODAY,
            "group_by": ["project_id"],
        }
        table = await client.usage.collect("costs", **days)
    assert len(table) == 180 * 40
    assert 2 < len(wide.answers) < 40
    assert wide.answers[0].buckets == 180
    assert max(a.length for a in wide.answers[1:]) <= 1.5 * 32 * KIB


async def test_limit_is_the_most_buckets_of_a_request(wide: WideServer) -> None:
    async with wide.client() as client:
        table = await client.usage.collect("completions", **hours(1, limit=100))
        assert sorted(a.buckets for a in wide.answers) == [68, 100]
        assert asked_once(table, wide.rows, 1)
        wide.answers.clear()
        stream = client.usage.stream("completions", **hours(1, limit=1000))
        assert len([bucket async for bucket in stream]) == 168
        assert [a.buckets for a in wide.answers] == [168]


@pytest.mark.parametrize("adapt", ["window", "all"])
async def test_a_stream_keeps_bytes_ahead_not_windows(wide: WideServer, adapt: Any) -> None:
    wide.rows = lambda start: 100
    target = 128 * KIB  # of which an answer of a stream has a quarter
    async with wide.client(target_response_bytes=target) as client:
        stream = client.usage.stream("completions", **hours(adapt=adapt))
        starts = [(await anext(stream)).start_time]
        asked = await quiet(lambda: len(wide.answers))
        ahead = sum(a.length for a in wide.answers if a.buckets < 168)
        assert ahead <= 4 * target  # of 4 MB that there are
        starts += [bucket.start_time async for bucket in stream]
        assert len(wide.answers) > 2 * asked
    assert [int(s.timestamp()) for s in starts] == list(range(START, TODAY, HOUR))


async def test_a_stream_takes_the_memory_of_what_it_keeps(wide: WideServer) -> None:
    wide.rows = lambda start: 40
    peaks = []
    async with wide.client(target_response_bytes=64 * KIB) as client:
        for weeks in (1, 4):
            tracemalloc.start()
            async for bucket in client.usage.stream("completions", **hours(weeks)):
                assert len(bucket.results) == 40
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


async def test_what_begins_first_always_has_room() -> None:
    room = Room(100, keeps=True)
    later = await room.enter(10, 60)
    first = await room.enter(0, 500)  # larger than all the room
    room.came(later, 90)
    room.came(first, 500)
    assert not room._fits(1)
    with room.handing_over(10):
        assert not room._fits(1)
    assert room._fits(10)
    assert not room._fits(11)


async def test_what_turns_out_to_be_long_waits_for_those_before_it() -> None:
    room = Room(100)
    first, second, third = [await room.enter(start, 0) for start in (0, 10, 20)]
    await room.grow(second, 60)
    grown = asyncio.create_task(room.grow(third, 60))
    await asyncio.sleep(0)
    assert (second.size, third.size) == (60, 0)
    await room.grow(first, 90)  # which begins before all others
    assert not room._fits(1)
    room.came(second, 60)
    await asyncio.sleep(0)
    assert not grown.done()
    room.came(first, 90)
    await grown
    assert third.size == 60


async def test_an_answer_is_looked_at_across_its_pieces() -> None:
    admitted = []

    async def admit(expected: float) -> None:
        admitted.append(expected)

    look = Look(Portions(b"<part>", count=4, most=1000, admit=admit))
    pieces = [b"x" * 34, b"<pa", b"rt>" + b"x" * 94, b"<part>"]
    for n in range(1, 5):
        await look.check(pieces[:n], sum(map(len, pieces[:n])))
    assert admitted == [34 * 4]  # of one part that has not ended
    pieces.append(b"x" * 594 + b"<part>")
    with pytest.raises(ResponseTooLongError) as caught:
        await look.check(pieces, sum(map(len, pieces)))
    assert caught.value.part == (34 + 100 + 600) / 2
