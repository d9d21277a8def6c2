"""The groups that a chart has colours for, and one for all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from ..insights import CostBreakdown, CostChange, DailyCosts, Period, Review, known
from ..insights.costs import together
from ..insights.findings import Finding
from ..insights.naming import Named, distinct
from ..insights.text import count, money, percent
from ..usage.money import add_up
from .colors import OTHERS, colors_for

MOST = OTHERS
"""The most groups that get a colour of their own."""

_MAIN = 0.5  # of all costs; of a chart whose larger part is gray nothing can be read


@attrs.frozen(kw_only=True)
class Shown:
    """A group of a chart.

    Attributes:
        label: its name; two of one name are told apart by their ids.
        id: its id; ``None`` for all others, and for what has none.
        color: the number of its colour.
        daily: what it cost on each day of the period; ``None`` where that is not known.
        others: how many groups it stands for; 0 where it is one.
    """

    label: str
    id: str | None
    color: int
    daily: tuple[Decimal | None, ...]
    others: int = 0


def shown(review: Review, finding: Finding[CostChange], breakdown: CostBreakdown) -> list[Shown]:
    """The dearest groups of a breakdown by project or model day by day, the rest as one."""
    costs = known(review.daily).regrouped(breakdown.by)
    best, period = finding.top(review, MOST), breakdown.period
    ids = [change.group[0] for change in best.rows]
    labels = distinct([Named(id).among(review.names) for id in ids])
    found = [
        Shown(label=name, id=id, color=color, daily=series_of(costs, [id], period))
        for id, name, color in zip(ids, labels, colors_for(ids), strict=True)
    ]
    if best.others:
        rest = [change.group[0] for change in best.others]
        found.append(
            Shown(
                label=finding.others(len(rest)),
                id=None,
                color=OTHERS,
                daily=series_of(costs, rest, period),
                others=len(rest),
            ),
        )
    return found


def drawn(
    review: Review, finding: Finding[CostChange], breakdown: CostBreakdown
) -> tuple[list[Shown], tuple[CostChange, ...]]:
    """The groups that a chart draws, and what it leaves out: the rest, where that is the most."""
    groups = shown(review, finding, breakdown)
    others = tuple(finding.top(review, MOST).others)
    cost, total = add_up(change.cost for change in others), breakdown.total.cost
    if not others or total <= 0 or float(cost / total) <= _MAIN:
        return groups, ()
    return groups[:-1], others


def left_out(
    review: Review, finding: Finding[CostChange], breakdown: CostBreakdown
) -> tuple[str, ...]:
    """What a chart does not draw, as a sentence; none where it draws all."""
    best = finding.top(review, MOST)
    _, others = drawn(review, finding, breakdown)
    if not others:
        return ()
    cost, name = together(others), finding.others(len(others))
    first = f"The chart has the {count(len(best.rows), *finding.noun)} that cost most"
    amount = f"{money(cost.cost, review.currency)} together ({percent(cost.share)})"
    return (f"{first}; {name[:1].lower()}{name[1:]} cost {amount}.",)


def series_of(
    costs: DailyCosts, ids: Sequence[str | None], period: Period
) -> tuple[Decimal | None, ...]:
    """What some groups cost together on each day; ``None`` where that is not known."""
    each = [costs.series((id,), period) for id in ids]
    return tuple(sum_known(amounts) for amounts in zip(*each, strict=True))


def sum_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """A sum; ``None`` where one of the amounts is not known."""
    every = [*amounts]
    known = [amount for amount in every if amount is not None]
    return add_up(known) if len(known) == len(every) else None
