"""What costs have in a report beyond other findings: colours, sparklines, days, sums, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs

from ..insights import CostBreakdown, CostChange, Review, known
from ..insights.daily import days_of
from ..insights.findings import Finding
from ..insights.text import count, day, money
from ..usage.money import add_up
from .document import Cell, Column, Table
from .groups import OTHERS, Shown, regrouped, shown
from .tables import cells, headings


def stacked_costs(
    review: Review, finding: Finding[CostChange], breakdown: CostBreakdown
) -> tuple[Table, ...]:
    """Costs in the colours of their chart, with a sparkline and a total; and day by day."""
    groups = shown(review, breakdown)
    return (
        _colored(review, finding, breakdown, groups),
        Table(
            caption=f"{finding.heading}, day by day",
            columns=(Column("Day", number=True), *(Column(g.label, number=True) for g in groups)),
            rows=[
                (Cell(day(date)), *(_amount(g.daily[i], review.currency) for g in groups))
                for i, date in enumerate(days_of(breakdown.period))
            ],
            folded=True,
        ),
    )


def _colored(
    review: Review,
    finding: Finding[CostChange],
    breakdown: CostBreakdown,
    groups: Sequence[Shown],
) -> Table:
    colors = {group.id: group.color for group in groups if group.label != OTHERS}
    rest = groups[-1].color if groups else 0
    costs = regrouped(known(review.daily), breakdown.by[0])

    def row(change: CostChange) -> tuple[Cell, ...]:
        id = change.group[0]
        name, cost, *others = cells(review, finding, finding.columns, change)
        by_day = _spark(costs.series((id,), review.period))
        return (attrs.evolve(name, color=colors.get(id, rest)), cost, by_day, *others)

    name, cost, *others = headings(finding.columns)
    sum, *sums = cells(review, finding, finding.columns[1:], breakdown.total)
    total = _spark(costs.total().series((), review.period))
    return Table(
        caption=finding.heading,
        columns=(name, cost, Column("By day", minor=True), *others),
        rows=[row(change) for change in breakdown.groups],
        total=(Cell("Total"), Cell(sum.text), total, *sums),
    )


def _amount(amount: Decimal | None, currency: str | None) -> Cell:
    return Cell("not known" if amount is None else money(amount, currency))


def _spark(series: Sequence[Decimal | None]) -> Cell:
    return Cell("", series=tuple(None if v is None else float(v) for v in series))


def costs_and_rest(review: Review, finding: Finding[Any], made: Table) -> Table:
    """A table of costs with its last rows summed up."""
    changes: Sequence[CostChange] = finding.rows(review)[finding.most :]
    if not changes:
        return made
    rest = CostChange(
        group=(None,),
        cost=add_up(c.cost for c in changes),
        previous=None
        if any(c.previous is None for c in changes)
        else add_up(c.previous for c in changes if c.previous is not None),
        share=sum(c.share or 0.0 for c in changes),
        gaps=changes[0].gaps,
        nothing_before=changes[0].nothing_before,
    )
    others = cells(review, finding, finding.columns[1:], rest)
    last = (Cell(count(len(changes), "other")), *others)
    return attrs.evolve(made, rows=[*made.rows[: finding.most], last])
