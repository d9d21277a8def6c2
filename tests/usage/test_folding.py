"""Rows that are added up as they come, window by window, against sums of all of them at once."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openai_admin import AsyncOpenAIAdmin
from openai_admin.resources.usage.results import CompletionsUsage, UsageBucket
from openai_admin.usage.endpoints import endpoints
from openai_admin.usage.folding import by_part, folded
from openai_admin.usage.packing import Packer
from tests.odd import KEY, odd_server

START = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)
COMPLETIONS = endpoints()["completions"]
KOLKATA = ZoneInfo("Asia/Kolkata")


def _day(moment: datetime) -> date:
    return moment.astimezone(KOLKATA).date()


def _minutes(count: int) -> list[UsageBucket[Any]]:
    """Minutes around a midnight of India, some of them quiet, and counts that are not known."""
    chance = random.Random(3)

    def row(group: int) -> CompletionsUsage:
        return CompletionsUsage(
            project_id=f"proj_{group}",
            model=chance.choice(["a", "b", None]),
            input_tokens=chance.randrange(2**60),
            input_cached_tokens=chance.choice([None, 1, 2]),
            output_tokens=None,
        )

    return [
        UsageBucket(
            start_time=START + timedelta(minutes=n),
            end_time=START + timedelta(minutes=n + 1),
            results=[row(g) for g in range(5)] if n % 7 else [],
        )
        for n in range(count)
    ]


def _rows(buckets: Iterable[UsageBucket[Any]]) -> int:
    return sum(len(bucket.results) for bucket in buckets)


def test_the_sums_are_the_same_however_the_windows_are_cut() -> None:
    minutes = _minutes(300)
    expected = by_part(_day, COMPLETIONS, minutes)
    assert [len(rows) for rows in expected.values()] == [15, 15]
    for width in (1, 13, 120, 300):
        windows = [minutes[n : n + width] for n in range(0, len(minutes), width)]
        came = [each for window in windows for each in folded(_day, COMPLETIONS, list(window))]
        again = folded(_day, COMPLETIONS, list(came))
        for found in (came, again):
            assert [b.start_time for b in found] == [b.start_time for b in minutes]
            assert by_part(_day, COMPLETIONS, found) == expected


def test_what_is_known_of_a_count_stays_apart() -> None:
    rows = folded(_day, COMPLETIONS, _minutes(100))[0].results
    known = {row.input_cached_tokens is None for row in rows if row.model == "a"}
    assert known == {True, False}


async def test_the_rows_that_are_kept_are_as_many_as_days_and_groups() -> None:
    packer = Packer(part_of=_day)
    few = _rows(await packer.pack(COMPLETIONS, _minutes(400)))
    assert few == _rows(await packer.pack(COMPLETIONS, _minutes(1000))) <= 2 * 5 * 3 * 2


async def test_what_cannot_be_read_of_a_minute_is_told_of_its_day() -> None:
    first = int(datetime(2026, 11, 2, 18, 30, tzinfo=UTC).timestamp())

    def rows(_: str, start: int) -> list[Any]:
        odd = [{"model": {}, "input_tokens": 10**18}, 5] if start == first + 60 else []
        return [{"model": "a", "input_tokens": 1}, *odd]

    async with odd_server() as server, AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        server.rows = rows
        table = await client.usage.collect(
            "completions",
            start_time=date(2026, 11, 3),
            end_time=date(2026, 11, 5),
            tz="Asia/Kolkata",
            group_by=["model"],
        )
    assert [(r["model"], r["input_tokens"]) for r in table] == [
        ("a", 1440),
        (None, 10**18),
        ("a", 1440),
    ]
    assert [row["complete"] for row in table] == [False, False, True]
    assert {(part.window.start, part.part.field) for part in table.unreadable} == {
        (first + 60, "model"),
        (first + 60, None),
    }
