"""Times and periods as people write them: ISO 8601, ``7d``, ``last-month``, ``2026-Q3``."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from ..errors import InvalidInputError
from .arguments import suggest, unix_seconds

TIME_HELP = (
    "2026-01-31T12:00Z, 2026-01-31, 2026-W40, 2026-10, 2026-Q3, 2026, 24h, 7d, 4w, 3mo, 1y, now,"
    " today, yesterday, mtd, ytd, this-month, last-month (also -week, -quarter, -year)"
)
"""What may be written for a time."""

_DAY = timedelta(days=1)
_BACK = re.compile(r"(\d{1,5})(mo|[mhdwy])")
_LAST = re.compile(r"(?:last-|past-)?(\d{1,5})-?(minute|hour|day|week|month|year)s?")
_UNITS = {"minute": "m", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}


class Period(NamedTuple):
    """A beginning, and where the words name a period, its end (exclusive)."""

    start: datetime
    end: datetime | None = None

    @property
    def until(self) -> datetime:
        """The first moment after it: its end, or the moment itself."""
        return self.start if self.end is None else self.end


def period(
    text: str,
    where: str,
    *,
    now: datetime,
    zone: tzinfo = UTC,
    whole_days: bool = True,
    hint: str = TIME_HELP,
) -> Period:
    """The time, or the period, that a text names.

    A date is its midnight, as it is in Python. ``7d``, ``4w``, ``3mo`` and ``1y`` are moments,
    counted back from the end of today: ``7d`` begins the last seven days, today included. ``24h``
    goes back 24 hours from the beginning of this one; and so do ``1d`` and all others without
    `whole_days`. Words may be apart, and units written out: ``last month``, ``last 30 days``.

    Args:
        text: as it was written.
        where: the option, for errors.
        now: the moment that words refer to, as the zone's clocks show it.
        zone: whose clocks the result is of.
        whole_days: whether what is counted back is calendar days, as costs are, rather than days
            of 24 hours, as one looks for events.
        hint: what may be written, for errors.

    Raises:
        InvalidInputError: it does not name one.
    """
    written = text.strip()
    word = re.sub(r"[\s_]+", "-", written.lower())
    if re.fullmatch(r"\d{1,5}M", written):
        raise InvalidInputError(
            f"{where} is not a valid time: {text!r} (write {word}o for months, {word} for minutes)."
        )
    try:
        if word in _WORDS:
            return _WORDS[word](now)
        if back := _BACK.fullmatch(word) or _LAST.fullmatch(word):
            unit = _UNITS.get(back[2], back[2])
            return Period(_back(int(back[1]), unit, now, whole_days))
        for pattern, made in _CALENDAR.items():
            if found := re.fullmatch(pattern, word):
                return made(*map(int, found.groups()))
    except (ValueError, OverflowError):  # the 13th month, the year 0
        raise _refused(text, where, hint) from None
    try:
        seconds = int(written) if re.fullmatch(r"\d{9,12}", written) else written
        moment = datetime.fromtimestamp(unix_seconds(seconds, where), zone)
        return Period(moment.replace(tzinfo=UTC))
    except InvalidInputError as exc:
        if "time zone" in str(exc) and not written.isdecimal():
            raise
        raise _refused(text, where, hint) from None


def span(text: str, where: str, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The two ends of ``A..B``, of which one may be left out, or of one period; of events."""
    if ".." not in text:
        named = period(text, where, now=now, whole_days=False)
        return named.start, named.end
    start, _, end = text.partition("..")
    return (
        period(start, where, now=now, whole_days=False).start if start.strip() else None,
        period(end, where, now=now, whole_days=False).until if end.strip() else None,
    )


def _refused(text: str, where: str, allowed: str) -> InvalidInputError:
    near = suggest(text.strip().lower().replace("_", "-"), list(_WORDS))
    hint = f" (write {allowed})." if near == "." else near
    return InvalidInputError(f"{where} is not a valid time: {text!r}{hint}")


# --- what words and numbers stand for --------------------------------------------------------


def _back(count: int, unit: str, now: datetime, whole_days: bool) -> datetime:
    if unit in "mh":
        minute = now.minute if unit == "m" else 0
        length = timedelta(minutes=count) if unit == "m" else timedelta(hours=count)
        return now.replace(minute=minute, second=0, microsecond=0) - length
    count = max(count, 1)
    hour = now.replace(minute=0, second=0, microsecond=0)
    end = _midnight(now) + _DAY if whole_days else hour
    if unit in ("mo", "y"):
        return _months_on(end, -count * (12 if unit == "y" else 1))
    return end - count * (7 if unit == "w" else 1) * _DAY


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _months_on(moment: datetime, count: int) -> datetime:
    """The same day of another month, or that month's last."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    last = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _months(year: int, month: int = 1, count: int = 1) -> Period:
    start = datetime(year, month, 1, tzinfo=UTC)
    return Period(start, _months_on(start, count))


def _days(first: date, count: int) -> Period:
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return Period(start, start + count * _DAY)


def _quarter(year: int, number: int) -> Period:
    return _months(year, 3 * number - 2, 3)


_CALENDAR: Mapping[str, Callable[..., Period]] = {
    r"(\d{4})": lambda year: _months(year, count=12),
    r"(\d{4})-?q([1-4])": _quarter,
    r"(\d{4})-(\d{2})": _months,
    r"(\d{4})-?w(\d{2})": lambda year, week: _days(date.fromisocalendar(year, week, 1), 7),
    r"(\d{4})-(\d{2})-(\d{2})": lambda y, m, d: Period(datetime(y, m, d, tzinfo=UTC)),
}
"""What the calendar has, by how it is written."""

_AROUND: Mapping[str, Callable[[datetime], Period]] = {
    "week": lambda now: _days(now.date() - now.weekday() * _DAY, 7),
    "month": lambda now: _months(now.year, now.month),
    "quarter": lambda now: _quarter(now.year, (now.month + 2) // 3),
    "year": lambda now: _months(now.year, count=12),
}
"""The period of each kind that a moment is in."""


def _to_date(kind: str) -> Callable[[datetime], Period]:
    return lambda now: Period(_AROUND[kind](now).start, _midnight(now) + _DAY)


def _last(kind: str) -> Callable[[datetime], Period]:
    return lambda now: _AROUND[kind](_AROUND[kind](now).start - _DAY)


_WORDS: Mapping[str, Callable[[datetime], Period]] = {
    "now": Period,
    "today": lambda now: _days(now.date(), 1),
    "yesterday": lambda now: _days(now.date() - _DAY, 1),
    "mtd": _to_date("month"),
    "ytd": _to_date("year"),
    **{f"this-{kind}": around for kind, around in _AROUND.items()},
    **{f"last-{kind}": _last(kind) for kind in _AROUND},
}
"""The periods that words name at a moment."""
