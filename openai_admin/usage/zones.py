"""Days of a time zone, and what they can be made of: the API's buckets lie at UTC borders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from .._declare.arguments import Timestamp, suggest, unix_seconds
from ..errors import InvalidInputError
from ..resources.usage import BucketWidth
from ..resources.usage.stretches import WIDTHS
from .days import beginning

_MOST_DAYS_OF_MINUTES = 31
"""More would take hundreds of requests, each of 1440 buckets."""


def zone_of(tz: str | ZoneInfo) -> ZoneInfo:
    """A time zone by its name, such as ``America/New_York``.

    Raises:
        InvalidInputError: it is not one of the time zone database.
    """
    if isinstance(tz, ZoneInfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError, TypeError):
        known = sorted(available_timezones())
        raise InvalidInputError(
            f"tz must be the name of a time zone, such as 'America/New_York', not {tz!r}"
            f"{suggest(tz, known) if isinstance(tz, str) else '.'}"
        ) from None


def moment_in(zone: ZoneInfo, value: Timestamp, where: str) -> int:
    """A time in Unix seconds; a date is its midnight in the zone, and so is text of a date."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        unix_seconds(value, where)  # which checks it
        value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return beginning(value, zone)
    return unix_seconds(value, where)


def width_for(days: Iterable[date], zone: ZoneInfo) -> BucketWidth:
    """The widest buckets of UTC that no midnight of these days cuts.

    Raises:
        InvalidInputError: they would be minutes, and too many of them; or there are none.
    """
    borders = [beginning(day, zone) for day in days]
    width: BucketWidth
    for width in ("1d", "1h"):
        if all(border % WIDTHS[width] == 0 for border in borders):
            return width
    if any(border % WIDTHS["1m"] for border in borders):
        raise InvalidInputError(f"Days of {zone} cannot be made of UTC minutes at that time.")
    if len(borders) > _MOST_DAYS_OF_MINUTES + 1:
        raise InvalidInputError(
            f"Days of {zone} do not begin at full hours of UTC, and so they are made of minutes:"
            f" ask for at most {_MOST_DAYS_OF_MINUTES} days at once."
        )
    return "1m"
