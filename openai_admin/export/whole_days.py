"""What comes for a window in parts, put together to whole days."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
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


async def by_whole_days(window: Window, parts: AsyncIterator[Part]) -> AsyncGenerator[Days, None]:
    """The parts of a window as days that have many rows, and in the end the days that are left.

    Args:
        window: the window, which begins with a day.
        parts: what comes for it, in order of time, up to its end.
    """
    start, waiting = window.start, list[Received]()
    async for part in parts:
        waiting.append(part.received)
        is_last = part.window.end == window.end
        end = window.end if is_last else part.window.end - part.window.end % _DAY
        del part  # not kept while the next one is waited for
        rows = sum(len(bucket.results) for each in waiting for bucket in each.buckets)
        if is_last or (end > start and rows >= _MANY):
            before, after = _cut(joined(waiting), end)
            waiting = [after]
            yield Days(start, end, before)
            del before, after
            start = end


def _cut(received: Received, border: int) -> tuple[Received, Received]:
    """What came before a moment, and after it. What holds for both sides is on both."""
    buckets, gaps = received.buckets, received.gaps
    late = [bucket for bucket in buckets if bucket.start_time.timestamp() >= border]
    before = attrs.evolve(
        received,
        buckets=buckets[: len(buckets) - len(late)],
        gaps=[Gap(Stretch(s, min(e, border)), error) for (s, e), error in gaps if s < border],
    )
    return before, Received(
        late,
        [Gap(Stretch(max(s, border), e), error) for (s, e), error in gaps if e > border],
        left_out=received.left_out,
    )
