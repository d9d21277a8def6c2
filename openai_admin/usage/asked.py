"""The range that a table is of, and what of it no answer spoke about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import attrs

from .._wire.portable import Portable
from ..resources.usage.results import UsageBucket
from .plan import Window

_SLACK = 60  # seconds by which the server's clocks may differ from one another


@attrs.frozen
class Asked(Portable):
    """The range that a table is of.

    Attributes:
        start: its beginning.
        end: its end, exclusive; the present, where the range goes on after it.
        is_open: whether the range ends with the present.
        width: of its buckets, as queries have it.
        filters: what narrows the table, as queries have it.
    """

    start: datetime
    end: datetime
    is_open: bool
    width: str = "1d"
    filters: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls,
        start: int,
        end: int | None,
        now: int,
        *,
        width: str = "1d",
        filters: Mapping[str, Any] | None = None,
    ) -> Asked:
        """A range in Unix seconds, whose end is the present where it is ``None`` or later."""
        is_open = end is None or end >= now - _SLACK
        last = now if end is None else min(end, now)
        first = datetime.fromtimestamp(start, UTC)
        until = datetime.fromtimestamp(last, UTC)
        return cls(first, until, is_open, width, dict(filters or {}))

    @property
    def is_empty(self) -> bool:
        """Whether there is no time in it: it has no length, or lies in the future."""
        return self.start >= self.end

    def silences(self, came: Iterable[tuple[int, int]], step: int) -> list[Window]:
        """The stretches that nothing came for.

        Args:
            came: the buckets, and what is known to be missing, in Unix seconds.
            step: seconds of a bucket.
        """
        reached, end = int(self.start.timestamp()), int(self.end.timestamp())
        if self.is_open:  # the bucket of the present may end anywhere
            end = (end - _SLACK) // step * step + 1
        found: list[tuple[int, int]] = []
        for start, until in sorted(came):
            if start > reached:
                found.append((reached, min(start, end)))
            reached = max(reached, until)
        found.append((reached, -(-end // step) * step if self.is_open else end))
        return [
            Window(first, last, -(-(last - first) // step))
            for first, last in found
            if first < min(last, end)
        ]


@attrs.frozen
class Silence(Portable):
    """A stretch that no bucket came for, and that counts as time without use.

    The API ends answers early where the last days were quiet.

    Attributes:
        endpoint: whose.
        window: which.
    """

    endpoint: str
    window: Window


def silences(
    endpoint: str,
    asked: Asked,
    buckets: Iterable[UsageBucket[Any]],
    lost: Iterable[Window],
    step: int,
) -> list[Silence]:
    """What of a range no bucket of an endpoint came for, though nothing failed.

    Args:
        endpoint: whose.
        asked: the range.
        buckets: what came.
        lost: what is known to be missing.
        step: seconds of a bucket.
    """
    came = [*_covered(buckets), *((window.start, window.end) for window in lost)]
    return [Silence(endpoint, window) for window in asked.silences(came, step)]


def _covered(buckets: Iterable[UsageBucket[Any]]) -> Iterator[tuple[int, int]]:
    """The stretches that buckets cover, in Unix seconds: those that follow one another as one."""
    start = end = None
    for bucket in buckets:
        if bucket.start_time != end:
            if start is not None and end is not None:
                yield int(start.timestamp()), int(end.timestamp())
            start = bucket.start_time
        end = bucket.end_time
    if start is not None and end is not None:
        yield int(start.timestamp()), int(end.timestamp())


def span_text(start: datetime, end: datetime, zone: tzinfo = UTC) -> str:
    """A stretch in words: the days of it where it has whole ones, else its two ends."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.time() == last.time() == datetime.min.time():
        until = last - timedelta(days=1)
        days = f"{first:%Y-%m-%d}"
        return days if until.date() <= first.date() else f"{days} to {until:%Y-%m-%d}"
    return f"{_time(first)} to {_time(last)}"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
