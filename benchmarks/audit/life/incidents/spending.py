"""Limits that no longer hold: spend limits raised or removed, rate limits multiplied."""

from __future__ import annotations

from typing import Any

from ..routine.settings import tell_of_budget
from .planting import Incident, Planting, plants

_TENANT = (
    ("tenant.billing.overage_limit.updated", "overage_limit"),
    ("tenant.usage_limit.workspace.updated", "limit"),
)


@plants("spend_limit_raised")
def raised(planting: Planting, at: float) -> Incident | None:
    """A limit becomes many times what it was."""
    return _budget(planting, at, "raised", planting.random.choice((4, 10, 50)))


@plants("spend_limit_raised")
def removed(planting: Planting, at: float) -> Incident | None:
    """A limit is removed."""
    return _budget(planting, at, "removed", None)


def _budget(planting: Planting, at: float, variant: str, factor: int | None) -> Incident:
    made = planting.made
    id = planting.random.choice(list(made.budgets))
    cents = None if factor is None else 1_000_000 * factor
    by, actor = planting.anyone(at)
    event = tell_of_budget(made, at, id, cents, by=by)
    return Incident(
        detection="spend_limit_raised", variant=variant, events=(event,), at=at, actor=actor
    )


@plants("spend_limit_raised")
def raised_by_tenant(planting: Planting, at: float) -> Incident | None:
    """The limit of the tenant is raised, after it was set before."""
    made, (type, field) = planting.made, planting.random.choice(_TENANT)
    begin = made.start + 5000
    before: dict[str, Any] = {"id": "limit_1", "changes_requested": {field: 1000}}
    planting.note(begin, type, before, by=planting.owner(begin)[0])
    by, actor = planting.anyone(at)
    after: dict[str, Any] = {"id": "limit_1", "changes_requested": {field: 50_000}}
    event = planting.note(at, type, after, by=by)
    return Incident(
        detection="spend_limit_raised", variant=type, events=(event,), at=at, actor=actor
    )


@plants("rate_limit_multiplied")
def requests_multiplied(planting: Planting, at: float) -> Incident | None:
    """Both limits of a model become many times what they were."""
    names = ("max_requests_per_1_minute", "max_tokens_per_1_minute")
    return _limit(planting, at, "both", names)


@plants("rate_limit_multiplied")
def tokens_multiplied(planting: Planting, at: float) -> Incident | None:
    """The tokens alone, the requests staying as they are."""
    return _limit(planting, at, "tokens alone", ("max_tokens_per_1_minute",))


def _limit(planting: Planting, at: float, variant: str, names: tuple[str, ...]) -> Incident:
    made = planting.made
    key = planting.random.choice(list(made.first_limits)[:20])
    factor = planting.random.choice((200, 1000))  # from whatever it was by then
    before = made.first_limits[key]
    changes = {name: before[name] * factor if name in names else before[name] for name in names}
    project = next(p for p in made.projects if p["id"] == key[0])
    by, actor = planting.anyone(at)
    payload = {"id": key[1], "changes_requested": changes}
    event = planting.note(at, "rate_limit.updated", payload, by=by, project=project)
    return Incident(
        detection="rate_limit_multiplied", variant=variant, events=(event,), at=at, actor=actor
    )
