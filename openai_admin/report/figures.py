"""The figures of a report as data, for programs that read the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import attrs

from .._wire.codec import plain
from ..insights import Period, Review, known
from ..insights.daily import days_of
from ..insights.findings import FINDINGS, MOST
from ..insights.findings.top import top
from .groups import series_of

_OTHERWISE = frozenset(
    {
        *("by_project", "by_model", "by_key", "by_user", "by_team", "by_line_item"),
        *(
            "models",
            "cache_savings",
            "projection",
            "anomalies",
            "thresholds",
            "rate_limits",
            "reconciliation",
        ),
    }
)
"""The findings that have a form of their own; of all others, each row as it was found."""

_FOUND_AS = {
    **dict.fromkeys(
        (
            *(
                "currency",
                "other_currencies",
                "total",
                "previous_total",
                "days_missing",
                "nothing_before",
            ),
            "projects",
        ),
        "by_project",
    ),
    "models": "by_model",
    "line_items": "by_line_item",
    "api_keys": "by_key",
    "users": "by_user",
    "teams": "by_team",
    "tokens": "models",
}
"""The finding that a figure is of, where it has another name."""


def figures(review: Review, *, full: bool = True) -> dict[str, Any]:
    """What the report shows, as JSON: money as exact text, days and times in ISO 8601.

    What is not known is null; ``not_known`` says why.

    Args:
        review: what was found.
        full: whether all rows are in it; otherwise those that a report shows one by one, and
            ``left_out`` has how many others there are, by figure.
    """
    most = None if full else MOST
    made: dict[str, Any] = {}
    left_out: dict[str, int] = {}
    for key, figure in _FIGURES.items():
        refused = review.why_not_known(_FOUND_AS.get(key, key))
        made[key] = None if refused else figure(review)
        if isinstance(made[key], list):
            best = top(made[key], most)
            made[key] = list(best.rows)
            if best.others:
                left_out[key] = len(best.others)
    made["daily"] = None if made["projects"] is None else _daily(review, most)
    return made | {"left_out": left_out}


def _projection(review: Review) -> dict[str, Any]:
    projection = known(review.projection)
    return {
        "month": plain(projection.month.start),
        "spent": plain(projection.spent),
        "unsettled": plain(projection.unsettled),
        "expected": plain(projection.expected),
        "low": plain(projection.low),
        "high": plain(projection.high),
        "coverage_ratio": projection.coverage,
        "fitted_days": projection.fitted_days,
        "days_missing": projection.gaps,
    }


def _anomalies(review: Review) -> list[dict[str, Any]]:
    return [
        {
            "project_id": found.group[0],
            "model": found.group[1],
            "day": plain(found.day),
            "cost": plain(found.cost),
            "expected": plain(found.expected),
        }
        for found in known(review.anomalies).found
    ]


def _near_thresholds(review: Review) -> list[dict[str, Any]]:
    return [
        {
            "project_id": near.project_id,
            "kind": near.kind,
            "month": plain(near.projection.month.start),
            "amount": plain(near.amount),
            "spent": plain(near.spent),
            "standing": near.standing,
        }
        for near in known(review.near_thresholds)
    ]


def _reconciliation(review: Review) -> dict[str, Any]:
    bill = known(review.reconciliation)
    return {
        "cost": plain(bill.cost),
        "explained": plain(bill.explained),
        "not_comparable": plain(bill.not_comparable),
        "disagreeing": _records(bill.disagreeing),
    }


def _costs(review: Review, finding: str) -> list[dict[str, Any]]:
    return [
        {
            "id": change.group[0],
            "name": None if change.group[0] is None else review.name(change.group[0]),
            "cost": plain(change.cost),
            "previous": plain(change.previous),
        }
        for change in FINDINGS[finding].rows(review)
    ]


def _daily(review: Review, most: int | None) -> list[dict[str, Any]]:
    """What each project cost on each day of the period that it cost something on, and on each that
    is not known; those that are not shown together, with ``others`` for how many they are.
    """
    costs = known(review.daily).regrouped("project")
    best = FINDINGS["by_project"].top(review, most)
    groups: list[tuple[dict[str, Any], Sequence[Decimal | None]]] = [
        ({"project_id": id}, costs.series((id,), review.period))
        for id in (change.group[0] for change in best.rows)
    ]
    if best.others:
        ids = [change.group[0] for change in best.others]
        rest = {"project_id": None, "others": len(ids)}
        groups.append((rest, series_of(costs, ids, review.period)))
    return [
        {"day": plain(day), **group, "cost": plain(series[i])}
        for i, day in enumerate(days_of(review.period))
        for group, series in groups
        if series[i] != 0
    ]


def _days(period: Period | None) -> dict[str, Any] | None:
    return None if period is None else {"start": plain(period.start), "end": plain(period.end)}


def _records(found: Sequence[Any]) -> list[dict[str, Any]]:
    return [attrs.asdict(each, value_serializer=lambda _, __, v: plain(v)) for each in found]


def _tokens(review: Review) -> list[dict[str, Any]]:
    """The models with what is told of them beside what was counted."""
    return [
        {"model": m.model, "tier": m.tier, "cost_per_million": plain(m.cost_per_million), **counts}
        for m, counts in zip(known(review.models), _rows(review, "models"), strict=True)
    ]


def _rows(review: Review, finding: str) -> list[dict[str, Any]]:
    return _records(FINDINGS[finding].rows(review))


_FIGURES: Mapping[str, Callable[[Review], Any]] = {
    **{key: partial(_rows, finding=key) for key in FINDINGS if key not in _OTHERWISE},
    "now": lambda r: plain(r.now),
    "currency": lambda r: r.currency,
    "other_currencies": lambda r: [
        {"currency": code, "cost": plain(cost)} for code, cost in r.other_currencies
    ],
    "period": lambda r: _days(r.period),
    "compared": lambda r: _days(r.scope.compared),
    "project_ids": lambda r: list(r.scope.project_ids),
    "unsettled_from": lambda r: plain(r.unsettled_from),
    "total": lambda r: plain(known(r.by_project).total.cost),
    "previous_total": lambda r: plain(known(r.by_project).total.previous),
    "days_missing": lambda r: known(r.by_project).gaps,
    "nothing_before": lambda r: plain(known(r.by_project).total.nothing_before),
    "projects": partial(_costs, finding="by_project"),
    "models": partial(_costs, finding="by_model"),
    "line_items": partial(_costs, finding="by_line_item"),
    "api_keys": lambda r: [
        {**made, "owner_id": key.owner.id if key.owner else None, "project_id": key.project_id}
        for made, key in zip(_costs(r, "by_key"), FINDINGS["by_key"].rows(r), strict=True)
    ],
    "cache_savings": lambda r: [
        {**made, "saved": plain(saving.saved)}
        for made, saving in zip(
            _records(known(r.cache_savings)), known(r.cache_savings), strict=True
        )
    ],
    "users": partial(_costs, finding="by_user"),
    "teams": partial(_costs, finding="by_team"),
    "tokens": _tokens,
    "projection": _projection,
    "anomalies": _anomalies,
    "near_thresholds": _near_thresholds,
    "near_rate_limits": lambda r: _records(known(r.near_rate_limits)),
    "reconciliation": _reconciliation,
    "clock_difference": lambda r: r.clock_difference,
    "missing": lambda r: list(r.missing),
    "not_known": lambda r: _records(r.not_known),
    "unread": lambda r: dict(r.unread),
}
"""How each figure is made where it is known; what is of no finding always is."""
