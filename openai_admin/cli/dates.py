"""Times as people write them: ISO 8601, ``7d``, ``last-month``. All in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .._declare.arguments import unix_seconds
from ..errors import InvalidInputError

TIME_HELP = "2026-01-31, 2026-01-31T12:00Z, 7d, 24h, today, yesterday, this-month, last-month"
"""What may be written for a time."""

_DAY = timedelta(days=1)
_LENGTHS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


class Period(NamedTuple):
    """A beginning, and where the words name a period, its end (exclusive)."""

    start: datetime
    end: datetime | None = None


def period(text: str, where: str, *, now: datetime) -> Period:
    """The time, or the period, that a text names.

    ``7d`` is the last seven days, today included, from midnight on; ``24h`` goes back 24 hours from
    the beginning of this one.

    Raises:
        InvalidInputError: it does not name one.
    """
    text = text.strip()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    named = {
        "now": Period(now),
        "today": Period(today),
        "yesterday": Period(today - _DAY, today),
        "this-week": Period(today - today.weekday() * _DAY),
        "last-week": Period(today - (today.weekday() + 7) * _DAY, today - today.weekday() * _DAY),
        "this-month": Period(month),
        "last-month": Period((month - _DAY).replace(day=1), month),
    }
    if text in named:
        return named[text]
    if back := re.fullmatch(r"(\d{1,5})([mhdw])", text):
        count, unit = int(back[1]), back[2]
        if unit in "mh":
            return Period(_whole(now, unit) - count * _LENGTHS[unit])
        days = count * (7 if unit == "w" else 1)
        return Period(today - (max(days, 1) - 1) * _DAY)
    if whole := re.fullmatch(r"(\d{4})-(\d{2})", text):
        return _month(int(whole[1]), int(whole[2]), where)
    try:
        seconds = int(text) if re.fullmatch(r"\d{9,12}", text) else text
        return Period(datetime.fromtimestamp(unix_seconds(seconds, where), UTC))
    except InvalidInputError as exc:
        if "time zone" in str(exc):
            raise
        raise InvalidInputError(
            f"{where} is not a valid time: {text!r} (write {TIME_HELP})."
        ) from None


def _whole(moment: datetime, unit: str) -> datetime:
    """The beginning of a moment's minute or hour."""
    minute = moment.minute if unit == "m" else 0
    return moment.replace(minute=minute, second=0, microsecond=0)


def _month(year: int, month: int, where: str) -> Period:
    try:
        start = datetime(year, month, 1, tzinfo=UTC)
    except ValueError:
        raise InvalidInputError(f"{where} is not a valid month: {year:04}-{month:02}.") from None
    return Period(start, (start + 31 * _DAY).replace(day=1))


def span(text: str, where: str, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The two ends of ``A..B``, of which one may be left out, or of one period."""
    if ".." not in text:
        named = period(text, where, now=now)
        return named.start, named.end
    start, _, end = text.partition("..")
    return (
        period(start, where, now=now).start if start.strip() else None,
        period(end, where, now=now).start if end.strip() else None,
    )
