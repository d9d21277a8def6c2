"""The figures of a report as data, for programs that read the page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs

from ..insights import CostBreakdown, Review
from ..insights.daily import days_of
from ..insights.findings import FINDINGS
from ..usage.export import plain
from .groups import regrouped

_OTHERWISE = frozenset(
    {
        *("by_project", "by_model", "by_key", "by_user", "by_line_item"),
        *("models", "projection", "anomalies", "thresholds", "rate_limits", "reconciliation"),
    }
)
"""The findings that have a form of their own; of all others, each row as it was found."""

_FOUND_AS = {
    **dict.fromkeys(("currency", "total", "previous_total", "projects", "daily"), "by_project"),
    "models": "by_model",
    "line_items": "by_line_item",
    "api_keys": "by_key",
    "users": "by_user",
    "tokens": "models",
    "near_thresholds": "thresholds",
    "near_rate_limits": "rate_limits",
}
"""The finding that a figure is of, where it has another name."""


def figures(review: Review) -> dict[str, Any]:
    """What the report shows, as JSON: money as exact text, days and times in ISO 8601.

    What is not known is null; ``not_known`` says why.
    """
    return {
        key: None if review.why_not_known(finding) else value
        for key, value, finding in (
            (key, value, _FOUND_AS.get(key, key)) for key, value in _made(review).items()
        )
    }


def _made(review: Review) -> dict[str, Any]:
    projection = review.projection
    return {
        **{
            key: _records(finding.rows(review))
            for key, finding in FINDINGS.items()
            if key not in _OTHERWISE
        },
        "now": plain(review.now),
        "currency": review.currency,
        "period": {"start": plain(review.period.start), "end": plain(review.period.end)},
        "total": plain(review.by_project.total.cost),
        "previous_total": plain(review.by_project.total.previous),
        "projects": _costs(review, review.by_project),
        "models": _costs(review, review.by_model),
        "line_items": _costs(review, review.by_line_item),
        "api_keys": _costs(review, review.by_key),
        "users": _costs(review, review.by_user),
        "daily": _daily(review),
        "tokens": _records(review.models),
        "projection": {
            "month": plain(projection.month.start),
            "spent": plain(projection.spent),
            "unsettled": plain(projection.unsettled),
            "expected": plain(projection.expected),
            "low": plain(projection.low),
            "high": plain(projection.high),
            "coverage": projection.coverage,
        },
        "anomalies": [
            {
                "project_id": found.group[0],
                "model": found.group[1],
                "day": plain(found.day),
                "cost": plain(found.cost),
                "expected": plain(found.expected),
            }
            for found in review.anomalies.found
        ],
        "near_thresholds": [
            {
                "project_id": near.project_id,
                "kind": near.kind,
                "amount": plain(near.amount),
                "spent": plain(near.spent),
                "standing": near.standing,
            }
            for near in review.near_thresholds
        ],
        "near_rate_limits": _records(review.near_rate_limits),
        "reconciliation": {
            "cost": plain(review.reconciliation.cost),
            "explained": plain(review.reconciliation.explained),
            "not_comparable": plain(review.reconciliation.not_comparable),
            "disagreeing": _records(review.reconciliation.disagreeing),
        },
        "missing": list(review.missing),
        "not_known": _records(review.not_known),
        "unread": dict(review.unread),
    }


def _costs(review: Review, breakdown: CostBreakdown) -> list[dict[str, Any]]:
    return [
        {
            "id": change.group[0],
            "name": None if change.group[0] is None else review.name(change.group[0]),
            "cost": plain(change.cost),
            "previous": plain(change.previous),
        }
        for change in breakdown.groups
    ]


def _daily(review: Review) -> list[dict[str, Any]]:
    """What each project cost on each day of the period that it cost something on."""
    costs = regrouped(review.daily, review.daily.by.index("project"))
    return [
        {"day": plain(day), "project_id": project_id, "cost": plain(by_day[day])}
        for day in days_of(review.period)
        for project_id, by_day in costs.items()
        if by_day.get(day, Decimal(0))
    ]


def _records(found: Sequence[Any]) -> list[dict[str, Any]]:
    return [attrs.asdict(each, value_serializer=lambda _, __, v: plain(v)) for each in found]
