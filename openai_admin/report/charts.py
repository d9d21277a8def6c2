"""The charts of a report, as Altair makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .._declare.arguments import one_of, suggest
from .._extras import require
from .._text.visible import visible
from ..errors import InvalidInputError
from ..insights import CostBreakdown, CostChange, Period, Review, known
from ..insights.daily import days_of
from ..insights.findings import FINDINGS, Finding
from ..insights.naming import Named, distinct
from ..insights.text import at_least, count, day, money, percent, signed
from .groups import PALETTE, Shown, drawn, sum_known

RISE, FALL, MARK = "#d6453d", "#2b9a57", "#d6453d"
_HEIGHT = 280
_IN_SIGHT = Decimal("1.4")  # of what is expected; farther limits would squash the line
_MOST_BARS = 100  # beside one another; of more days, weeks are drawn
_AND = " · "
_ROW = 36  # pixels of a mover's bar with the space around it


def altair() -> Any:
    """Altair, which only the charts need.

    Raises:
        ConfigurationError: it is not installed.
    """
    return require("altair", extra="report")


def cost_by_project(review: Review) -> Any:
    """Cost over time, stacked by project; unusual days are marked."""
    return _stacked(review, FINDINGS["by_project"], known(review.by_project), "Project")


def cost_by_model(review: Review) -> Any:
    """Cost over time, stacked by model; unusual days are marked."""
    return _stacked(review, FINDINGS["by_model"], known(review.by_model), "Model")


def _stacked(
    review: Review, finding: Finding[CostChange], breakdown: CostBreakdown, what: str
) -> Any:
    alt = altair()
    groups, _ = drawn(review, finding, breakdown)
    bins = _bins(breakdown.period)
    rows, tops = _stack(review, groups, bins)
    bars = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=_days_axis(alt),
            x2="until:T",
            y=_money_axis(alt, "to", review, tops),
            y2="from:Q",
            color=alt.Color(
                "group:N",
                title=what,
                scale=alt.Scale(
                    domain=[g.label for g in groups], range=[PALETTE[g.color] for g in groups]
                ),
            ),
            tooltip=[
                alt.Tooltip("when:N", title="Day" if bins[0].days == 1 else "Week from"),
                alt.Tooltip("group:N", title=what),
                alt.Tooltip("text:N", title="Cost"),
            ],
        )
    )
    return alt.layer(bars, *_marked(review, bins, tops)).properties(
        height=_HEIGHT,
        description=f"Stacked bars of cost over time by {what.lower()}, {breakdown.period}: "
        f"{at_least(breakdown.total.cost, review.currency, gaps=breakdown.gaps)} in all. "
        + "; ".join(
            f"{review.named(g.group[0])} {money(g.cost, review.currency)}"
            for g in breakdown.groups[:5]
        ),
    )


def _stack(
    review: Review, groups: Sequence[Shown], bins: Sequence[Period]
) -> tuple[list[dict[str, Any]], list[Decimal]]:
    """A bar for each group and bin on top of the one before, and how high each bin's are.

    Costs go upwards from zero, credits downwards. Vega itself does not stack bars that have two
    ends across as well.
    """
    tops, depths = [Decimal(0)] * len(bins), [Decimal(0)] * len(bins)
    rows = []
    for group in groups:
        costs = _binned(group, review.period, bins)
        for i, (bin, cost) in enumerate(zip(bins, costs, strict=True)):
            if not cost:  # nothing, or not known
                continue
            ends = tops if cost > 0 else depths
            rows.append(
                {
                    "day": day(bin.start),
                    "when": day(bin.start),  # as text: Vega turns the other into a number
                    "until": day(bin.end),
                    "group": group.label,
                    "from": float(ends[i]),
                    "to": float(ends[i] + cost),
                    "text": money(cost, review.currency),
                }
            )
            ends[i] += cost
    return rows, tops


def _bins(period: Period) -> list[Period]:
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


def _binned(group: Shown, period: Period, bins: Sequence[Period]) -> list[Decimal | None]:
    """What a group cost in each bin; ``None`` where a day of it is not known."""
    places = [((b.start - period.start).days, (b.end - period.start).days) for b in bins]
    return [sum_known(group.daily[first:last]) for first, last in places]


def _marked(review: Review, bins: Sequence[Period], tops: Sequence[Decimal]) -> list[Any]:
    """A mark above the bar of each unusual day, if there are any."""
    alt = altair()
    rows = [
        {
            "when": day(found.day),
            "middle": f"{bin.start + timedelta(days=bin.days // 2)}T{bin.days % 2 * 12:02}:00Z",
            "cost": float(top),
            "what": f"{review.named(found.group[0])}, {review.named(found.group[1])}",
            "text": money(found.cost, review.currency),
            "usual": f"{money(found.low, review.currency)} to {money(found.high, review.currency)}",
        }
        for found in FINDINGS["anomalies"].top(review).rows
        for bin, top in zip(bins, tops, strict=True)
        if found.day in bin
    ]
    if not rows:
        return []
    marks = (
        alt.Chart(_data(rows))
        .mark_point(
            shape="triangle-down", filled=True, size=120, color=MARK, opacity=1, yOffset=-11
        )
        .encode(
            x=_days_axis(alt, "middle"),
            y="cost:Q",
            tooltip=[
                alt.Tooltip("when:N", title="Unusual"),
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("text:N", title="Cost"),
                alt.Tooltip("usual:N", title="Usual"),
            ],
        )
    )
    return [marks]


def movers(review: Review) -> Any:
    """What changed most, to the right what costs more and to the left what costs less."""
    alt = altair()
    moved = [
        (group, group.previous, group.cost - group.previous)
        for group in (mover.cost for mover in FINDINGS["movers"].top(review).rows)
        if group.previous is not None
    ]
    pairs = [[review.named(part) for part in group.group] for group, _, _ in moved]
    labels = distinct([Named(pair[0].id, _AND.join(map(str, pair))) for pair in pairs])
    rows = [
        {
            "group": name,
            "change": float(change),
            "text": signed(change, review.currency),
            "before": money(previous, review.currency),
            "now": money(group.cost, review.currency),
        }
        for name, (group, previous, change) in zip(labels, moved, strict=True)
    ]
    # The project above the model: a line of both would leave a phone no room for the bars.
    axis = alt.Axis(ticks=False, domain=False, labelExpr=f"split(datum.label, '{_AND}')")
    return (
        alt.Chart(_data(rows))
        .mark_bar(height=18)
        .encode(
            y=alt.Y("group:N", sort=None, title=None, axis=axis),
            x=_money_axis(alt, "change", review, [change for _, _, change in moved], axis="X"),
            color=alt.condition("datum.change > 0", alt.value(RISE), alt.value(FALL)),
            tooltip=[
                alt.Tooltip("group:N", title="What"),
                alt.Tooltip("text:N", title="Change"),
                alt.Tooltip("before:N", title="Before"),
                alt.Tooltip("now:N", title="Now"),
            ],
        )
        .properties(
            height=_ROW * max(1, len(rows)),
            description="Bars of the largest changes of cost, by project and model. "
            + "; ".join(f"{row['group']} {row['text']}" for row in rows[:5]),
        )
    )


def projection(review: Review) -> Any:
    """The month's cost adding up, and where it should end."""
    alt = altair()
    projected, currency = known(review.projection), review.currency
    if projected.expected is None:
        return _nothing(review)
    month, today = projected.month, review.now.date()
    total = known(review.daily).total()
    sums: list[dict[str, Any]] = []
    for through in days_of(Period(month.start, today + timedelta(days=1))):
        spent = total.cost((), Period(month.start, through + timedelta(days=1)))
        sums.append(_point(through, spent, currency, "so far"))
    last = month.end - timedelta(days=1)
    expected = projected.expected
    coming = [sums[-1], _point(last, expected, currency, "expected")]
    y = _money_axis(alt, "cost", review, [projected.high or expected])
    tooltip = [
        alt.Tooltip("when:N", title="Day"),
        alt.Tooltip("text:N", title="Cost"),
        alt.Tooltip("kind:N", title="Kind"),
    ]
    blue = PALETTE[0]
    past = alt.Chart(_data(sums)).encode(x=_days_axis(alt), y=y, tooltip=tooltip)
    ahead = alt.Chart(_data(coming)).encode(x=_days_axis(alt), y=y, tooltip=tooltip)
    layers = [
        *_limit_lines(review, expected),
        past.mark_area(color=blue, opacity=0.2),
        past.mark_line(color=blue, strokeWidth=2.5),
        past.mark_point(color=blue, filled=True, size=28, opacity=1),
        ahead.mark_line(color=blue, strokeDash=[6, 4], strokeWidth=2),
        alt.Chart(_data(coming[1:]))
        .mark_point(color=blue, filled=True, size=90, opacity=1)
        .encode(x=_days_axis(alt), y=y, tooltip=tooltip),
        *(
            alt.Chart(_data(coming[1:]))
            .mark_text(align="right", baseline="bottom", dx=-8, dy=-4, fontWeight="bold", **halo)
            .encode(x=_days_axis(alt), y=y, text="text:N")
            for halo in ({"stroke": "white", "strokeWidth": 5}, {})
        ),
    ]
    if projected.low is not None and projected.high is not None:
        fan = [
            {"day": coming[0]["day"], "low": coming[0]["cost"], "high": coming[0]["cost"]},
            {"day": day(last), "low": float(projected.low), "high": float(projected.high)},
        ]
        layers.insert(
            0,
            alt.Chart(_data(fan))
            .mark_area(color=blue, opacity=0.3)
            .encode(x=_days_axis(alt), y="low:Q", y2="high:Q"),
        )
    return alt.layer(*layers).properties(
        height=_HEIGHT,
        description=f"A line of the month's cost adding up: {money(projected.spent, currency)} so "
        f"far, {money(expected, currency)} expected by {day(last)} from "
        f"{count(projected.fitted_days, 'day')}"
        + (
            f", between {money(projected.low, currency)} and {money(projected.high, currency)} "
            f"with {percent(projected.coverage)} certainty."
            if projected.low is not None and projected.high is not None
            else "."
        ),
    )


def _point(at: date, cost: Decimal, currency: str | None, kind: str) -> dict[str, Any]:
    when = day(at)
    return {
        "day": when,
        "when": when,
        "cost": float(cost),
        "text": money(cost, currency),
        "kind": kind,
    }


def _limit_lines(review: Review, expected: Decimal) -> list[Any]:
    """Lines of the organization's own limits and alerts, where they are in sight."""
    alt = altair()
    rows = [
        {
            "amount": float(threshold.amount),
            "text": f"{threshold.kind} at {money(threshold.amount, 'usd')}",
        }
        for threshold in FINDINGS["thresholds"].rows(review)
        if threshold.project_id is None and threshold.amount <= expected * _IN_SIGHT
    ]
    if not rows or review.currency != "usd":
        return []
    lines = alt.Chart(_data(rows)).encode(y="amount:Q")
    return [
        lines.mark_rule(color=MARK, strokeDash=[2, 3]).encode(tooltip="text:N"),
        lines.mark_text(color=MARK, align="left", baseline="bottom", x=4, dy=-3).encode(
            text="text:N"
        ),
    ]


def _nothing(_: Review) -> Any:
    """In place of a chart whose figures are not known."""
    alt = altair()
    text = "not known"
    return (
        alt.Chart(_data([{"text": text}]))
        .mark_text(size=16)
        .encode(text="text:N")
        .properties(height=_HEIGHT, description=text)
    )


def _data(rows: Sequence[Mapping[str, Any]]) -> Any:
    return altair().Data(values=list(rows))


def _days_axis(alt: Any, field: str = "day") -> Any:
    return alt.X(
        f"{field}:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%b %-d", grid=False, labelOverlap="greedy", tickCount=8),
    )


def _money_axis(
    alt: Any, field: str, review: Review, amounts: Sequence[Decimal], *, axis: str = "Y"
) -> Any:
    most = max((abs(amount) for amount in amounts), default=Decimal(0))
    digits = ",.0f" if most >= 10 else ",.2f"
    sign = "$" if review.currency in (None, "usd") else ""
    title = None if sign else str(review.currency).upper()
    return getattr(alt, axis)(
        f"{field}:Q", title=title, axis=alt.Axis(format=f"{sign}{digits}", tickCount=5)
    )


CHARTS: Mapping[str, Callable[[Review], Any]] = {
    "projects": cost_by_project,
    "models": cost_by_model,
    "movers": movers,
    "projection": projection,
}
"""The charts by name."""

DRAWN: Mapping[str, Finding[Any]] = {
    "projects": FINDINGS["by_project"],
    "models": FINDINGS["by_model"],
    "movers": FINDINGS["movers"],
    "projection": FINDINGS["projection"],
}
"""What each chart shows."""


def specification(review: Review, name: str, *, width: int | str) -> dict[str, Any]:
    """A chart by its name, as Vega-Lite has it, with names that hide nothing.

    Of what is not known, the chart says only that.

    Args:
        review: what was found.
        name: one of `CHARTS`.
        width: in pixels, or ``container``.

    Raises:
        InvalidInputError: there is no chart of that name.
        ConfigurationError: altair is not installed.
    """
    if name not in CHARTS:
        raise InvalidInputError(
            f"There is no chart {name!r}; there are {one_of(list(CHARTS))}"
            f"{suggest(name, list(CHARTS))}"
        )
    draw = _nothing if review.why_not_known(DRAWN[name].key) else CHARTS[name]
    spec: dict[str, Any] = _visible(draw(review).properties(width=width).to_dict())
    return spec


def _visible(part: Any) -> Any:
    """A part of a chart with what cannot be seen in its texts made visible."""
    if isinstance(part, str):
        return visible(part)
    if isinstance(part, list):
        return [_visible(each) for each in part]
    if isinstance(part, dict):
        return {name: _visible(each) for name, each in part.items()}
    return part
