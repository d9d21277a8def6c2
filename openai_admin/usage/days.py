"""Ranges of whole days, of UTC or of another time zone: what comes by day has no smaller parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

import attrs

from ..errors import InvalidInputError
from ..resources.usage.stretches import time_text

_OFF = 900  # seconds by which a caller's clock may be off


def day_of(seconds: int, zone: tzinfo = UTC) -> date:
    """The day that a moment, in Unix seconds, falls into."""
    return datetime.fromtimestamp(seconds, zone).date()


def beginning(day: date, zone: tzinfo = UTC) -> int:
    """Where a day begins, in Unix seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def days_between(start: int, end: int, zone: tzinfo = UTC) -> Iterator[date]:
    """The days that a stretch touches, in order.

    Args:
        start: Unix seconds, inclusive.
        end: Unix seconds, exclusive.
        zone: whose days.
    """
    day = day_of(start, zone)
    while beginning(day, zone) < end:
        yield day
        day += timedelta(days=1)


@attrs.frozen
class WholeDays:
    """A range of whole days.

    Attributes:
        start: its beginning, in Unix seconds.
        end: its end, exclusive; ``None`` is now, and so is whatever lies within the current day.
        note: how it was widened, as a sentence; ``None`` if it was not.
    """

    start: int
    end: int | None
    note: str | None = None


def whole_days(
    start: int, end: int | None, *, now: int, zone: tzinfo = UTC, widen: bool, subject: str
) -> WholeDays:
    """A range that begins and ends where days do.

    Args:
        start: Unix seconds, inclusive.
        end: Unix seconds, exclusive; ``None`` is now.
        now: Unix seconds, by the server's clock as far as it is known.
        zone: whose days.
        widen: whether a range that lies otherwise is widened, instead of refused.
        subject: what comes by whole days, as a sentence begins with it.

    Raises:
        InvalidInputError: the range begins or ends within a day; the sentence says which days it
            would be.
    """
    first = beginning(day_of(start, zone), zone)
    is_open = end is None or end >= min(beginning(day_of(now, zone), zone), now - _OFF)
    last = end
    if end is not None and not is_open:
        day = day_of(end, zone)
        last = end if beginning(day, zone) == end else beginning(day + timedelta(days=1), zone)
    nothing = start == end or start > now + _OFF
    if nothing or (first, last) == (start, end):
        return WholeDays(start, end)
    until = day_of(now if last is None else last - 1, zone)
    begin = day_of(first, zone)
    days = f"{begin} to {until}" if begin < until else f"{begin}"
    if widen:
        return WholeDays(first, last, f"The range was widened to whole days: {days} ({zone}).")
    asked = f"{time_text(start)} to {'now' if end is None else time_text(end)}"
    raise InvalidInputError(
        f"{subject} by whole days ({zone}), and {asked} would be {days}: pass"
        f" whole_days=True to have those, or begin and end where days do."
    )
