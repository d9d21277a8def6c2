"""What costs have in a report beyond other findings: colours, sparklines, days, sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import attrs

from .._wire.scalars import digits
from ..insights import CostBreakdown, CostChange, DailyCosts, Review, known
from ..insights.daily import days_of
from ..insights.findings import MOST, Finding
from ..insights.text import day, money
from .document import Cell, Column, Table
from .groups import Shown, drawn, series_of, shown
from .tables import cells, headings, rest


def stacked_costs(
    review: Review,
    finding: Finding[CostChange],
    breakdown: CostBreakdown,
    *,
    most: int | None = MOST,
) -> tuple[Table, ...]:
    """Costs in the colours of their chart, with a sparkline and a total; and day by day."""
    every = shown(review, finding, breakdown)
    groups, _ = drawn(review, finding, breakdown)
    return (
        _colored(review, finding, breakdown, groups, most),
        Table(
            caption=f"{finding.heading}, day by day",
            columns=(
                Column("Day", number=True),
                *(Column(g.label, number=True, unit=_unit_of(review)) for g in every),
            ),
            rows=[
                (Cell(day(date)), *(_amount(g.daily[i], review.currency) for g in every))
                for i, date in enumerate(days_of(breakdown.period))
            ],
            folded=True,
        ),
    )


def _unit_of(review: Review) -> str:
    return (review.currency or "").upper()


def _colored(
    review: Review,
    finding: Finding[CostChange],
    breakdown: CostBreakdown,
    groups: Sequence[Shown],
    most: int | None,
) -> Table:
    colors = {group.id: group.color for group in groups if not group.others}
    gray = next((group.color for group in groups if group.others), None)
    costs = known(review.daily).regrouped(breakdown.by)
    best, columns = finding.top(review, most), finding.columns_in(review)

    def row(change: CostChange) -> tuple[Cell, ...]:
        id = change.group[0]
        line = cells(review, finding, columns, change)
        return _with_days(line, colors.get(id, gray), _spark(_series(costs, [id], breakdown)))

    name, cost, *others = headings(finding, columns, review.currency)
    sum, *sums = cells(review, finding, columns[1:], breakdown.total)
    total = _spark(costs.total().series((), review.period))
    return Table(
        caption=finding.heading,
        columns=(name, cost, Column("By day", minor=True), *others),
        rows=[row(change) for change in best.rows],
        rest=_with_days(
            rest(review, finding, columns, best.others),
            gray,
            _spark(_series(costs, [change.group[0] for change in best.others], breakdown)),
        )
        if best.others
        else None,
        total=(Cell("Total"), attrs.evolve(sum, part=None), total, *sums),
    )


def _with_days(line: tuple[Cell, ...], color: int | None, days: Cell) -> tuple[Cell, ...]:
    name, cost, *others = line
    return (attrs.evolve(name, color=color), cost, days, *others)


def _series(
    costs: DailyCosts, ids: Sequence[str | None], breakdown: CostBreakdown
) -> Sequence[Decimal | None]:
    return series_of(costs, ids, breakdown.period)


def _amount(amount: Decimal | None, currency: str | None) -> Cell:
    if amount is None:
        return Cell("not known")
    return Cell(money(amount, currency), exact=digits(amount))


def _spark(series: Sequence[Decimal | None]) -> Cell:
    return Cell("", series=tuple(None if v is None else float(v) for v in series))
