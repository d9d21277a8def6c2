"""A budget for retries, so that a dead service is not hammered by a thousand tasks."""

from __future__ import annotations


class RetryBudget:
    """Tokens that retries cost and successes pay back, as botocore's standard mode has it.

    While most calls succeed the budget stays full and every retry is allowed. When a service is
    down, the retries of all tasks together use it up, and after that calls fail at their first
    error until successes have paid something back. Each method is a single step without an await
    in between, so the tasks of one event loop may share a budget.

    Args:
        capacity: tokens to begin with, and the most there ever are.
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
        self._capacity = self._tokens = capacity
        self._retry_cost = retry_cost
        self._timeout_cost = timeout_cost
        self._income = income

    @property
    def tokens(self) -> int:
        """Tokens left."""
        return self._tokens

    def spend(self, *, timed_out: bool = False) -> int | None:
        """Pay for a retry: what it cost, to be given back on success; ``None`` if too dear.

        Args:
            timed_out: whether the attempt before it timed out.
        """
        cost = self._timeout_cost if timed_out else self._retry_cost
        if cost > self._tokens:
            return None
        self._tokens -= cost
        return cost

    def refund(self, cost: int | None = None) -> None:
        """Take in a success.

        Args:
            cost: what `spend` gave for the retry that succeeded; ``None`` if it needed none.
        """
        income = self._income if cost is None else cost
        self._tokens = min(self._capacity, self._tokens + income)
