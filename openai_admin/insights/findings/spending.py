"""What was spent and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...allocation.rules import NOT_ALLOCATED
from ...directory.not_known import known
from ..costs import CostBreakdown, CostChange, together
from ..holders import KeyCost, held_together
from ..naming import Named
from ..reviews import Review
from ..text import at_least, count, day, percent
from .finding import Column, Finding, Group, Topic
from .times import BUSY_HOURS, MONTHS
from .tokens import CACHE_SAVINGS, MODELS, RECONCILIATION
from .wording import NO_COSTS

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
        return f"{before} has nothing before {day(total.nothing_before)}"
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
            return (NO_COSTS,)
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


def _not_held(key: KeyCost, unknown: str) -> str:
    """What stands for the owner or the project of a key that has none."""
    if key.group == (None,):
        return ""
    return unknown if key.is_listed else "not listed"


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
        absent=lambda k: _not_held(k, "not known"),
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


def _consumers_text(review: Review) -> tuple[str, ...]:
    return () if known(review.by_key).groups else (NO_COSTS,)


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
