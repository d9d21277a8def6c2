"""Costs over time by project and by model, with unusual days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from ...insights import CostBreakdown, CostChange, Period, Review, known
from ...insights.findings import FINDINGS, Finding
from ...insights.text import at_least, day, days, money
from ..colors import FILLS
from ..drawing import Chart, Key, Mark, Stack, stacked
from ..groups import Shown, drawn, sum_known
from .axis import day_label, money_at, width_of

_MOST_BARS = 100  # beside one another; of more days, weeks are drawn


def cost_by_project(review: Review) -> Chart:
    """Cost over time, stacked by project; unusual days are marked."""
    return _chart("projects", review, FINDINGS["by_project"], known(review.by_project))


def cost_by_model(review: Review) -> Chart:
    """Cost over time, stacked by model; unusual days are marked."""
    return _chart("models", review, FINDINGS["by_model"], known(review.by_model))


def _chart(
    name: str, review: Review, finding: Finding[CostChange], breakdown: CostBreakdown
) -> Chart:
    groups, _ = drawn(review, finding, breakdown)
    bins, currency = bins_of(breakdown.period), review.currency
    costs = [binned(group, review.period, bins) for group in groups]
    marks = _marks(review, bins)
    worded = money_at(currency)
    body = stacked(
        [
            Stack(label=g.label, color=g.color, values=[None if v is None else float(v) for v in c])
            for g, c in zip(groups, costs, strict=True)
        ],
        labels=[day_label(bin.start) for bin in bins],
        said=[
            _said(bin, [(g.label, c[i]) for g, c in zip(groups, costs, strict=True)], currency)
            for i, bin in enumerate(bins)
        ],
        worded=worded,
        colors=FILLS,
        marks=marks,
    )
    total, what = breakdown.total.cost, finding.noun[0]
    return Chart(
        name=name,
        description=f"Stacked bars of cost by {'day' if bins[0].days == 1 else 'week'} and {what}, "
        f"{days(breakdown.period)}: {at_least(total, currency, gaps=breakdown.gaps)} in all. "
        + "; ".join(
            f"{review.named(g.group[0])} {money(g.cost, currency)}" for g in breakdown.groups[:5]
        )
        + ("." if breakdown.groups else ""),
        body=body,
        height=284,
        left=width_of([worded(float(_highest(costs)), 1.0)]),
        keys=(
            *(Key(g.label, color=g.color) for g in groups),
            *([Key("a day that cost far more or less than usual", "mark")] if marks else []),
        ),
    )


def _highest(costs: Sequence[Sequence[Decimal | None]]) -> Decimal:
    return max(
        (sum_known(v or Decimal(0) for v in bin) or Decimal(0) for bin in zip(*costs, strict=True)),
        default=Decimal(0),
    )


def _said(bin: Period, parts: Sequence[tuple[str, Decimal | None]], currency: str | None) -> str:
    """What a bar is: its days, what they cost, and what of that was whose; the dearest first."""
    sums = [cost for _, cost in parts if cost is not None]
    unknown = [label for label, cost in parts if cost is None]
    when = day(bin.start) if bin.days == 1 else str(bin)
    total = at_least(sum(sums, Decimal(0)), currency, gaps=len(unknown))
    if unknown and not sums:
        total = "not known"
    ordered = sorted(((label, cost) for label, cost in parts if cost), key=lambda part: -part[1])
    lines = [f"{label}: {money(cost, currency)}" for label, cost in ordered]
    return "\n".join([f"{when}: {total}", *lines, *(f"{each}: not known" for each in unknown)])


def bins_of(period: Period) -> list[Period]:
    """The days of a period, or its weeks where the days would be too many to see.

    The last week is a whole one, or it would look like a fall; the first may be shorter.
    """
    step = timedelta(days=1 if period.days <= _MOST_BARS else 7)
    bins: list[Period] = []
    end = period.end
    while end > period.start:
        bins.insert(0, Period(max(period.start, end - step), end))
        end = bins[0].start
    return bins


def binned(group: Shown, period: Period, bins: Sequence[Period]) -> list[Decimal | None]:
    """What a group cost in each bin; ``None`` where a day of it is not known."""
    places = [((b.start - period.start).days, (b.end - period.start).days) for b in bins]
    return [sum_known(group.daily[first:last]) for first, last in places]


def _marks(review: Review, bins: Sequence[Period]) -> list[Mark]:
    """A mark above the bar of each unusual day."""
    return [
        Mark(
            place=place,
            said=f"{day(found.day)}: {money(found.cost, review.currency)}, unusual\n"
            f"{review.named(found.group[0])}, {review.named(found.group[1])}\n"
            f"usual: {money(found.low, review.currency)} to {money(found.high, review.currency)}",
        )
        for found in FINDINGS["anomalies"].top(review).rows
        for place, bin in enumerate(bins)
        if found.day in bin
    ]
