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

    @property
    def months(self) -> int | None:
        """How many calendar months it is; ``None`` where it is not of whole ones."""
        if not self.days or self.start.day != 1 or self.end.day != 1:
            return None
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    def before(self) -> Period:
        """The period of equal length that ends where this one starts."""
        return Period(self.start - timedelta(days=self.days), self.start)

    def preceding(self) -> Period:
        """The one to compare with that ends where this one starts: of whole months as many months,
        else as many days.

        Raises:
            InvalidInputError: it would begin before the calendar does.
        """
        try:
            if self.months is None:
                return self.before()
            year, month = divmod(self.start.year * 12 + self.start.month - 1 - self.months, 12)
            return Period(date(year, month + 1, 1), self.start)
        except (ValueError, OverflowError):
            raise InvalidInputError(f"There is no period of equal length before {self}.") from None

    def year_before(self) -> Period:
        """The same dates a year earlier.

        Of whole months it is the same months, so that a February has all of its days; else 29
        February corresponds to the 28th.

        Raises:
            InvalidInputError: it would begin before the calendar does.
        """
        if self.months is not None or not self.days:
            return Period(_year_before(self.start), _year_before(self.end))
        last = _year_before(self.end - timedelta(days=1))
        return Period(_year_before(self.start), last + timedelta(days=1))

    def same_of_year_before(self) -> Period:
        """`year_before`, to compare with.

        Raises:
            InvalidInputError: it is longer than a year, and so has a part of the year before.
        """
        found = self.year_before()
        if found.end > self.start:
            raise InvalidInputError(
                f"The period {self} is too long to be compared with the year before, of which it"
                " has a part: it must be at most a year."
            )
        return found

    def so_far(self, now: datetime) -> Period:
        """The part of it that has begun: it ends with the current day, UTC, at the latest.

        Raises:
            InvalidInputError: `now` has no time zone, or the period has not begun.
        """
        today = utc(now).date()
        if self.start > today:
            raise InvalidInputError(f"The period {self} lies in the future; it must have begun.")
        return Period(self.start, min(self.end, today + timedelta(days=1)))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return f"{self.start} to {self.end - timedelta(days=1)}"


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        if day.year == date.min.year:
            raise InvalidInputError(f"There is no year before {day}.") from None
        return day.replace(year=day.year - 1, day=28)


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
