"""What was spent and where, what changed, and what the month will cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from ..insights import Anomaly, CostBreakdown, CostChange, GroupKey, Period, Review
from .document import Cell, Column, Part, Section, Table, Tone
from .groups import OTHERS, days_in, label, regrouped, shown
from .text import count, day, money, percent, signed, signed_percent

_MOST = 15
"""Rows of a table that is not complete for want of interest."""


def spending_part(review: Review) -> Part:
    """Costs by project, model, key and person, and what a million tokens costs."""
    return Part(
        title="What did we spend, and where?",
        sections=(
            _stacked(review, review.by_project, "projects", "Cost by project", "Project"),
            _stacked(review, review.by_model, "models", "Cost by model", "Model"),
            _tokens(review),
            Section(
                key="keys-and-users",
                title="Cost by API key and by user",
                tables=(
                    _plain_costs(review, review.by_key, "API key"),
                    _plain_costs(review, review.by_user, "User or service account"),
                ),
            ),
        ),
    )


def _stacked(review: Review, breakdown: CostBreakdown, key: str, title: str, what: str) -> Section:
    groups = shown(review, breakdown)
    colors = {group.id: group.color for group in groups if group.label != OTHERS}
    return Section(
        key=key,
        title=title,
        text=(_dearest(review, breakdown),) if breakdown.groups else ("There were no costs.",),
        chart=key if breakdown.groups else None,
        tables=(
            _costs(review, breakdown, what, colors, groups[-1].color if groups else 0),
            Table(
                caption=f"{title}, day by day",
                columns=(
                    Column("Day", number=True),
                    *(Column(g.label, number=True) for g in groups),
                ),
                rows=[
                    (
                        Cell(day(date)),
                        *(Cell(money(g.daily[i], review.currency)) for g in groups),
                    )
                    for i, date in enumerate(days_in(breakdown.period))
                ],
                folded=True,
            ),
        ),
    )


def _dearest(review: Review, breakdown: CostBreakdown) -> str:
    total, first = breakdown.total, breakdown.groups[0]
    return (
        f"{money(total.cost, review.currency)} in all, of which {label(review, first.group[0])} "
        f"took {percent(first.share) or 'nothing'}."
    )


def _costs(
    review: Review,
    breakdown: CostBreakdown,
    what: str,
    colors: Mapping[str | None, int],
    rest: int,
) -> Table:
    currency = review.currency
    daily = regrouped(review.daily, review.daily.by.index(breakdown.by[0]))
    days = days_in(breakdown.period)

    def row(change: CostChange) -> tuple[Cell, ...]:
        id = change.group[0]
        amounts = daily.get(id, {})
        series = tuple(float(amounts.get(date, 0)) for date in days)
        return (
            Cell(label(review, id), id=_id(review, id), color=colors.get(id, rest)),
            Cell(money(change.cost, currency), part=_part(change)),
            Cell("", series=series),
            *_changes(change, currency),
            Cell(percent(change.share)),
        )

    total = breakdown.total
    return Table(
        caption=f"Cost by {what.lower()}",
        columns=(
            Column(what),
            Column("Cost", number=True),
            Column("By day", minor=True),
            Column("Before", number=True, minor=True),
            Column("Change", number=True),
            Column("%", number=True, minor=True),
            Column("Share", number=True, minor=True),
        ),
        rows=[row(change) for change in breakdown.groups],
        total=(
            Cell("Total"),
            Cell(money(total.cost, currency)),
            Cell("", series=_total_series(review)),
            *_changes(total, currency),
            Cell(percent(total.share)),
        ),
    )


def _total_series(review: Review) -> tuple[float, ...]:
    return tuple(float(amount) for amount in review.daily.total().series((), review.period))


def _changes(change: CostChange, currency: str | None) -> tuple[Cell, Cell, Cell]:
    return (
        Cell(money(change.previous, currency)),
        Cell(signed(change.change, currency)),
        Cell(signed_percent(change.relative) or ("new" if change.status == "new" else "")),
    )


def _part(change: CostChange) -> float:
    return max(0.0, min(1.0, change.share or 0.0))


def _id(review: Review, id: str | None) -> str | None:
    """The id, where the name does not say it already."""
    return None if id is None or review.name(id) == id else id


def _plain_costs(review: Review, breakdown: CostBreakdown, what: str) -> Table:
    groups = breakdown.groups[:_MOST]
    more = breakdown.groups[_MOST:]
    rows = [
        (
            Cell(label(review, g.group[0]), id=_id(review, g.group[0])),
            Cell(money(g.cost, review.currency), part=_part(g)),
            *_changes(g, review.currency),
            Cell(percent(g.share)),
        )
        for g in groups
    ]
    if more:
        rest = CostChange(
            group=(None,),
            cost=sum((g.cost for g in more), Decimal(0)),
            previous=sum((g.previous for g in more), Decimal(0)),
            share=sum(g.share or 0.0 for g in more),
        )
        rows.append(
            (
                Cell(f"{len(more)} others"),
                Cell(money(rest.cost, review.currency), part=_part(rest)),
                *_changes(rest, review.currency),
                Cell(percent(rest.share)),
            )
        )
    return Table(
        caption=f"Cost by {what if what.startswith('API') else what.lower()}",
        columns=(
            Column(what),
            Column("Cost", number=True),
            Column("Before", number=True, minor=True),
            Column("Change", number=True),
            Column("%", number=True, minor=True),
            Column("Share", number=True, minor=True),
        ),
        rows=rows,
    )


def _tokens(review: Review) -> Section:
    currency = review.currency
    bill = review.reconciliation
    text = ["What was really paid for a million tokens, read and written, discounts included."]
    if bill.cost > 0:
        explained = float(bill.explained / bill.cost)
        text.append(
            f"Usage explains {percent(explained)} of the bill; "
            f"{money(bill.not_comparable, currency)} is for what usage does not count alike."
        )
    return Section(
        key="tokens",
        title="Cost of a million tokens",
        text=tuple(text),
        tables=(
            Table(
                caption="Cost of a million tokens and share of cached input by model",
                columns=(
                    Column("Model"),
                    Column("Per million", number=True),
                    Column("Cost", number=True),
                    Column("Tokens", number=True, minor=True),
                    Column("From cache", number=True),
                    Column("Requests", number=True, minor=True),
                ),
                rows=[
                    (
                        Cell(model.model),
                        Cell(
                            "" if model.cost_per_million is None else f"{model.cost_per_million:f}"
                        ),
                        Cell(money(model.cost, currency)),
                        Cell(f"{model.input_tokens + model.output_tokens:,}"),
                        Cell(percent(model.cache_share), part=model.cache_share),
                        Cell(f"{model.requests:,}"),
                    )
                    for model in review.models
                ],
            ),
        ),
    )


def change_part(review: Review) -> Part:
    """Movers, and days that were unusual."""
    return Part(title="What changed?", sections=(_movers(review), _anomalies(review)))


def _movers(review: Review) -> Section:
    currency, total = review.currency, review.by_project.total
    return Section(
        key="movers",
        title="Movers",
        text=(
            f"Costs changed by {signed(total.change, currency)} in all.",
            "What moved most, by project and model:",
        ),
        chart="movers" if review.movers else None,
        tables=(
            Table(
                caption="Movers by project and model",
                columns=(
                    Column("Project"),
                    Column("Model"),
                    Column("Change", number=True),
                    Column("Before", number=True, minor=True),
                    Column("Now", number=True, minor=True),
                    Column("%", number=True, minor=True),
                ),
                rows=[
                    (
                        *_pair(review, mover.cost.group),
                        Cell(signed(mover.cost.change, currency)),
                        Cell(money(mover.cost.previous, currency)),
                        Cell(money(mover.cost.cost, currency)),
                        Cell(signed_percent(mover.cost.relative) or mover.cost.status),
                    )
                    for mover in review.movers
                ],
            ),
        ),
    )


def _pair(review: Review, group: GroupKey) -> tuple[Cell, Cell]:
    project, model = group
    return Cell(label(review, project), id=_id(review, project)), Cell(label(review, model))


def _anomalies(review: Review) -> Section:
    search = review.anomalies
    looked_at = count(search.judged, "project and model", "projects and models")
    unlike = count(len(search.found), "day")
    text = [f"{looked_at} looked at: {unlike} unlike what each usually costs."]
    if search.too_short:
        text.append(f"{search.too_short} have too little history to judge.")
    return Section(
        key="anomalies",
        title="Unusual days",
        text=tuple(text),
        tables=(
            Table(
                caption="Days that cost far more or less than usual",
                columns=(
                    Column("Day", number=True),
                    Column("Project"),
                    Column("Model"),
                    Column("Cost", number=True),
                    Column("Usual", number=True, minor=True),
                    Column("Difference", number=True, minor=True),
                ),
                rows=[_anomaly(review, found) for found in search.found],
            ),
        )
        if search.found
        else (),
    )


def _anomaly(review: Review, found: Anomaly) -> tuple[Cell, ...]:
    currency = review.currency
    tone: Tone = "bad" if found.excess > 0 else "warn"
    return (
        Cell(day(found.day)),
        *_pair(review, found.group),
        Cell(money(found.cost, currency), tone=tone),
        Cell(f"{money(found.low, currency)} to {money(found.high, currency)}"),
        Cell(signed(found.excess, currency)),
    )


def month_part(review: Review) -> Part:
    """The projection of the month that runs now."""
    projection, currency = review.projection, review.currency
    month = f"{projection.month.start:%B %Y}"
    spent = money(projection.spent, currency)
    if projection.expected is None:
        text = [f"{spent} so far in {month}; there is no whole day yet to go by."]
    else:
        text = [f"{month} should cost {money(projection.expected, currency)}: {spent} so far."]
        if projection.low is not None and projection.high is not None:
            text.append(
                f"It should end between {money(projection.low, currency)} and "
                f"{money(projection.high, currency)}, {projection.coverage:.0%} of the time."
            )
        text.append(
            f"{money(projection.unsettled, currency)} of what was spent may still be restated. "
            f"The estimate goes by {count(projection.fitted_days, 'day')}."
        )
    text += _last_month(review)
    return Part(
        title="What will the month cost?",
        sections=(
            Section(
                key="projection",
                title=f"{month}, projected",
                text=tuple(text),
                chart="projection" if projection.expected is not None else None,
            ),
        ),
    )


def _last_month(review: Review) -> list[str]:
    """What the month before cost, where all of it was fetched."""
    month = review.projection.month
    span = review.daily.span()
    first = (month.start - timedelta(days=1)).replace(day=1)
    if span is None or span.start > first:
        return []
    cost = review.daily.total().cost((), Period(first, month.start))
    return [f"{first:%B} cost {money(cost, review.currency)}."]
