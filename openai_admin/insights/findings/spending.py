"""What was spent and where."""

from __future__ import annotations

from collections.abc import Callable

from ..costs import CostBreakdown, CostChange, together
from ..naming import Named
from ..not_known import known
from ..reconciliation import Reconciled
from ..reviews import Review
from ..text import at_least, count, day, money, percent
from ..tokens import ModelCost
from .finding import Column, Finding, Group, Topic

_NO_COSTS = "There were no costs."

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
        "%",
        "relative",
        lambda c: c.relative,
        importance="minor",
        absent=lambda c: "new" if c.status == "new" and c.change is not None else "",
        compares=True,
    ),
    Column("share_percent", "Share", "share", lambda c: c.share, importance="minor"),
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
) -> Finding[CostChange]:
    def text(review: Review) -> tuple[str, ...]:
        found, names = known(of(review)), review.names
        if not found.groups:
            return (_NO_COSTS,)
        first = found.groups[0]
        return (
            (
                f"{_in_all(found.total, review.currency)} in all, of which "
                f"{Named(first.group[0]).among(names)} took {percent(first.share) or 'nothing'}."
            ),
            *(no_change_stated(found.total, review.scope.before) if found.previous else ()),
        )

    return Finding(
        key=key,
        title=title,
        rows=lambda review: known(of(review)).groups,
        columns=(
            Column("id", what, "thing", lambda c: Named(c.group[0]), name_field="name"),
            *CHANGE_COLUMNS,
        ),
        noun=noun,
        text=text,
        together=together,
    )


BY_PROJECT = _breakdown(
    "by_project", "Cost by project", "Project", ("project", "projects"), lambda r: r.by_project
)
BY_MODEL = _breakdown(
    "by_model", "Cost by model", "Model", ("model", "models"), lambda r: r.by_model
)
BY_KEY = _breakdown(
    "by_key", "Cost by API key", "API key", ("API key", "API keys"), lambda r: r.by_key
)
BY_USER = _breakdown(
    "by_user",
    "Cost by user or service account",
    "User or service account",
    ("user or service account", "users and service accounts"),
    lambda r: r.by_user,
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
    title="Cost of a million tokens and share of cached input by model and tier",
    rows=lambda review: known(review.models),
    columns=(
        Column("model", "Model", "text", lambda m: m.model),
        Column("tier", "Tier", "text", lambda m: m.tier),
        Column(
            "cost_per_million",
            "Per million",
            "rate",
            lambda m: m.cost_per_million,
            absent="not known",
        ),
        Column("cost", "Cost", "money", lambda m: m.cost, absent="not known"),
        Column(
            "tokens",
            "Tokens",
            "number",
            lambda m: m.tokens,
            importance="minor",
        ),
        Column(
            "cached_percent",
            "From cache",
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
        Group("models", BY_MODEL.title, (BY_MODEL,)),
        Group("tokens", "Cost of a million tokens", (MODELS, RECONCILIATION)),
        Group(
            "keys-and-users",
            "Cost by API key, by user and by line item",
            (BY_KEY, BY_USER, BY_LINE_ITEM),
            _consumers_text,
        ),
    ),
)
