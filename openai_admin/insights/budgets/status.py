"""Where budgets stand: what is spent, what is to be expected, and how likely that is too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import attrs

from ..._wire.portable import Portable
from ...usage.table import UsageTable
from ..periods import Period
from .model import Budget

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
        if self.budget.on == "actual":
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
    def warned_at(self) -> Decimal | None:
        """The highest of `Budget.warn_at` that is reached; ``None`` where none is."""
        limit = self.budget.limit
        reached = [part for part in self.budget.warn_at if self.spent >= part * limit]
        return max(reached, default=None)


def budget_statuses(
    costs: UsageTable,
    budgets: Sequence[Budget],
    *,
    now: datetime,
    period: Period | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[BudgetStatus, ...]:
    """Where budgets stand, in their order.

    Args:
        costs: daily costs in UTC, grouped by what the budgets are about (`fields_of`); from
            `history_from` on.
        budgets: the budgets.
        now: the moment that the costs were fetched, with a time zone.
        period: the days to judge each budget by, in place of its period that `now` is in.
        names: names by id, of projects, people and keys.

    Raises:
        InvalidInputError: the costs are not grouped by what a budget is about, or a budget is about
            something that is not there.
    """
    raise NotImplementedError
