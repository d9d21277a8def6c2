"""The options of a range of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from .._declare.dates import TIME_HELP, period
from ..errors import InvalidInputError

BACK_HELP = "Here 1d is 24 hours, not a calendar day."
"""The help of an option for times of events, besides `TIME_HELP`."""

DEFAULT_RANGE = "30d"
"""The beginning where a command is given none."""

SINCE_HELP = f"The beginning; of a period, its first moment: {TIME_HELP}."
"""The help of an option for the beginning of a range."""

UNTIL_HELP = (
    "The first moment not included; a date is its midnight, and a period is included whole:"
    " 2026-11-01 and 2026-10 both end with October. By default the end of the period that --since"
    " names, else now."
)
"""The help of an option for the end of a range."""

MONTH_HELP = "A period, in place of --since and --until: 2026-10, last-month, 2026-Q3."
"""The help of an option for both ends."""

NOT_BOTH = "Pass --month, or --since and --until, not both."
"""The error of who passes a period and its ends."""

_OFF = timedelta(minutes=15)
"""By how much this machine's clock may be off."""


class TimeRange(NamedTuple):
    """A beginning, and an end (exclusive), which is ``None`` where it is now."""

    start: datetime
    end: datetime | None


def time_range(
    since: str | None,
    until: str | None,
    *,
    now: datetime,
    month: str | None = None,
    names: tuple[str, str] = ("--since", "--until"),
    zone: tzinfo = UTC,
) -> TimeRange:
    """The range between two times as they were written.

    A period means its beginning for `since` and its end for `until`; an end in the future means
    now.

    Args:
        since: the beginning; by default `DEFAULT_RANGE`.
        until: the end; by default that of the period that `since` names, else now.
        now: the moment that words refer to.
        month: a period in place of both.
        names: the first two's options, for errors.
        zone: whose days, weeks and months are meant.

    Raises:
        InvalidInputError: one cannot be read, the range begins in the future, the end is not after
            the beginning, or there is a period beside the ends.
    """
    clock = now.astimezone(zone).replace(tzinfo=UTC)  # what the zone's clocks show
    start, end = _clock_range(since, until, clock, month, names, zone)
    return TimeRange(start.replace(tzinfo=zone), end and end.replace(tzinfo=zone))


def _clock_range(
    since: str | None,
    until: str | None,
    now: datetime,
    month: str | None,
    names: tuple[str, str],
    zone: tzinfo,
) -> TimeRange:
    """The range as the zone's clocks show it."""
    if month is not None:
        if since is not None or until is not None:
            raise InvalidInputError(NOT_BOTH)
        whole = period(month, "--month", now=now, zone=zone)
        if whole.end is None:
            raise InvalidInputError(
                f"--month must be a period, such as 2026-10 or last-month, not {month!r}."
            )
        _check_begun(whole.start, "--month", month, now)
        return _not_beyond(whole.start, whole.end, now)
    first = period(DEFAULT_RANGE if since is None else since, names[0], now=now, zone=zone)
    end = first.end if until is None else period(until, names[1], now=now, zone=zone).until
    if end is not None and end <= first.start:
        raise InvalidInputError(
            f"{names[1]} must be after {names[0]}: {end:%Y-%m-%dT%H:%MZ} is not after"
            f" {first.start:%Y-%m-%dT%H:%MZ}."
        )
    _check_begun(first.start, names[0], since, now)
    return _not_beyond(first.start, end, now)


def _check_begun(start: datetime, where: str, text: str | None, now: datetime) -> None:
    if start > now + _OFF:
        raise InvalidInputError(f"{where} lies in the future: {text!r}; it must have begun.")


def _not_beyond(start: datetime, end: datetime | None, now: datetime) -> TimeRange:
    return TimeRange(start, None if end is not None and end > now else end)
