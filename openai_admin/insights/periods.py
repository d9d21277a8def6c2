"""Stretches of whole UTC days, the unit in which costs are billed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError


@attrs.frozen(order=True)
class Period(Portable):
    """A stretch of whole days, UTC.

    Attributes:
        start: its first day.
        end: the day after its last.
    """

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInputError(
                f"A period must not end before it starts: {self.end} is before {self.start}."
            )

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def before(self) -> Period:
        """The period of equal length that ends where this one starts."""
        return Period(self.start - timedelta(days=self.days), self.start)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return f"{self.start} to {self.end - timedelta(days=1)}"


def whole_days(days: int, *, now: datetime) -> Period:
    """The last so many complete days: the current day is left out.

    Thirty days and the thirty before have different numbers of weekend days; multiples of seven
    compare like with like.

    Raises:
        InvalidInputError: `days` is less than 1, or `now` has no time zone.
    """
    if days < 1:
        raise InvalidInputError(f"days must be at least 1, not {days}.")
    today = utc(now).date()
    return Period(today - timedelta(days=days), today)


def month_of(now: datetime) -> Period:
    """The current calendar month, UTC, over which the API adds up spend."""
    first = utc(now).date().replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1))


def utc(moment: datetime) -> datetime:
    """A moment in UTC.

    Raises:
        InvalidInputError: it names no time zone.
    """
    if moment.tzinfo is None:
        raise InvalidInputError(f"now must have a time zone, such as UTC; {moment} has none.")
    return moment.astimezone(UTC)


def midnight(day: date) -> datetime:
    """The moment at which a day begins, UTC."""
    return datetime.combine(day, time(), UTC)
