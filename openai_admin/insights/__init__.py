"""Answers from usage, costs and listings: what was spent, what changed, what needs attention.

Every function here but `review` and `fetch_facts` is pure: it takes tables and lists that were
fetched before, and the time as an argument. Money is exact `Decimal` in units of the currency;
estimates are rounded to the cent. Each function's docstring says how it works, and what
it cannot know.

::

    report = await review(client, days=30)
    for change in known(report.by_project).groups:
        print(report.name(change.group[0]), change.cost, change.relative)
"""

from ..directory.not_known import NotKnown, known
from .access import Access, access_diff
from .certificates import EndingCertificate, ending_certificates
from .costs import CostBreakdown, CostChange, Mover, cost_by, movers
from .daily import DailyCosts, Grouping, GroupKey, daily_costs
from .defaults import (
    ENDING_DAYS,
    HISTORY_DAYS,
    NEAR,
    NEVER_USED_DAYS,
    PENDING_DAYS,
    RESTATED_DAYS,
    STALE_DAYS,
    URGENT_DAYS,
)
from .examine import examine
from .facts import Facts
from .findings import FINDINGS, TOPICS, Column, Finding, Group, Threshold, Tone, Topic
from .gather import fetch_facts, review
from .keys import (
    KeyFinding,
    keys_of_former_members,
    never_used_keys,
    non_expiring_admin_keys,
    stale_admin_keys,
    stale_keys,
)
from .naming import Named
from .outliers import Anomaly, AnomalySearch, anomalies
from .people import InactiveOwner, PendingInvite, inactive_owners, pending_invites
from .periods import Period, month_of, whole_days
from .projection import Projection, project_month
from .rate_limits import RateLimitUse, near_rate_limits, rate_limit_use
from .reconciliation import Reconciled, Reconciliation, reconcile
from .reviews import Review
from .scope import Scope
from .spend import SpendThreshold, near_thresholds, spend_thresholds
from .tokens import ModelCost, model_costs

__all__ = [
    "ENDING_DAYS",
    "FINDINGS",
    "HISTORY_DAYS",
    "NEAR",
    "NEVER_USED_DAYS",
    "PENDING_DAYS",
    "RESTATED_DAYS",
    "STALE_DAYS",
    "TOPICS",
    "URGENT_DAYS",
    "Access",
    "Anomaly",
    "AnomalySearch",
    "Column",
    "CostBreakdown",
    "CostChange",
    "DailyCosts",
    "EndingCertificate",
    "Facts",
    "Finding",
    "Group",
    "GroupKey",
    "Grouping",
    "InactiveOwner",
    "KeyFinding",
    "ModelCost",
    "Mover",
    "Named",
    "NotKnown",
    "PendingInvite",
    "Period",
    "Projection",
    "RateLimitUse",
    "Reconciled",
    "Reconciliation",
    "Review",
    "Scope",
    "SpendThreshold",
    "Threshold",
    "Tone",
    "Topic",
    "access_diff",
    "anomalies",
    "cost_by",
    "daily_costs",
    "ending_certificates",
    "examine",
    "fetch_facts",
    "inactive_owners",
    "keys_of_former_members",
    "known",
    "model_costs",
    "month_of",
    "movers",
    "near_rate_limits",
    "near_thresholds",
    "never_used_keys",
    "non_expiring_admin_keys",
    "pending_invites",
    "project_month",
    "rate_limit_use",
    "reconcile",
    "review",
    "spend_thresholds",
    "stale_admin_keys",
    "stale_keys",
    "whole_days",
]
