"""Spend alerts and limits of the demo organization; a month costs about 18,000 dollars."""

from __future__ import annotations

from ..spend import add_alert, alert_settings, set_limit
from ..store import Store
from .projects import PLANS, PlannedProject

ORGANIZATION_LIMIT = 30_000
ORGANIZATION_ALERTS = (15_000, 20_000, 25_000)
PROJECT_LIMITS = {"Document Intake": 9_000, "Voice Notes": 7_500, "Marketing Studio": 2_500}
PROJECT_ALERTS = {"Document Intake": 6_000, "Developer Copilot": 5_000}

_FINANCE = ["finops@example.com", "ingrid.solheim@example.com"]


def add_spend(store: Store, projects: tuple[PlannedProject, ...]) -> None:
    """Set alerts and limits, none of which an ordinary month comes near except the first alert.

    Those of the organization are for as many projects as it has.
    """
    set_limit(store, None, _cents(ORGANIZATION_LIMIT) * len(projects) // len(PLANS))
    for dollars in ORGANIZATION_ALERTS:
        cents = _cents(dollars) * len(projects) // len(PLANS)
        add_alert(store, None, alert_settings(cents, _FINANCE, "[OpenAI spend]"))
    by_name = {project.plan.name: project for project in projects}
    for name, dollars in PROJECT_LIMITS.items():
        set_limit(store, by_name[name].record, _cents(dollars))
    for name, dollars in PROJECT_ALERTS.items():
        owner = by_name[name].members[1]["email"]
        add_alert(store, by_name[name].record, alert_settings(_cents(dollars), [owner]))


def _cents(dollars: int) -> int:
    return dollars * 100
