"""Where budgets stand: what is spent, what is to be expected, and how likely that is too much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import attrs

from ..._wire.portable import Portable
from ..._wire.scalars import digits
from ...usage.table import UsageTable
from ..outlook import history_from, outlook
from ..periods import Period, utc
from .model import Budget
from .scoped import FIELD_OF, Lines, Names

COVERAGE = 0.8
"""How often the range of a forecast should hold what a period costs."""

BudgetStanding = Literal["passed", "expected", "warned", "within", "not known"]


@attrs.frozen(kw_only=True)
class BudgetStatus(Portable):
    """Where a budget stands.

    Attributes:
        budget: the budget.
        period: the days that it is for, the coming ones included.
        spent: what its scope cost in the period so far, as far as that is known; exact.
        unsettled: the part of `spent` that is of today or of days the API may still restate.
        expected: what the period should cost in total, to the cent; once the period is over, what
            was spent. ``None`` where it is not known.
        low: the lower end of the range that holds the total in 80 of 100 cases; ``None`` where
            there is too little history to say.
        high: its upper end.
        probability: that the period's total will be above the limit, from 0 to 1; ``None`` where
            it is not known.
        lacks: what is not known of what was spent, in words: days, projects, amounts in another
            currency. Where this is not empty, at least `spent` was spent.
        is_over: whether the period is over.
    """

    budget: Budget
    period: Period
    spent: Decimal
    unsettled: Decimal = Decimal(0)
    expected: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    probability: float | None = None
    lacks: tuple[str, ...] = ()
    is_over: bool = False

    @property
    def share(self) -> float | None:
        """The fraction of the limit that is spent: 1 is all of it; ``None`` of a limit of 0."""
        return float(self.spent / self.budget.limit) if self.budget.limit else None

    @property
    def is_passed(self) -> bool | None:
        """Whether the budget is passed in the sense of `Budget.on`; ``None`` if it is not known.

        More than the limit must be spent, so that a limit that is spent to the cent is not passed.
        On the forecast, it is also passed where the probability is at least `Budget.at`.
        """
        if self.spent > self.budget.limit:
            return True
        if self.lacks:
            return None
        if self.budget.on == "actual" or self.is_over:
            return False
        return None if self.probability is None else self.probability >= self.budget.at

    @property
    def standing(self) -> BudgetStanding:
        """Where it stands.

        ``passed``: more than the limit is spent. ``not known``: that may be so. ``expected``: it
        will be, with a probability of at least `Budget.at`. ``warned``: one of `Budget.warn_at` is
        reached. ``within``: none of these.
        """
        if self.spent > self.budget.limit:
            return "passed"
        if self.is_passed is None:
            return "not known"
        if self.probability is not None and self.probability >= self.budget.at:
            return "expected"
        return "warned" if self.warned_at is not None else "within"

    @property
    def standing_told(self) -> str:
        """The standing in words, as tables and reports have it."""
        if self.standing == "warned" and self.warned_at is not None:
            return f"at {digits(self.warned_at * 100)}% or more"
        return "expected to be passed" if self.standing == "expected" else self.standing

    @property
    def warned_at(self) -> Decimal | None:
        """The highest of `Budget.warn_at` that is reached; ``None`` where none is."""
        limit = self.budget.limit
        reached = [part for part in self.budget.warn_at if limit and self.spent >= part * limit]
        return max(reached, default=None)


def budget_statuses(
    costs: UsageTable,
    budgets: Sequence[Budget],
    *,
    now: datetime,
    period: Period | None = None,
    names: Names | None = None,
    unnamed: Collection[str] = (),
    doubts: Mapping[Budget, Sequence[str]] | None = None,
) -> tuple[BudgetStatus, ...]:
    """Where budgets stand, in their order.

    The forecast is that of `project_month`, made for the period of each budget. The probability
    belongs to its range: above the upper end of the 80 % lie 10 %.

    Args:
        costs: daily costs in UTC, grouped by what the budgets are about (`fields_of`), with the
            columns of `Allocation.apply` where they are about teams; from `costs_from` on.
        budgets: the budgets.
        now: the moment that the costs were fetched, with a time zone.
        period: a month, quarter or other stretch to judge the budgets of its kind by, in place of
            the one that `now` is in. Of days that are over there is no forecast: what was spent is
            what they cost.
        names: what things are called besides what the rows came with, by the column of ids
            (``project_id``, ``api_key_id``, ``user_id``) and the id; ``user_email`` has e-mail
            addresses by the person's id.
        unnamed: ids whose names are not known: they may belong to any scope that has names.
        doubts: what else is not known of budgets, in words.

    Raises:
        InvalidInputError: the costs are not grouped by what a budget is about, or the period has
            not begun.
    """
    lines = Lines(costs, names or {}, unnamed)
    return tuple(
        _status(lines, each, period_of(each, now, period), now, (doubts or {}).get(each, ()))
        for each in budgets
    )


def _status(
    lines: Lines, budget: Budget, period: Period, now: datetime, doubts: Sequence[str]
) -> BudgetStatus:
    scoped = lines.of(budget.scope, budget.currency, period)
    found = outlook(scoped.daily, period, now=now)
    lacks = (*scoped.lacks, *doubts)
    is_known = not lacks
    low, high = (found.range(COVERAGE) if is_known else None) or (None, None)
    is_passed = found.spent > budget.limit
    return BudgetStatus(
        budget=budget,
        period=period,
        spent=found.spent,
        unsettled=found.unsettled,
        expected=found.expected if is_known else None,
        low=low,
        high=high,
        probability=found.probability(budget.limit) if is_known or is_passed else None,
        lacks=lacks,
        is_over=period.end <= utc(now).date(),
    )


def period_of(budget: Budget, now: datetime, period: Period | None) -> Period:
    """The period to judge a budget by: one that is of its kind, else the one that `now` is in."""
    return period if period is not None and budget.is_for(period) else budget.period_at(now)


def fields_of(budgets: Iterable[Budget]) -> frozenset[str]:
    """The fields to group costs by, so that the budgets can be judged; an allocation has its own
    (`Allocation.needs`).
    """
    return frozenset(
        FIELD_OF[field]
        for budget in budgets
        for field, _ in budget.scope.fields()
        if field in FIELD_OF
    )


def costs_from(budgets: Iterable[Budget], *, now: datetime, period: Period | None = None) -> date:
    """The first day whose costs are needed: eight weeks of history, and all of each period.

    Args:
        budgets: the budgets.
        now: the present, with a time zone.
        period: as `budget_statuses` has it.
    """
    periods = [period_of(budget, now, period) for budget in budgets]
    open_ones = [each for each in periods if each.end > utc(now).date()]
    history = [history_from(now)] if open_ones else []
    return min([*history, *(each.start for each in periods)], default=utc(now).date())
