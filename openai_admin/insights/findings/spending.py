"""What was spent and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from ...allocation.rules import NOT_ALLOCATED
from ...usage.line_items import STANDARD
from ..caching import CacheSaving, saved_together
from ..costs import CostBreakdown, CostChange, together
from ..holders import KeyCost, held_together
from ..hours import HourOfWeek, hours_together
from ..months import MonthCost
from ..naming import Named
from ..not_known import known
from ..reconciliation import Reconciled
from ..reviews import Review
from ..text import at_least, count, day, money, percent, signed_percent
from ..tokens import ModelCost
from .finding import Column, Finding, Group, Topic

_NO_COSTS = "There were no costs."
_PRICE = Decimal("0.0001")

CHANGE_COLUMNS: tuple[Column[CostChange], ...] = (
    Column("cost", "Cost", "money", lambda c: c.cost, part=lambda c: c.share),
    Column(
        "previous",
        "Before",
        "money",
        lambda c: c.previous,
        importance="minor",
        absent="not known",
        compares=True,
    ),
    Column(
        "change",
        "Change",
        "change",
        lambda c: c.change,
        absent=lambda c: "not known" if c.status is None else "",
        compares=True,
    ),
    Column(
        "change_percent",
        "Change, %",
        "relative",
        lambda c: c.relative,
        importance="minor",
        absent=lambda c: "new" if c.status == "new" and c.change is not None else "",
        compares=True,
    ),
    Column("share_percent", "Share of cost", "share", lambda c: c.share, importance="minor"),
)
"""What there is to know about a cost beside that of the period before."""


def no_change(total: CostChange, before: str = "the period before") -> str:
    """Why no change is stated; empty where one is.

    Args:
        total: what was compared.
        before: what it was compared with, in words.
    """
    if total.gaps:
        return f"costs of {count(total.gaps, 'day')} are missing"
    if total.previous is None:
        return f"{before} is not known"
    if total.nothing_before is not None:
        return f"there was nothing before {day(total.nothing_before)}"
    return ""


def no_change_stated(total: CostChange, before: str = "the period before") -> tuple[str, ...]:
    """That no change is stated, and why, where that is so."""
    why = no_change(total, before)
    return (f"No change is stated: {why}.",) if why else ()


def _in_all(total: CostChange, currency: str | None) -> str:
    amount = at_least(total.cost, currency, gaps=total.gaps)
    return f"{amount[:1].upper()}{amount[1:]}"


def _breakdown(
    key: str,
    title: str,
    what: str,
    noun: tuple[str, str],
    of: Callable[[Review], CostBreakdown | None],
    *columns: Column[Any],
    together: Callable[[Sequence[Any]], Any] = together,
    absent: str | None = None,
) -> Finding[CostChange]:
    def named(id: str | None) -> Named:
        return Named(id, absent if id is None else None)

    def text(review: Review) -> tuple[str, ...]:
        found, names = known(of(review)), review.names
        if not found.groups:
            return (_NO_COSTS,)
        first = found.groups[0]
        return (
            (
                f"{_in_all(found.total, review.currency)} in all, of which "
                f"{named(first.group[0]).among(names)} took {percent(first.share) or 'nothing'}."
            ),
            *(no_change_stated(found.total, review.scope.before) if found.previous else ()),
        )

    return Finding(
        key=key,
        title=title,
        rows=lambda review: known(of(review)).groups,
        columns=(
            Column("id", what, "thing", lambda c: named(c.group[0]), name_field="name"),
            *columns,
            *CHANGE_COLUMNS,
        ),
        noun=noun,
        text=text,
        together=together,
    )


def _not_held(key: KeyCost, nobody: str) -> str:
    """What stands for the owner or the project of a key that has none."""
    if key.group == (None,):
        return ""
    return nobody if key.is_listed else "not listed"


BY_PROJECT = _breakdown(
    "by_project", "Cost by project", "Project", ("project", "projects"), lambda r: r.by_project
)
BY_MODEL = _breakdown(
    "by_model", "Cost by model", "Model", ("model", "models"), lambda r: r.by_model
)
BY_KEY = _breakdown(
    "by_key",
    "Cost by API key, and who is behind it",
    "API key",
    ("API key", "API keys"),
    lambda r: r.by_key,
    Column(
        "owner_id",
        "Owner",
        "thing",
        lambda k: k.owner or Named(None),
        name_field="owner_name",
        absent=lambda k: _not_held(k, "(nobody)"),
    ),
    Column(
        "project_id",
        "Project",
        "thing",
        lambda k: Named(k.project_id),
        name_field="project_name",
        absent=lambda k: _not_held(k, ""),
    ),
    together=held_together,
)
BY_USER = _breakdown(
    "by_user",
    "Cost by user or service account",
    "User or service account",
    ("user or service account", "users and service accounts"),
    lambda r: r.by_user,
)
BY_TEAM = _breakdown(
    "by_team",
    "Cost by team",
    "Team",
    ("team", "teams"),
    lambda r: r.by_team,
    absent=NOT_ALLOCATED,
)
BY_LINE_ITEM = _breakdown(
    "by_line_item",
    "Cost by line item",
    "Line item",
    ("line item", "line items"),
    lambda r: r.by_line_item,
)


def _bill_text(review: Review) -> tuple[str, ...]:
    bill = known(review.reconciliation)
    if bill.cost <= 0:
        return (_NO_COSTS,)
    if bill.explained is None:
        return ("Usage cannot be compared with the bill: they share no units.",)
    explained = percent(float(bill.explained / bill.cost))
    rest = money(bill.not_comparable, review.currency)
    return (
        f"Usage explains {explained} of the bill.",
        f"{rest} is for what usage does not count in the same units.",
    )


MODELS: Finding[ModelCost] = Finding(
    key="models",
    title="Cost of a million tokens, and tokens read and written, by model and tier",
    rows=lambda review: known(review.models),
    columns=(
        Column("model", "Model", "text", lambda m: m.model),
        Column("tier", "Tier", "text", lambda m: m.tier),
        Column(
            "cost_per_million",
            "Cost per million tokens",
            "rate",
            lambda m: m.cost_per_million,
            absent="not known",
        ),
        Column("cost", "Cost", "money", lambda m: m.cost, absent="not known"),
        Column(
            "input_tokens",
            "Tokens read",
            "number",
            lambda m: m.input_tokens,
            importance="minor",
            absent="not known",
        ),
        Column(
            "cached_tokens",
            "of these from the cache",
            "number",
            lambda m: m.cached_tokens,
            importance="minor",
            absent="not known",
        ),
        Column(
            "output_tokens",
            "Tokens written",
            "number",
            lambda m: m.output_tokens,
            importance="minor",
            absent="not known",
        ),
        Column("tokens", "Tokens", "number", lambda m: m.tokens, importance="detail"),
        Column(
            "cached_percent",
            "From the cache",
            "share",
            lambda m: m.cache_share,
            part=lambda m: m.cache_share,
        ),
        Column("requests", "Requests", "number", lambda m: m.requests, importance="minor"),
    ),
    noun=("model and tier", "models and tiers"),
    none="Nothing was billed by the token.",
    some="What was actually paid for a million tokens, read and written, tier by tier.",
)


def _cache_text(review: Review) -> tuple[str, ...]:
    found, currency = known(review.cache_savings), review.currency
    if not found:
        return ("No tokens were billed as read from the cache.",)
    measured = [saving for saving in found if saving.saved is not None]
    others = len(found) - len(measured)
    why = "where no tokens of the same kind were billed without the cache, there is no price"
    if not measured:
        return (f"What the cache saved cannot be measured: {why} to compare with.",)
    amount = money(saved_together(measured), currency)
    text = (
        f"Reading from the cache saved {'at least ' if others else ''}{amount}, measured by what"
        " the organization paid for the same tokens with the cache and without it."
    )
    if not others:
        return (text,)
    return (text, f"Of {count(others, *CACHE_SAVINGS.noun)} it is not known: {why}.")


CACHE_SAVINGS: Finding[CacheSaving] = Finding(
    key="cache_savings",
    title="What the cache saved, by model",
    rows=lambda review: known(review.cache_savings),
    columns=(
        Column("model", "Model", "text", lambda s: s.model),
        Column(
            "kind",
            "Kind",
            "text",
            lambda s: None if s.kind == "input" else s.kind,
            absent="input",
            optional=True,
        ),
        Column("tier", "Tier", "text", lambda s: s.tier or STANDARD, importance="minor"),
        Column("context", "Context", "text", lambda s: s.context, optional=True),
        Column("cached_tokens", "Tokens from the cache", "number", lambda s: s.cached_tokens),
        Column(
            "price_per_million",
            "Price per million, not cached",
            "rate",
            lambda s: None if s.price is None else s.price.quantize(_PRICE),
            importance="minor",
            absent="not known",
        ),
        Column(
            "cached_price_per_million",
            "Price per million, cached",
            "rate",
            lambda s: s.cached_price.quantize(_PRICE),
            importance="minor",
        ),
        Column("saved", "Saved", "money", lambda s: s.saved, absent="not known"),
    ),
    noun=("model and tier", "models and tiers"),
    text=_cache_text,
)


def _months_text(review: Review) -> tuple[str, ...]:
    found, currency = known(review.months), review.currency
    if not found:
        return (_NO_COSTS,)
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

RECONCILIATION: Finding[Reconciled] = Finding(
    key="reconciliation",
    title="Line items for which usage shows more or less than was billed",
    rows=lambda review: known(review.reconciliation).disagreeing,
    columns=(
        Column("line_item", "Line item", "text", lambda i: i.line_item),
        Column("cost", "Cost", "money", lambda i: i.cost),
        Column("unit", "Unit", "text", lambda i: i.unit, importance="minor"),
        Column("billed", "Billed", "number", lambda i: i.billed),
        Column("shown", "In usage", "number", lambda i: i.shown),
        Column("share_percent", "Share", "share", lambda i: i.share, importance="minor"),
    ),
    noun=("line item", "line items"),
    text=_bill_text,
)


def _consumers_text(review: Review) -> tuple[str, ...]:
    return () if known(review.by_key).groups else (_NO_COSTS,)


SPENDING = Topic(
    "What did we spend, and where?",
    (
        Group("projects", BY_PROJECT.title, (BY_PROJECT,)),
        Group("teams", BY_TEAM.title, (BY_TEAM,)),
        Group("models", BY_MODEL.title, (BY_MODEL,)),
        Group("months", "How do the months compare?", (MONTHS,)),
        Group("tokens", "What do a million tokens cost?", (MODELS, RECONCILIATION)),
        Group("cache", "What did the cache save?", (CACHE_SAVINGS,)),
        Group("hours", "When are requests made?", (BUSY_HOURS,)),
        Group(
            "keys-and-users",
            "Who spent it, and on what?",
            (BY_KEY, BY_USER, BY_LINE_ITEM),
            _consumers_text,
        ),
    ),
)
