"""Rate limits of every project for every model; one of them is nearly used up."""

from __future__ import annotations

from collections.abc import Iterable

from ..metering import ENDPOINTS
from ..metering.shape import DAY
from ..rate_limits import rate_limits_of
from ..store import Store
from .projects import PlannedProject

NEAR_LIMIT = ("Mobile App", "gpt-5-nano")
_SHARE = 93
"""The percentage of that limit which the busiest minute of the last week took."""


def add_rate_limits(store: Store, projects: Iterable[PlannedProject]) -> tuple[str, str]:
    """Fill the tables of rate limits; return the project and model of the nearly used one."""
    name, model = NEAR_LIMIT
    tables = {
        project.plan.name: (project.id, rate_limits_of(store, project.id)) for project in projects
    }
    project_id, table = tables[name]
    limit = -(-_busiest_minute(store, project_id, model) * 100 // _SHARE)
    table.update(f"rl-{model}", {"max_requests_per_1_minute": limit})
    return project_id, model


def _busiest_minute(store: Store, project_id: str, model: str) -> int:
    """The most requests that the project made to the model in one minute of the last week."""
    now = store.now()
    edges = range(now // 60 * 60 - 7 * DAY, now, 60)
    filters = {"project_id": {project_id}, "model": {model}}
    buckets = store.meter.usage(ENDPOINTS["completions"], edges, filters=filters, now=now)
    return max((row["num_model_requests"] for rows in buckets for row in rows), default=1)
