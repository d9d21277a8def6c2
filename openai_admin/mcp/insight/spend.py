"""The question of what was spent, by whatever it can be told apart by, and how that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

import anyio.to_thread
import attrs
from annotated_types import Interval, Len
from typing_extensions import Doc

from ...client import AsyncOpenAIAdmin
from ...insights import CostBreakdown, CostChange
from ...insights.cents import in_percent, left_of
from ...insights.costs import together
from ...insights.naming import UNKNOWN
from ...insights.text import count
from ...usage.money import add_up
from ..tool import Answer
from ..values import Money
from .asked_costs import ACCOUNTS, PEOPLE, AskedCosts, grouping_of
from .costs import Costs, ids_of_projects, in_all, names_in, present
from .periods import LAST_DAYS, Compare, When, days_asked
from .question import Projects, question
from .rows import Gap, Labelled, Span, facts, span

By = Annotated[
    Literal[
        "project",
        "model",
        "project_model",
        "person",
        "service_account",
        "user",
        "key",
        "tier",
        "kind",
        "context",
        "line_item",
        "day",
        "week",
        "month",
    ],
    Doc("What to group by; user: people and service accounts; kind: input, output …"),
]
Models = Annotated[Sequence[str] | None, Len(1), Doc("Only these models.")]
Top = Annotated[
    int | None,
    Interval(ge=1, le=400),
    Doc("The most groups, by default 10; the rest is summed up."),
]
Rank = Annotated[Literal["cost", "change"], Doc("Which groups come first.")]

_MOST, _MOST_DAYS = 10, 62
_OF_IDS = ("project", "project_model", "person", "service_account", "user", "key")


@attrs.frozen(kw_only=True)
class Change:
    """What something cost.

    Attributes:
        cost: what it cost.
        before: what it cost in the days compared with.
        change: cost less before.
        change_percent: the change in percent of before; null where that was nothing.
    """

    cost: Money | None
    before: Money | None
    change: Money | None
    change_percent: float | None


@attrs.frozen(kw_only=True)
class Group(Change, Labelled):
    """What a group cost.

    Attributes:
        model: the model, of a project's use of it.
        share_percent: its part of the total.
    """

    model: str | None = None
    share_percent: float | None


@attrs.frozen(kw_only=True)
class Others(Change):
    """What the groups that are left out cost together.

    Attributes:
        groups: how many they are.
    """

    groups: int


@attrs.frozen(kw_only=True)
class Spent:
    """What was spent.

    Attributes:
        period: the days.
        compared_with: the days compared with.
        complete: whether no figure may still be restated.
        days_missing: days that are not known, and in no sum.
        total: all of it.
        groups: its parts; null where they are not known.
        others: the rest of its parts.
        not_known: what was refused.
    """

    period: Span
    compared_with: Span | None = None
    complete: bool | None
    days_missing: int | None = None
    total: Change
    groups: list[Group] | None
    others: Others | None = None
    not_known: list[Gap] = attrs.field(factory=list)


@question(Spent, toolsets=("assistant", "insight"))
async def spend(
    client: AsyncOpenAIAdmin,
    *,
    period: When = LAST_DAYS,
    by: By = "project",
    compare: Compare = "previous",
    projects: Projects = None,
    models: Models = None,
    sort: Rank = "cost",
    limit: Top = None,
) -> Answer:
    """What was spent in any days, by project, model, person, key and more, with the change of each.
    For bills, costs and what got more expensive: {"period": "last month", "by": "model"}.
    """
    asked = AskedCosts(
        days=days_asked(period, compare, now=present()), by=by, models=tuple(models or ())
    )
    project_ids, looked = await ids_of_projects(client, projects)
    return await _spent(client, asked, project_ids, looked, sort=sort, limit=limit)


@question(Spent, toolsets=("insight",))
async def movers(
    client: AsyncOpenAIAdmin, *, period: When = LAST_DAYS, limit: Top = None
) -> Answer:
    """Which project's use of which model changed most, in money and in either direction."""
    asked = AskedCosts(days=days_asked(period, "previous", now=present()), by="project_model")
    return await _spent(client, asked, [], [], sort="change", limit=limit)


QUESTIONS = (spend, movers)


async def _spent(
    client: AsyncOpenAIAdmin,
    asked: AskedCosts,
    project_ids: Sequence[str],
    looked: Sequence[str],
    *,
    sort: str,
    limit: int | None,
) -> Answer:
    costs, earlier = await asked.read(client, project_ids)
    found = await anyio.to_thread.run_sync(asked.added_up, costs, earlier)
    names, unnamed = await names_in(client, costs.table, grouping_of(asked.by))
    if earlier is not None:
        names = {**(await names_in(client, earlier.table, grouping_of(asked.by)))[0], **names}
    groups = [] if costs.refused else _ranked(found, sort, in_order=asked.is_of_time)
    most = limit or (_MOST_DAYS if asked.is_of_time else _MOST)
    days = asked.days
    answer = Spent(
        period=span(days.period),
        compared_with=None if days.compared is None else span(days.compared),
        complete=costs.is_settled(days.period),
        days_missing=None if costs.lost else found.gaps or None,
        total=_nothing() if costs.lost else _change(costs, found.total),
        groups=costs.if_known([_group(costs, each, asked.by, names) for each in groups[:most]]),
        others=_others(costs, groups, most),
        not_known=[*costs.gaps, *([] if earlier is None else earlier.gaps)],
    )
    told = costs.told(in_all(found), in_all(found))
    notes = [*costs.notes(days.period), *looked, *unnamed]
    if earlier is not None and days.compared is not None:
        notes += earlier.notes(days.compared)
    if sort == "change" and found.total.change is None and groups:
        notes.append("Ranked by cost, as changes are not known.")
    if left := len(groups[most:]):
        notes.append(f"{count(left, 'group')} left out; `limit` shows more.")
    return Answer(facts(answer), told, notes=notes)


def _ranked(found: CostBreakdown, sort: str, *, in_order: bool) -> list[CostChange]:
    if in_order or sort == "cost":
        return list(found.groups)
    return sorted(found.groups, key=lambda g: abs(g.change or Decimal(0)), reverse=True)


def _nothing() -> Change:
    return Change(cost=None, before=None, change=None, change_percent=None)


def _change(costs: Costs, found: CostChange) -> Change:
    relative = found.relative
    return Change(
        cost=costs.money(found.cost),
        before=costs.money(found.previous),
        change=costs.money(found.change),
        change_percent=None if relative is None else in_percent(relative, digits=1),
    )


def _group(costs: Costs, found: CostChange, by: str, names: Mapping[str, str]) -> Group:
    first, *rest = found.group
    figures = _change(costs, found)
    has_id = first not in (None, PEOPLE, ACCOUNTS) and by in _OF_IDS
    name = first or UNKNOWN
    return Group(
        **attrs.asdict(figures, recurse=False),
        id=first if has_id else None,
        name=names.get(name) if has_id else name,
        model=(rest[0] or UNKNOWN) if rest else None,
        share_percent=None if found.share is None else in_percent(found.share, digits=1),
    )


def _others(costs: Costs, groups: Sequence[CostChange], most: int) -> Others | None:
    """The groups beyond some together, so that all adds up to the cent."""
    shown, rest = groups[:most], groups[most:]
    if not rest:
        return None
    left = together(rest)
    cost = left_of(add_up(group.cost for group in groups), [group.cost for group in shown])
    change: Decimal | None = None
    if left.change is not None:
        moved = [group.change for group in groups if group.change is not None]
        change = left_of(add_up(moved), moved[: len(shown)])
    return Others(
        groups=len(rest),
        cost=costs.money(cost),
        before=costs.money(left.previous),
        change=costs.money(change),
        change_percent=_change(costs, left).change_percent,
    )
