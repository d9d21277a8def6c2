"""Parts of a window that end anywhere, put together to whole days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import attrs

from openai_admin.errors import APIError
from openai_admin.export.whole_days import by_whole_days
from openai_admin.resources.usage.results import UsageBucket
from openai_admin.resources.usage.stretches import Gap, Stretch
from openai_admin.usage.fetch import Received
from openai_admin.usage.pieces import Part
from openai_admin.usage.plan import Window

HOUR = 3600
DAY = 24 * HOUR
MANY: list[Any] = [None] * 100_000
"""The rows of a bucket of which a few are worth writing a file again."""


def hours(first: int, end: int, *, rows: list[Any], gap: tuple[int, int] | None = None) -> Part:
    lost = range(*gap) if gap else range(0)
    buckets = [
        UsageBucket[Any](
            start_time=datetime.fromtimestamp(hour * HOUR, UTC),
            end_time=datetime.fromtimestamp((hour + 1) * HOUR, UTC),
            results=rows,
        )
        for hour in range(first, end)
        if hour not in lost
    ]
    gaps = [Gap(Stretch(gap[0] * HOUR, gap[1] * HOUR))] if gap else []
    window = Window(first * HOUR, end * HOUR, end - first)
    return Part(window, Received(buckets, gaps, said=[f"from {first}"]))


async def days_of(window: Window, *parts: Part) -> list[tuple[int, int, int, list[Any], list[str]]]:
    async def each() -> AsyncIterator[Part]:
        for part in parts:
            yield part

    return [
        (
            start // HOUR,
            end // HOUR,
            len(received.buckets),
            [(s // HOUR, e // HOUR) for (s, e), _ in received.gaps],
            list(received.notes),
        )
        async for start, end, received in by_whole_days(window, each(), "1h")
    ]


async def test_a_day_whose_hours_come_in_two_parts_is_given_once_and_whole() -> None:
    window = Window(0, 3 * DAY + 5 * HOUR, 77)
    found = await days_of(
        window, hours(0, 30, rows=MANY), hours(30, 60, rows=MANY), hours(60, 77, rows=MANY)
    )
    assert found == [
        (0, 24, 24, [], ["from 0"]),
        (24, 48, 24, [], ["from 30"]),
        (48, 77, 29, [], ["from 60"]),
    ]


async def test_few_rows_wait_for_the_end_of_their_window() -> None:
    found = await days_of(
        Window(0, 3 * DAY, 72), hours(0, 30, rows=[None]), hours(30, 72, rows=[None])
    )
    assert found == [(0, 72, 72, [], ["from 0", "from 30"])]


async def test_a_month_is_given_once_all_of_it_has_come() -> None:
    found = await days_of(
        Window(0, 70 * DAY, 70 * 24),
        hours(0, 30 * 24, rows=[None]),
        hours(30 * 24, 40 * 24, rows=[None]),
        hours(40 * 24, 70 * 24, rows=[None]),
    )
    assert [(start // 24, end // 24, buckets // 24) for start, end, buckets, *_ in found] == [
        (0, 31, 31),  # January 1970
        (31, 70, 39),
    ]


async def test_what_failed_over_midnight_is_lacking_in_both_days() -> None:
    failed = [(Window(20 * HOUR, 26 * HOUR, 6), APIError("down"))]
    first, second = hours(0, 20, rows=MANY), hours(26, 48, rows=MANY)
    part = Part(Window(0, 30 * HOUR, 30), attrs.evolve(first.received, failed=failed))

    async def each() -> AsyncIterator[Part]:
        yield part
        yield second._replace(window=Window(30 * HOUR, 48 * HOUR, 18))

    found = [
        [(lost.start // HOUR, lost.end // HOUR, lost.buckets) for lost, _ in days.received.failed]
        async for days in by_whole_days(Window(0, 48 * HOUR, 48), each(), "1h")
    ]
    assert found == [[(20, 24, 4)], [(24, 26, 2)]]


async def test_a_gap_over_midnight_is_one_of_both_days() -> None:
    part, rest = hours(0, 30, rows=MANY, gap=(23, 26)), hours(30, 48, rows=MANY)
    found = await days_of(Window(0, 2 * DAY, 48), part, rest)
    assert found == [
        (0, 24, 23, [(23, 24)], ["from 0"]),
        (24, 48, 22, [(24, 26)], ["from 30"]),
    ]
