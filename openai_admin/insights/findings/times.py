"""Costs by month, and the hours in which requests are made."""

from __future__ import annotations

from decimal import Decimal

from ...directory.not_known import known
from ..hours import HourOfWeek, hours_together
from ..months import MonthCost
from ..reviews import Review
from ..text import count, money, percent, signed_percent
from .finding import Column, Finding
from .wording import NO_COSTS


def _months_text(review: Review) -> tuple[str, ...]:
    found, currency = known(review.months), review.currency
    if not found:
        return (NO_COSTS,)
    partly = sum(1 for month in found if month.gaps)
    lacks = (f"Not all costs of {count(partly, 'month')} are known.",) if partly else ()
    whole = [m for m in found if m.is_over and not m.gaps and m.cost is not None]
    if not whole:
        return ("There is no whole month whose costs are all known.", *lacks)
    last, cost = whole[0], whole[0].cost or Decimal(0)
    text = f"{last.words} cost {money(cost, currency)}"
    if last.relative is None or last.before is None:
        return (f"{text}.", *lacks)
    change, before = signed_percent(last.relative), money(last.before, currency)
    return (f"{text}, {change} against {before} in the month before.", *lacks)


def _month_state(month: MonthCost) -> str:
    if month.gaps:
        return f"{count(month.gaps, 'day')} not known"
    return "whole month" if month.is_over else "so far"


MONTHS: Finding[MonthCost] = Finding(
    key="months",
    title="Cost by month",
    rows=lambda review: known(review.months),
    columns=(
        Column("month", "Month", "text", lambda m: m.words),
        Column("cost", "Cost", "money", lambda m: m.cost, absent="not known"),
        Column("change_percent", "Change, %", "relative", lambda m: m.relative),
        Column("state", "Days", "text", _month_state),
        Column("first_day", "First day", "day", lambda m: m.month.start, importance="detail"),
        Column("days_missing", "Days missing", "number", lambda m: m.gaps, importance="detail"),
    ),
    noun=("month", "months"),
    text=_months_text,
)


def _hours_text(review: Review) -> tuple[str, ...]:
    first = known(review.busy_hours)[0]
    if not first.requests:
        return ("No requests were counted in the last week.",)
    when, share = f"{first.words} (UTC)", percent(first.share)
    number = count(first.requests, "request")
    return (f"The busiest hour of the last week began on {when}: {number}, {share} of the week's.",)


BUSY_HOURS: Finding[HourOfWeek] = Finding(
    key="busy_hours",
    title="Busiest hours of the last week (UTC)",
    rows=lambda review: [
        hour for hour in known(review.busy_hours) if hour.requests is None or hour.requests
    ],
    columns=(
        Column("hour", "Hour (UTC)", "text", lambda h: h.words),
        Column("start", "Began", "minute", lambda h: h.start, importance="minor"),
        Column("requests", "Requests", "number", lambda h: h.requests, absent="not known"),
        Column("tokens", "Tokens", "number", lambda h: h.tokens, absent="not known"),
        Column(
            "share_percent",
            "Share of requests",
            "share",
            lambda h: h.share,
            part=lambda h: h.share,
            importance="minor",
        ),
    ),
    noun=("hour", "hours"),
    text=_hours_text,
    together=hours_together,
)
