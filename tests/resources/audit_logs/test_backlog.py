"""Following a log that has much: a long past, a high rate, and what both cost."""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from openai_admin._declare.pagination import AsyncPager, PageCursor, Paging
from openai_admin._wire.models import Page
from openai_admin.resources.audit_logs import AuditLog, AuditLogPosition
from openai_admin.resources.audit_logs.backlog import MOST
from openai_admin.resources.audit_logs.tail import follow
from tests.resources.audit_logs.events import NOW
from tests.resources.audit_logs.test_tail import Naps, Over, until_over

OVERLAP = 120
PAGE = 100


class LongLog:
    """A log in memory of any length, in the API's pages; an event's id says its number.

    Attributes:
        pages: how many were listed.
    """

    def __init__(self) -> None:
        self._events: list[tuple[int, str]] = []
        self.pages = 0

    def add(self, *moments: int) -> None:
        """Add events that happened then."""
        for moment in moments:
            insort(self._events, (moment, f"audit_log-{len(self._events):06}"))

    @property
    def ids(self) -> list[str]:
        """All events, oldest first."""
        return [id for _, id in self._events]

    def fetch(self, begin: int | None, end: int | None, /) -> AsyncPager[AuditLog]:
        first = bisect_left(self._events, (begin or 0, ""))

        async def page(cursor: dict[str, str]) -> Page[AuditLog]:
            self.pages += 1
            time, _, id = cursor.get("after", "").partition(":")
            before = (int(time), id) if cursor else (end or 2 * NOW, "")
            stop = bisect_left(self._events, before)
            shown = self._events[max(first, stop - PAGE) : stop][::-1]
            return Page(
                data=[
                    AuditLog(id=id, effective_at=datetime.fromtimestamp(at, UTC))
                    for at, id in shown
                ],
                has_more=stop - PAGE > first,
                last_id=f"{shown[-1][0]}:{shown[-1][1]}" if shown else None,
            )

        return AsyncPager(page, partial(PageCursor, Paging.LAST_ID))

    def follow(
        self, position: AuditLogPosition, naps: Naps, *, overlap: int = OVERLAP
    ) -> AsyncGenerator[AuditLog, None]:
        return follow(self.fetch, position, naps, poll=1, overlap=overlap)


def _steady() -> list[int]:
    return [NOW + number // 50 for number in range(12_000)]


def _bursts() -> list[int]:
    """Nothing for days, then thousands in a second, or over a minute."""
    moments = []
    for day in range(6):
        at = NOW - 86400 * 3 * day
        moments += [at] * (1_000 if day % 2 else MOST + 500)
        moments += [at + 100 + number // 10 for number in range(600)]
    return sorted(moments)


def _denser() -> list[int]:
    """Ever more, so that what a window had says little of the next one."""
    return [NOW + int(4_000 * (number / 12_000) ** 0.3) for number in range(12_000)]


def _sparser() -> list[int]:
    return sorted(2 * NOW - moment for moment in _denser())


@pytest.mark.parametrize(
    ("moments", "times"),
    [(_steady(), 2), (_denser(), 2), (_sparser(), 2), (_bursts(), 4)],
    ids=["steady", "denser", "sparser", "bursts"],
)
async def test_a_backlog_comes_in_order_and_once(moments: list[int], times: int) -> None:
    """From 1970 on, which no window that holds the first events would reach in small steps."""
    log, position = LongLog(), AuditLogPosition(floor=0)
    log.add(*moments)
    stream = log.follow(position, Naps(int, now=max(moments)))
    first = await anext(stream)
    begun = log.pages
    assert [first.id, *await until_over(stream)] == log.ids
    assert begun < 100
    # The overlap is listed again at the end, where it may have much.
    assert log.pages < times * (len(moments) + len(position.seen)) / PAGE


async def test_a_kill_loses_neither_events_nor_what_was_read(tmp_path: Path) -> None:
    log, file = LongLog(), tmp_path / "position.json"
    log.add(*_steady())
    stops = sorted(random.Random(5).sample(range(12_000), 5))
    seen: list[str] = []
    for begun, stop in pairwise([0, *stops]):
        position = AuditLogPosition.from_file(file, since=NOW)
        stream = log.follow(position, Naps(now=2 * NOW))
        for _ in range(stop - begun):
            seen.append((await anext(stream)).id)
            position.save()
        await stream.aclose()  # which writes nothing: a killed process leaves the same file
    position = AuditLogPosition.from_file(file)
    seen += await until_over(log.follow(position, Naps(now=2 * NOW)))
    assert seen == log.ids


async def test_a_high_rate_costs_the_same_throughout(tmp_path: Path) -> None:
    """Fifty events a second, looked at each second, some of them late by up to the overlap."""
    log = LongLog()
    position = AuditLogPosition(floor=NOW, file=tmp_path / "position.json")
    pages: list[int] = []
    rng = random.Random(5)

    def second(number: int) -> None:
        late = [rng.randrange(OVERLAP) for _ in range(2)] if number > OVERLAP else []
        log.add(*[NOW + number] * 48, *(NOW + number - seconds for seconds in late))
        pages.append(log.pages)

    seconds = 400
    quiet = [int] * (2 * OVERLAP)  # in which the last that were late are found
    naps = Naps(*(partial(second, number) for number in range(seconds)), *quiet, now=NOW * 2)
    seen: list[str] = []
    try:
        async for event in log.follow(position, naps):
            seen.append(event.id)
            position.save()
    except Over:
        pass
    assert sorted(seen) == sorted(log.ids)
    # What is new takes a page each second; all that is listed again is a few times as much.
    assert pages[-1] - pages[seconds // 2] < 6 * seconds // 2
    assert len(position.seen) < 4 * OVERLAP * 50
