"""The days that a question is about, and those that they are compared with."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal

import attrs
from typing_extensions import Doc

from ...cli.dates import period
from ...errors import InvalidInputError
from ...insights import Period, whole_days

When = Annotated[
    str,
    Doc("Which days (UTC): last 30 days, this month, 2026-10, 2026-10-05..2026-10-12, yesterday."),
]
Compare = Annotated[
    Literal["previous", "last-year", "none"],
    Doc("Compare with as many days or months before, or the same dates a year earlier."),
]
LAST_DAYS = "last 30 days"
"""What is looked at by default: whole days, without today."""

_LAST = re.compile(r"(?:the )?(?:last|past) (\d{1,3}) days?")


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

    Raises:
        InvalidInputError: it names none.
    """
    words = " ".join(text.lower().split())
    if found := _LAST.fullmatch(words):
        return whole_days(int(found[1]), now=now)
    first, dots, until = (part.strip().replace(" ", "-") for part in words.partition(".."))
    begun = period(first, "period", now=now)
    end = period(until, "the end of period", now=now).until if dots else begun.end
    if end is None:
        end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if not all(_is_midnight(each) for each in (begun.start, end)):
        raise InvalidInputError(
            f"period must be of whole days, such as 2026-10 or last month, not {text!r}."
        )
    if end <= begun.start:
        raise InvalidInputError(f"period must end after it begins, which {text!r} does not.")
    return Period(begun.start.date(), end.date())


def _is_midnight(moment: datetime) -> bool:
    return moment == moment.replace(hour=0, minute=0, second=0, microsecond=0)
