"""What was spent and where, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..usage.money import add_up, plus
from ..usage.table import UsageTable
from .daily import DailyCosts, Grouping, GroupKey, daily_costs
from .periods import Period

_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class CostChange(Portable):
    """What a group cost in a period, beside the period before.

    Attributes:
        group: its values, in the order of the groupings; ``None`` where the API gave none.
        cost: what it cost in the period, exactly, on the days that are known.
        previous: what it cost in the period that it is compared with; ``None`` where a day of that
            is not known, or not wholly, for then any change would be wrong, and where nothing is
            compared.
        share: its fraction of all costs of the period, 0 to 1 (below 0 or above 1 only where there
            are credits); ``None`` where all costs add up to nothing.
        gaps: days of the period that are not known, or not wholly: where there are any, `cost` is
            not all, and no change is stated.
        nothing_before: the first day of all that cost something, where the period before begins
            earlier: a shorter stretch of spending says too little, so no change is stated.
    """

    group: GroupKey
    cost: Decimal
    previous: Decimal | None
    share: float | None
    gaps: int = 0
    nothing_before: date | None = None

    @property
    def change(self) -> Decimal | None:
        """The cost minus that of the period before.

        ``None`` where a day of either is not known, or where spending only began in the period
        before or later.
        """
        if self.previous is None or self.gaps or self.nothing_before is not None:
            return None
        return self.cost - self.previous

    @property
    def relative(self) -> float | None:
        """The change as a fraction of the period before: 0.5 is half as much again.

        ``None`` where there was no cost before, or a credit: such a change has no percentage. Nor
        is there one where there is no `change`.
        """
        if self.change is None or self.previous is None or self.previous <= 0:
            return None
        return float(self.change / self.previous)

    @property
    def status(self) -> Literal["new", "gone", "kept"] | None:
        """``new`` where only this period has costs, ``gone`` where only the one before has;
        ``None`` where a day of either is not known.
        """
        if self.previous is None or self.gaps:
            return None
        if self.previous == 0 and self.cost != 0:
            return "new"
        return "gone" if self.cost == 0 and self.previous != 0 else "kept"


@attrs.frozen(kw_only=True)
class CostBreakdown(Portable):
    """Costs of a period by group, with the change to the period before.

    Attributes:
        by: what was grouped by.
        period: the days that were added up.
        previous: the days that they are compared with; ``None`` where they are not.
        currency: of every amount, in lower case; ``None`` where none is stated.
        total: all costs of the period; the groups add up to it exactly.
        groups: the most expensive first; each had costs in one of the two periods.
        gaps: days of the period whose costs are not known, or not wholly: its sums have only what
            is (see `DailyCosts.gaps`).
        without_currency: what the table's amounts without a currency add up to, though others have
            one: sums are without them.
    """

    by: tuple[Grouping, ...]
    period: Period
    previous: Period | None
    currency: str | None
    total: CostChange
    groups: tuple[CostChange, ...]
    gaps: int = 0
    without_currency: Decimal = _ZERO


def cost_by(
    costs: UsageTable | DailyCosts,
    by: Grouping | Sequence[Grouping] = (),
    *,
    period: Period,
    previous: Period | None = None,
    currency: str | None = None,
    began: date | None = None,
    compared: bool = True,
) -> CostBreakdown:
    """Add up the costs of a period by group, and compare each with the period before.

    The sums are exact. They are what the API reports now: it restates recent days, usually upwards,
    so a period that ends today looks cheaper than it will be.

    Args:
        costs: a table that covers both periods, or its daily costs, already grouped.
        by: what to group by; ignored for daily costs.
        period: the days to add up; preferably without the current day (`whole_days`).
        previous: the days to compare with: as many as in `period`, or as many whole months, or the
            same dates of the year before; by default as many days right before.
        currency: the currency to use, where the table has several.
        began: the first day that anything cost something; by default the first one in `costs`,
            which should begin `QUIET_DAYS` before the period before, or its quiet first day looks
            like the time before the organization existed.
        compared: whether to compare at all.

    Raises:
        InvalidInputError: the table was not grouped that way, has several currencies, or the
            periods are of different length or overlap.
    """
    daily = costs if isinstance(costs, DailyCosts) else daily_costs(costs, by, currency=currency)
    before = _to_compare(period, previous) if compared else None
    sums = {group: _sums(daily, group, period, before) for group in daily.groups}
    cost = add_up(now for now, _ in sums.values())
    is_known, gaps = before is not None and not daily.missing(before), daily.missing(period)
    began = daily.began() if began is None else began
    nothing_before = begun_within(began, before) if before is not None and is_known else None
    groups = [
        CostChange(
            group=group,
            cost=now,
            previous=then if is_known else None,
            share=_share(now, cost),
            gaps=gaps,
            nothing_before=nothing_before,
        )
        for group, (now, then) in sums.items()
        if now or then
    ]
    groups.sort(
        key=lambda g: (-g.cost, -(g.previous or _ZERO), [str(part or "") for part in g.group])
    )
    return CostBreakdown(
        by=daily.by,
        period=period,
        previous=before,
        currency=daily.currency,
        total=CostChange(
            group=(),
            cost=cost,
            previous=add_up(then for _, then in sums.values()) if is_known else None,
            share=_share(cost, cost),
            gaps=gaps,
            nothing_before=nothing_before,
        ),
        groups=tuple(groups),
        gaps=gaps,
        without_currency=daily.without_currency,
    )


def begun_within(began: date | None, previous: Period) -> date | None:
    """The first day that cost something, where that is later than a period to compare with begins.

    A shorter stretch of spending says too little: `CostChange.nothing_before` is this day.
    """
    return began if began is not None and began > previous.start else None


def _to_compare(period: Period, previous: Period | None) -> Period:
    """The period to compare another with.

    Raises:
        InvalidInputError: they are not equally long, or overlap.
    """
    if previous is None:
        return period.before()
    alike = previous.months is not None and previous.months == period.months
    if previous.days != period.days and not alike and previous != period.year_before():
        raise InvalidInputError(
            f"The periods must be equally long to be compared: {period} has {period.days} days, "
            f"{previous} has {previous.days}."
        )
    if previous.start < period.end and period.start < previous.end:
        raise InvalidInputError(f"The periods must not overlap: {previous} and {period}.")
    return previous


def _sums(
    daily: DailyCosts, group: GroupKey, period: Period, previous: Period | None
) -> tuple[Decimal, Decimal]:
    now = then = _ZERO
    start, end = period.start, period.end
    since, until = (start, start) if previous is None else (previous.start, previous.end)
    for day, amount in daily.groups[group].items():
        if start <= day < end:
            now = plus(now, amount)
        elif since <= day < until:
            then = plus(then, amount)
    return now, then


def together(changes: Sequence[CostChange]) -> CostChange:
    """Several groups of a breakdown as one; there is at least one."""
    before = [change.previous for change in changes]
    return CostChange(
        group=(None,),
        cost=add_up(change.cost for change in changes),
        previous=None if None in before else add_up(each for each in before if each is not None),
        share=None
        if any(change.share is None for change in changes)
        else sum(change.share or 0.0 for change in changes),
        gaps=changes[0].gaps,
        nothing_before=changes[0].nothing_before,
    )


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None


@attrs.frozen(kw_only=True)
class Mover(Portable):
    """A group whose cost changed.

    Attributes:
        cost: the group with both periods' costs.
        share: its fraction of all movement, ups and downs counted alike, 0 to 1.
        share_of_net: its change as a fraction of the total's change; negative where it moved
            against it, above 1 where others made up for it, and ``None`` where the total did not
            change.
    """

    cost: CostChange
    share: float
    share_of_net: float | None


def moved_together(movers: Sequence[Mover]) -> Mover:
    """Several movers of a breakdown as one; there is at least one."""
    net = [mover.share_of_net for mover in movers if mover.share_of_net is not None]
    cost = together([mover.cost for mover in movers])
    return Mover(
        cost=attrs.evolve(cost, group=(None,) * len(movers[0].cost.group)),
        share=sum(mover.share for mover in movers),
        share_of_net=sum(net) if net else None,
    )


def movers(
    breakdown: CostBreakdown, *, limit: int | None = 10, least: Decimal = Decimal("0.01")
) -> tuple[Mover, ...]:
    """The groups whose costs changed most, in money and in either direction.

    Ranked by money, not percentages: a tenfold rise of a cent matters little. Shares are of all
    groups of the breakdown, those that are not returned included. There are none where a day of
    either period is not known, or where spending began only after its beginning.

    Args:
        breakdown: costs by group.
        limit: the most movers to return; ``None`` is all.
        least: smaller changes of money are left out.

    Raises:
        InvalidInputError: `limit` is less than 1.
    """
    if limit is not None and limit < 1:
        raise InvalidInputError(f"limit must be at least 1, not {limit}.")
    changes = [(g, g.change) for g in breakdown.groups if g.change is not None]
    movement = add_up(abs(change) for _, change in changes)
    net = breakdown.total.change
    ranked = sorted(changes, key=lambda pair: -abs(pair[1]))
    return tuple(
        Mover(
            cost=group,
            share=float(abs(change) / movement),
            share_of_net=float(change / net) if net else None,
        )
        for group, change in ranked[:limit]
        if change and abs(change) >= least
    )
