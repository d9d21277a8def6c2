"""Budgets: limits on what something may cost, and where the spending stands beside them."""

from .look import BudgetsLook, look_at_budgets
from .model import Budget, BudgetBasis, BudgetPeriod, BudgetScope
from .reading import budgets_of, read_budgets
from .status import BudgetStanding, BudgetStatus, budget_statuses, costs_from, fields_of
from .thresholds import budgets_of_thresholds

__all__ = [
    "Budget",
    "BudgetBasis",
    "BudgetPeriod",
    "BudgetScope",
    "BudgetStanding",
    "BudgetStatus",
    "BudgetsLook",
    "budget_statuses",
    "budgets_of",
    "budgets_of_thresholds",
    "costs_from",
    "fields_of",
    "look_at_budgets",
    "read_budgets",
]
