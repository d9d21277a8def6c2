"""What each day, week or month of a period cost, beside the one before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from .costs import CostChange
from .daily import DailyCosts
from .periods import Period

Every = Literal["day", "week", "month"]
"""The stretches that costs are added up over."""


def _day(day: date) -> Period:
    return Period(day, day + timedelta(days=1))


def _week(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=7))


def _month(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1))


_AROUND: Mapping[str, Callable[[date], Period]] = {"day": _day, "week": _week, "month": _month}


def cost_over(
    daily: DailyCosts, every: Every, *, period: Period, since: date
) -> tuple[CostChange, ...]:
    """What each day, week (from Monday) or month of a period cost, the earliest first.

    A stretch that the period cuts has the part that lies in it, and no change.

    Args:
        daily: costs, ungrouped.
        every: what stretches.
        period: the days that are added up.
        since: the first day that `daily` has, for what lies before the period.

    Returns:
        Each stretch, by its first day in the period.
    """
    whole = daily.cost((), period)
    return tuple(_changes(daily, every, period, since, whole))


def _changes(
    daily: DailyCosts, every: Every, period: Period, since: date, whole: Decimal
) -> Iterator[CostChange]:
    around = _AROUND[every]
    start = period.start
    while start < period.end:
        stretch = around(start)
        part = Period(start, min(stretch.end, period.end))
        before = around(stretch.start - timedelta(days=1))
        is_known = part == stretch and before.start >= since and not daily.missing(before)
        cost = daily.cost((), part)
        yield CostChange(
            group=(part.start.isoformat(),),
            cost=cost,
            previous=daily.cost((), before) if is_known else None,
            share=float(cost / whole) if whole else None,
            gaps=daily.missing(part),
        )
        start = part.end
