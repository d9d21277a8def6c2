"""Dates, weeks and months that a table is totalled by, and which of them its range cuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from .asked import Asked, span_text
from .days import beginning

Key = tuple[Any, ...]

_DAY = timedelta(days=1)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


PERIODS: Mapping[str, Callable[[date], Any]] = {
    "date": lambda day: day,
    "week": _week,
    "month": lambda day: f"{day:%Y-%m}",
}
"""What a table may be totalled by that is not a column: each made of the day of `start_time`."""


def cut_periods(
    kinds: Sequence[str],
    asked: Asked | None,
    came: Sequence[Sequence[tuple[datetime, datetime]]],
    zone: tzinfo,
) -> dict[Key, str]:
    """The periods that a range does not wholly cover, each with what it covers, in words.

    That a period goes on after the present does not count: it is not over. A bucket that the range
    begins or ends within may come whole.

    Args:
        kinds: the kinds of periods, of `PERIODS`; a key has one of each.
        asked: the range, if it is known.
        came: the buckets of each endpoint.
        zone: whose days are meant.
    """
    if not kinds or asked is None or asked.is_empty:
        return {}
    buckets = [each for each in came if each]
    begins = max([min(asked.start, *(s for s, _ in each)) for each in buckets] or [asked.start])
    ends = min([max(asked.end, *(e for _, e in each)) for each in buckets] or [asked.end])
    found: dict[Key, str] = {}
    for moment in (asked.start, asked.end - timedelta(microseconds=1)):
        day = moment.astimezone(zone).date()
        start, end = _bounds(day, kinds, zone)
        if start < begins or (end > ends and not asked.is_open):
            key = tuple(PERIODS[kind](day) for kind in kinds)
            found[key] = span_text(max(start, begins), min(end, ends), zone)
    return found


def _bounds(day: date, kinds: Sequence[str], zone: tzinfo) -> tuple[datetime, datetime]:
    """Where the period of a day, of each of some kinds, begins and ends."""

    def alike(other: date) -> bool:
        return all(PERIODS[kind](other) == PERIODS[kind](day) for kind in kinds)

    first, last = day, day
    while alike(first - _DAY):
        first -= _DAY
    while alike(last + _DAY):
        last += _DAY
    seconds = beginning(first, zone), beginning(last + _DAY, zone)
    start, end = (datetime.fromtimestamp(each, UTC) for each in seconds)
    return start, end


def parts_note(parts: Mapping[Key, str]) -> str:
    """The sentence about periods that are not whole."""
    told = [f"{' '.join(map(str, when))} is of {span} alone" for when, span in parts.items()]
    return f"{', and '.join(told)}."
