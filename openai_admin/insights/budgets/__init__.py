"""Budgets: limits on what something may cost, and where the spending stands beside them."""

from .model import Budget, BudgetBasis, BudgetPeriod, BudgetScope
from .reading import read_budgets
from .status import BudgetStanding, BudgetStatus, budget_statuses

__all__ = [
    "Budget",
    "BudgetBasis",
    "BudgetPeriod",
    "BudgetScope",
    "BudgetStanding",
    "BudgetStatus",
    "budget_statuses",
    "read_budgets",
]
