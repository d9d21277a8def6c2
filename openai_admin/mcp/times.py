"""Times among a call's arguments: ISO 8601, Unix seconds, and words such as ``last month``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .._declare.dates import Period, period
from ..client import AsyncOpenAIAdmin

_START, _END = "start_time", "end_time"
EFFECTIVE = "effective_at"
"""The argument that is a range of times."""

TIMES = "2026-11-01, an ISO 8601 time, 2026-10, yesterday, last month, last 30 days, Unix seconds"
"""What may be passed for a time, in words."""

RANGE = (
    "2026-11-01, 2026-10, yesterday, last month, last 30 days (without today), 30d (with today),"
    " last 24 hours, 2026-11-01..2026-11-07 (both included)"
)
"""What may be passed for a range of times, in words."""

PASSED: Mapping[str, str] = {
    _START: f"{TIMES}; a period such as last month is the whole range if end_time is left out",
    _END: TIMES,
    EFFECTIVE: RANGE,
}
"""What may be passed for an operation's times, by the argument's name."""

_LAST = re.compile(r"(?:the )?((?:last|past) \d{1,4} (?:day|week|month|year)s?)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def now_of(client: AsyncOpenAIAdmin) -> datetime:
    """The moment that words refer to: the server's time where it is known."""
    return client._caller.server_now() or datetime.now(UTC)


def read_times(arguments: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Arguments with their times in Unix seconds.

    A word for a period that begins a range is its end too, where no end is passed: ``last month``
    as ``start_time`` is all of that month.

    Args:
        arguments: a call's arguments, by the names of the operation.
        now: the moment that words refer to.

    Raises:
        InvalidInputError: one is text that does not name a time.
    """
    read = dict(arguments)
    start, end, bounds = (arguments.get(name) for name in (_START, _END, EFFECTIVE))
    if isinstance(start, str):
        named = _named(start, _START, now)
        read[_START] = _seconds(named.start)
        if end is None and named.end is not None and named.end <= now:
            read[_END] = _seconds(named.end)
    if isinstance(end, str):
        read[_END] = _seconds(_named(end, _END, now).until)
    if isinstance(bounds, str):
        read[EFFECTIVE] = _range(bounds, now)
    elif isinstance(bounds, Mapping):
        read[EFFECTIVE] = {name: _bound(name, value, now) for name, value in bounds.items()}
    return read


def period_of(text: str, where: str, *, now: datetime, hint: str = RANGE) -> Period:
    """The time, or the period, that a text names; a date is that day.

    ``last 30 days`` are over: today is not among them, for a part of a day says too little.

    Args:
        text: as it was passed.
        where: what errors call it.
        now: the moment that words refer to.
        hint: what may be passed, for errors.

    Raises:
        InvalidInputError: it names none.
    """
    named = _named(text, where, now, hint)
    return Period(named.start, named.start + _DAY) if _is_date(text) else named


def ends_of(text: str, where: str, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The ends of a range of events as `RANGE` names them; the second is outside of it.

    Of ``FROM..UNTIL``, either may be left out; both are within the range whole.

    Args:
        text: the range.
        where: what errors call it.
        now: the moment that words refer to.

    Raises:
        InvalidInputError: it names no range.
    """
    first, dots, last = text.partition("..")
    begun = period_of(first, where, now=now) if first.strip() or not dots else None
    start, end = begun or (None, None)
    if dots:
        end = period_of(last, where, now=now).until if last.strip() else None
    return start, end


def _named(text: str, where: str, now: datetime, hint: str = TIMES) -> Period:
    """The same as `period_of`, but a date is its midnight."""
    if found := _LAST.fullmatch(re.sub(r"[\s_-]+", " ", text.strip().lower())):
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return Period(period(found[1], where, now=now - _DAY).start, today)
    return period(text, where, now=now, hint=hint)


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text.strip()) is not None


def _range(text: str, now: datetime) -> dict[str, int]:
    """The bounds of a range of events."""
    named = zip(("gte", "lt"), ends_of(text, EFFECTIVE, now=now), strict=True)
    return {name: _seconds(end) for name, end in named if end is not None}


def _bound(name: str, value: Any, now: datetime) -> Any:
    """One bound; a period, or a date, is within the range whole, or outside of it."""
    if not isinstance(value, str):
        return value
    named = period_of(value, f"{EFFECTIVE}.{name}", now=now, hint=TIMES)
    if name not in ("gt", "lte") or named.end is None:
        return _seconds(named.start)
    return _seconds(named.end - _SECOND)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
