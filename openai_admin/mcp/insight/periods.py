"""The days that a question is about, and those that they are compared with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import attrs
from typing_extensions import Doc

from ..._declare.dates import Period as Named
from ...errors import InvalidInputError
from ...insights import Period
from ..times import period_of

When = Annotated[
    str,
    Doc(
        "Days (UTC), ends included: last 30 days (without today), this month, 2026-10, yesterday,"
        " 2026-10-05, 2026-10-05..2026-10-12."
    ),
]
Compare = Annotated[
    Literal["previous", "last-year", "none"],
    Doc("Compare with as many days or months before, or the same dates a year earlier."),
]
LAST_DAYS = "last 30 days"
"""What is looked at by default: whole days, without today."""

_TO_DATE = {"mtd": "this month", "ytd": "this year"}
_HINT = "2026-10-05, 2026-10, yesterday, last month, last 30 days, or FROM..UNTIL, both included"
_DAY = timedelta(days=1)


@attrs.frozen
class Days:
    """Days that are looked at.

    Attributes:
        period: those of them that have begun.
        compared: those that they are compared with; ``None`` where they are not.
    """

    period: Period
    compared: Period | None


def days_asked(text: str, compare: str, *, now: datetime) -> Days:
    """The days that a text names, with those to compare them with.

    Of a month or a week that is not over, the first days are compared with as many of the one
    before.

    Args:
        text: such as ``last month``.
        compare: one of `Compare`.
        now: the moment that words refer to.

    Raises:
        InvalidInputError: it names none, or none that has begun.
    """
    whole = period_asked(text, now=now)
    begun = whole.so_far(now)
    if compare == "none":
        return Days(begun, None)
    if compare == "last-year":
        return Days(begun, begun.same_of_year_before())
    if begun == whole:
        return Days(begun, begun.preceding())
    start = whole.preceding().start
    alike = Period(start, start + timedelta(days=begun.days))
    return Days(begun, alike if alike.end <= begun.start else begun.before())


def period_asked(text: str, *, now: datetime) -> Period:
    """The days that a text names.

    ``last 30 days`` are over: today is not among them, for a part of a day says too little. A date
    is that day, and a range of dates includes both.

    Raises:
        InvalidInputError: it names none.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first, dots, until = text.partition("..")
    begun = _named(first, "period", now)
    end = _named(until, "the end of period", now).until if dots else begun.end
    if end is None:
        end = today + _DAY
    if any(each.time() != today.time() for each in (begun.start, end)):
        raise InvalidInputError(
            f"period must be of whole days, such as 2026-10 or last month, not {text!r}."
        )
    if end <= begun.start:
        raise InvalidInputError(f"period must end after it begins, which {text!r} does not.")
    return Period(begun.start.date(), end.date())


def _named(text: str, where: str, now: datetime) -> Named:
    """What one of the ends names."""
    written = text.strip()
    return period_of(_TO_DATE.get(written.lower(), written), where, now=now, hint=_HINT)
