"""What the page's filter adds up: costs by project and model, day by day, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from .._text.visible import visible
from ..insights import CostChange, Period, Review, known
from ..insights.daily import GroupKey
from ..insights.findings import FINDINGS, MOST, Finding
from ..insights.naming import Named, distinct
from ..insights.text import day
from ..usage.money import EXACT, plus, tidied
from .charts.axis import day_label
from .charts.costs import bins_of
from .groups import shown

Place = tuple[int, int]
"""The numbers of a project and a model; the number after the last stands for all others."""


def cube(review: Review, *, most: int | None = MOST) -> dict[str, Any] | None:
    """Costs in whole units of a power of ten, so that sums of them are exact.

    Args:
        review: what was found.
        most: how many projects and models have a number of their own; ``None`` is all.

    Returns:
        What the page's script reads; ``None`` where costs by project and model are not known.
    """
    findings = (FINDINGS["by_project"], FINDINGS["by_model"])
    if any(review.why_not_known(finding.key) for finding in findings):
        return None
    daily = known(review.daily).regrouped(("project", "model"))
    period, before = review.period, known(review.by_project).total
    places = [_numbers(finding, review, most) for finding in findings]
    then = _before(review)
    found: dict[Place, tuple[list[Decimal | None], Decimal]] = {}
    for group in {**daily.groups, **then}:
        of = places[0].get(group[0]), places[1].get(group[1])
        if None in of:
            continue
        at: Any = of
        series = daily.series(group, period)
        previous = then.get(group, daily.cost(group, period))
        if at in found:
            others, sum = found[at]
            series = [_plus(a, b) for a, b in zip(others, series, strict=True)]
            previous = plus(sum, previous)
        found[at] = [*series], previous
    digits = _digits(found.values())
    return {
        "currency": review.currency,
        "digits": digits,
        "compared": before.change is not None and review.movers is not None,
        "gaps": before.gaps,
        "axes": [
            _axis(finding, review, most, numbers)
            for finding, numbers in zip(findings, places, strict=True)
        ],
        "bins": _bins(period),
        "pairs": [
            [*at, _whole(previous, digits), [_whole(v, digits) for v in series]]
            for at, (series, previous) in found.items()
        ],
        "marks": [
            [places[0].get(a.group[0]), places[1].get(a.group[1])]
            for a in FINDINGS["anomalies"].top(review).rows
            if a.day in period
        ],
    }


def _before(review: Review) -> dict[GroupKey, Decimal]:
    """What each project and model cost before, where that is not what it costs now."""
    costs = (mover.cost for mover in review.movers or ())
    return {cost.group: cost.previous for cost in costs if cost.previous is not None}


def _numbers(
    finding: Finding[CostChange], review: Review, most: int | None
) -> dict[str | None, int]:
    """The number of each group: its place, or that of all others."""
    best = finding.top(review, most)
    numbers = {change.group[0]: place for place, change in enumerate(best.rows)}
    return numbers | {change.group[0]: len(best.rows) for change in best.others}


def _axis(
    finding: Finding[CostChange],
    review: Review,
    most: int | None,
    numbers: dict[str | None, int],
) -> dict[str, Any]:
    best = finding.top(review, most)
    ids = [change.group[0] for change in best.rows]
    labels = distinct([Named(id).among(review.names) for id in ids])
    colors = {
        group.id: group.color
        for group in shown(review, finding, known(getattr(review, finding.key)))
        if not group.others
    }
    made: list[dict[str, Any]] = [
        {"id": id, "label": visible(label), "color": colors.get(id)}
        for id, label in zip(ids, labels, strict=True)
    ]
    if best.others:
        others = finding.others(len(best.others))
        made.append({"id": None, "label": others, "color": None, "rest": True})
    return {"noun": finding.noun[1], "groups": made}


def _bins(period: Period) -> list[list[Any]]:
    """The bars of a chart: their first day and that after their last, by number, and in words."""
    return [
        [
            (bin.start - period.start).days,
            (bin.end - period.start).days,
            day_label(bin.start),
            day(bin.start) if bin.days == 1 else str(bin),
        ]
        for bin in bins_of(period)
    ]


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else plus(one, other)


def _digits(found: Iterable[tuple[Sequence[Decimal | None], Decimal]]) -> int:
    """How many digits after the point the amounts have."""
    amounts = (v for series, previous in found for v in (*series, previous) if v is not None)
    exponents = (tidied(amount).as_tuple().exponent for amount in amounts)
    return max((-int(e) for e in exponents), default=0)


def _whole(amount: Decimal | None, digits: int) -> str | int | None:
    """An amount in units of a power of ten; as text where JSON's numbers are not exact."""
    if amount is None:
        return None
    whole = int(EXACT.scaleb(amount, digits))
    return whole if abs(whole) < 2**53 else str(whole)
