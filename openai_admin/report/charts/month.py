"""The month's cost adding up, and where it should end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from ...insights import Period, Projection, Review, known
from ...insights.daily import days_of
from ...insights.findings import FINDINGS
from ...insights.text import count, day, money, percent
from ...usage.money import BILLED_IN
from ..drawing import Chart, Key, Level, Range, line
from .axis import day_label, money_at, width_of
from .nothing import nothing

_IN_SIGHT = Decimal("1.4")  # of what is expected; farther limits would squash the line


def projection(review: Review) -> Chart:
    """The month's cost adding up, where it should end, and what limits it."""
    projected, currency = known(review.projection), review.currency
    if projected.expected is None:
        return nothing("projection")
    total = known(review.daily).total()
    over = Period(projected.month.start, review.now.date() + timedelta(days=1))
    sums = [
        total.cost((), Period(over.start, through + timedelta(days=1))) for through in days_of(over)
    ]
    levels = _levels(review, projected)
    end = _end(projected, currency)
    worded = money_at(currency)
    body = line(
        [float(each) for each in sums],
        labels=[day_label(each) for each in days_of(projected.month)],
        said=[
            f"{day(through)}: {money(sum, currency)} so far"
            for through, sum in zip(days_of(over), sums, strict=True)
        ],
        worded=worded,
        end=end,
        levels=levels,
    )
    return Chart(
        name="projection",
        description=_described(projected, currency),
        body=body,
        height=284,
        left=width_of(
            [worded(float(projected.high or projected.expected or projected.spent), 1.0)]
        ),
        keys=(
            Key("spent so far this month", "line"),
            *([Key("expected", "dashed")] if end else []),
            *(
                [Key(f"range that holds it {percent(projected.coverage)} of the time", "range")]
                if end and end.low is not None
                else []
            ),
            *([Key("a limit, an alert or a budget", "limit")] if levels else []),
        ),
    )


def _end(projected: Projection, currency: str | None) -> Range | None:
    if projected.expected is None:
        return None
    last = day(projected.month.end - timedelta(days=1))
    low, high = projected.low, projected.high
    said = f"{last}: {money(projected.expected, currency)} expected"
    if low is not None and high is not None:
        said += f"\nfrom {money(low, currency)} to {money(high, currency)}"
    return Range(
        expected=float(projected.expected),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        said=said,
    )


def _described(projected: Projection, currency: str | None) -> str:
    told = f"A line of the month's cost adding up: {money(projected.spent, currency)} so far"
    if projected.expected is None:
        return f"{told}."
    last = day(projected.month.end - timedelta(days=1))
    told += (
        f", {money(projected.expected, currency)} expected by {last} from "
        f"{count(projected.fitted_days, 'day')}"
    )
    if projected.low is None or projected.high is None:
        return f"{told}."
    return (
        f"{told}, between {money(projected.low, currency)} and {money(projected.high, currency)} "
        f"with {percent(projected.coverage)} certainty."
    )


def _levels(review: Review, projected: Projection) -> list[Level]:
    """What the organization's month should not pass, where it is in sight: one line an amount."""
    limits: dict[Decimal, list[str]] = {}
    for amount, what in (*_thresholds(review), *_budgets(review, projected)):
        if projected.expected is not None and amount <= projected.expected * _IN_SIGHT:
            limits.setdefault(amount, []).append(what)
    return [
        Level(float(amount), f"{', '.join(what)} at {money(amount, review.currency)}")
        for amount, what in sorted(limits.items())
    ]


def _thresholds(review: Review) -> Iterator[tuple[Decimal, str]]:
    """The organization's own limits and alerts, which are in dollars."""
    if review.currency != BILLED_IN:
        return
    for threshold in FINDINGS["thresholds"].rows(review):
        if threshold.project_id is None:
            yield threshold.amount, threshold.kind


def _budgets(review: Review, projected: Projection) -> Iterator[tuple[Decimal, str]]:
    """The budgets for all that the chart adds up."""
    if review.scope.project_ids:
        return
    for status in FINDINGS["budgets"].rows(review):
        budget = status.budget
        is_whole = budget.scope.is_everything and status.period == projected.month
        if is_whole and budget.currency == review.currency:
            yield budget.limit, f"budget {budget.name}"
