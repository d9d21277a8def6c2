"""What each of the last months cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from .._wire.portable import Portable
from ..usage.table import UsageTable
from .daily import daily_costs, days_of
from .periods import Period, utc

MONTH_DAYS = 180
"""The days that months are looked for in: as many as a page of costs has."""


@attrs.frozen(kw_only=True)
class MonthCost(Portable):
    """What a calendar month cost, UTC.

    Attributes:
        month: its days.
        currency: of the cost.
        cost: what it cost, exactly, on the days that are known; ``None`` where none is.
        gaps: how many of its days are not known: where there are any, `cost` is not all.
        is_over: whether it has ended; otherwise `cost` is what was spent so far.
        before: the cost of the month before; ``None`` where it is not known, or not wholly.
    """

    month: Period
    currency: str | None
    cost: Decimal | None
    gaps: int = 0
    is_over: bool = True
    before: Decimal | None = None

    @property
    def words(self) -> str:
        """Such as ``October 2026``."""
        return f"{self.month.start:%B %Y}"

    @property
    def relative(self) -> float | None:
        """The change against the month before, as a fraction of it: 0.5 is half as much again.

        ``None`` where either is not wholly known or not over, or there was nothing before.
        """
        if self.cost is None or self.gaps or not self.is_over or not self.before:
            return None
        return float((self.cost - self.before) / self.before) if self.before > 0 else None


def months_from(last: date) -> date:
    """The first day of the earliest month that `MONTH_DAYS` reach back to wholly.

    Args:
        last: the last day that is looked at.
    """
    first = last - timedelta(days=MONTH_DAYS - 1)
    return first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_costs(
    costs: UsageTable, *, over: Period, now: datetime, currency: str | None = None
) -> tuple[MonthCost, ...]:
    """What each month cost, the latest first, from the first one that cost anything.

    Args:
        costs: daily costs.
        over: the days that they are of, from the first of a month on.
        now: the moment that they were fetched, with a time zone.
        currency: the currency to use, where the table has several.

    Raises:
        InvalidInputError: the table has several currencies and none was chosen.
    """
    daily = daily_costs(costs, currency=currency)
    spent = daily.groups.get((), {})
    found: list[MonthCost] = []
    for month in _months(over):
        gaps = daily.missing(month)
        cost = None if gaps == month.days else daily.cost((), month)
        if not found and not gaps and not any(spent.get(day) for day in days_of(month)):
            continue  # before the first cost of all
        earlier = found[-1] if found else None
        found.append(
            MonthCost(
                month=month,
                currency=daily.currency,
                cost=cost,
                gaps=gaps,
                is_over=month.end <= utc(now).date() and month.end <= over.end,
                before=earlier.cost if earlier is not None and not earlier.gaps else None,
            )
        )
    return tuple(reversed(found))


def _months(over: Period) -> Iterator[Period]:
    first = over.start
    while first < over.end:
        following = (first + timedelta(days=32)).replace(day=1)
        yield Period(first, following)
        first = following
