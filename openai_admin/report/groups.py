"""The groups that a chart has colours for, and one for all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import attrs

from ..insights import CostBreakdown, DailyCosts, Grouping, GroupKey, Period, Review, known
from ..insights.naming import Named, distinct
from ..usage.money import add_up, plus

OTHERS = "All others"

# Each stands out at 3 : 1 or more on white and on the dark page alike (WCAG 1.4.11), so that one
# drawing serves both; the last is for all others.
PALETTE = (
    "#3b7dd8",
    "#d5700f",
    "#2b9a57",
    "#9a5fd6",
    "#d94f8a",
    "#1b96a4",
    "#8a8520",
    "#a8703f",
    "#858b97",
)
MOST = len(PALETTE) - 1
"""The most groups that get a colour of their own."""


@attrs.frozen(kw_only=True)
class Shown:
    """A group of a chart.

    Attributes:
        label: its name; two of one name are told apart by their ids.
        id: its id; ``None`` for all others, and for what has none.
        color: the number of its colour.
        daily: what it cost on each day of the period; ``None`` where that is not known.
    """

    label: str
    id: str | None
    color: int
    daily: tuple[Decimal | None, ...]


def regrouped(daily: DailyCosts, by: Grouping) -> DailyCosts:
    """Daily costs by one of their groupings alone."""
    place = daily.by.index(by)
    sums: dict[GroupKey, dict[date, Decimal]] = {}
    for group, costs in daily.groups.items():
        into = sums.setdefault((group[place],), {})
        for day, amount in costs.items():
            into[day] = plus(into.get(day, Decimal(0)), amount)
    return attrs.evolve(daily, by=(by,), groups=sums)


def shown(review: Review, breakdown: CostBreakdown) -> list[Shown]:
    """The dearest groups of a breakdown by project or model day by day, the rest as one."""
    costs = regrouped(known(review.daily), breakdown.by[0])
    ids = [change.group[0] for change in breakdown.groups]
    period = breakdown.period
    labels = distinct([Named(id).among(review.names) for id in ids])
    own = ids if len(ids) <= MOST + 1 else ids[:MOST]
    found = [
        Shown(label=name, id=id, color=color, daily=_series(costs, [id], period))
        for color, (id, name) in enumerate(zip(own, labels, strict=False))
    ]
    if rest := ids[len(own) :]:
        found.append(
            Shown(label=OTHERS, id=None, color=MOST, daily=_series(costs, rest, period)),
        )
    return found


def _series(
    costs: DailyCosts, ids: Sequence[str | None], period: Period
) -> tuple[Decimal | None, ...]:
    each = [costs.series((id,), period) for id in ids]
    return tuple(sum_known(amounts) for amounts in zip(*each, strict=True))


def sum_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """A sum; ``None`` where one of the amounts is not known."""
    every = [*amounts]
    known = [amount for amount in every if amount is not None]
    return add_up(known) if len(known) == len(every) else None
