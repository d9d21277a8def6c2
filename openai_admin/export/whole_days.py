"""What comes for a window in parts, put together to whole days."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple

import attrs

from ..resources.usage.stretches import WIDTHS, Gap, Stretch
from ..usage.fetch import Received
from ..usage.pieces import Part, joined
from ..usage.plan import Window

_MANY = 200_000  # rows that are worth writing a month's file again, with all that it has already

_DAY = WIDTHS["1d"]


class Days(NamedTuple):
    """What came for some days.

    Attributes:
        start: where they begin, in Unix seconds.
        end: where they end.
        received: what came for them.
    """

    start: int
    end: int
    received: Received


async def by_whole_days(
    window: Window, parts: AsyncIterator[Part], width: str
) -> AsyncGenerator[Days, None]:
    """The parts of a window as days that end a month or have many rows, and the days that are left.

    So a month is written as soon as all of it has come, and of one with many rows only a part is
    held.

    Args:
        window: the window, which begins with a day.
        parts: what comes for it, in order of time, up to its end.
        width: the width of buckets.
    """
    start, waiting = window.start, list[Received]()
    async for part in parts:
        waiting.append(part.received)
        reached = part.window.end
        del part  # not kept while the next one is waited for
        rows = sum(len(bucket.results) for each in waiting for bucket in each.buckets)
        if reached == window.end:
            end = reached
        elif rows >= _MANY:
            end = reached - reached % _DAY
        else:
            end = _month_of(reached)
        if end > start:
            before, after = _cut(joined(waiting), end, WIDTHS[width])
            waiting = [after]
            yield Days(start, end, before)
            del before, after
            start = end


def _month_of(moment: int) -> int:
    """Where the month of a moment begins, in Unix seconds."""
    first = datetime.fromtimestamp(moment, UTC).replace(day=1, hour=0, minute=0, second=0)
    return int(first.timestamp())


def _cut(received: Received, border: int, step: int) -> tuple[Received, Received]:
    """What came before a moment, and after it. What holds for both sides is on both."""
    buckets, gaps = received.buckets, received.gaps
    late = [bucket for bucket in buckets if bucket.start_time.timestamp() >= border]
    failed = [
        (part, error)
        for whole, error in received.failed
        for part in (whole.split(border, step) if whole.start < border < whole.end else [whole])
    ]
    before = attrs.evolve(
        received,
        failed=[(part, error) for part, error in failed if part.start < border],
        buckets=buckets[: len(buckets) - len(late)],
        gaps=[Gap(Stretch(s, min(e, border)), error) for (s, e), error in gaps if s < border],
    )
    return before, Received(
        late,
        [Gap(Stretch(max(s, border), e), error) for (s, e), error in gaps if e > border],
        failed=[(part, error) for part, error in failed if part.start >= border],
        left_out=received.left_out,
    )
