"""A budget for retries, so that a dead service is not hammered by a thousand tasks."""

from __future__ import annotations


class RetryBudget:
    """Tokens that retries cost and successes pay back, as botocore's standard mode has it.

    While most calls succeed the budget stays full and every retry is allowed. When a service is
    down, the retries of all tasks together use it up, and after that calls fail at their first
    error until successes have paid something back. Each method is a single step without an await
    in between, so the tasks of one event loop may share a budget.

    Args:
        capacity: tokens to begin with, and the most there can be.
        retry_cost: tokens a retry costs.
        timeout_cost: tokens a retry after a time-out costs: it has occupied the service longer.
        income: tokens a success without retry pays.
    """

    def __init__(
        self,
        capacity: int = 500,
        *,
        retry_cost: int = 5,
        timeout_cost: int = 10,
        income: int = 1,
    ) -> None:
        self._capacity = capacity
        self._retry_cost = retry_cost
        self._timeout_cost = timeout_cost
        self._income = income
        self.spent = 0
        """Tokens that retries cost and successes have not paid back yet."""

    @property
    def tokens(self) -> int:
        """Tokens left."""
        return self._capacity - self.spent

    def spend(self, *, timed_out: bool = False) -> int | None:
        """Pay for a retry, unless it costs more than there is.

        Args:
            timed_out: whether the attempt before it timed out.

        Returns:
            What it cost, for `refund` when it succeeds; ``None`` if it must not be made.
        """
        cost = self._timeout_cost if timed_out else self._retry_cost
        if cost > self.tokens:
            return None
        self.spent += cost
        return cost

    def refund(self, cost: int | None = None) -> None:
        """Pay back for a success; needless while nothing is spent.

        Args:
            cost: what `spend` gave for the retry that succeeded; ``None`` if it needed none.
        """
        income = self._income if cost is None else cost
        self.spent = max(0, self.spent - income)
