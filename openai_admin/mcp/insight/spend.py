"""The question of what was spent, by whatever it can be told apart by, and how that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

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
from .asked_costs import ACCOUNTS, OF_TIME, PEOPLE, AskedCosts, grouping_of
from .costs import Costs, ids_of_projects, in_all, names_in, present
from .periods import LAST_DAYS, Compare, Days, When, days_asked
from .question import Projects, question
from .rows import Span, facts, span

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

_MOST, _MOST_DAYS = 10, 31
_ALL = "(all)"
_OF_IDS = ("project", "project_model", "person", "service_account", "user", "key")


@attrs.frozen(kw_only=True)
class Cost:
    """What something cost; a change is left out where it is not known, or nothing is compared.

    Attributes:
        id: its id.
        name: its name; the model, the first day and the like.
        model: the model, of a project's use of it.
        cost: what it cost.
        before: what it cost in the days compared with.
        change: cost less before.
        change_percent: the change in percent of before.
        share_percent: its part of the total.
    """

    id: str | None = None
    name: str | None
    model: str | None = None
    cost: Money
    before: Money | None = None
    change: Money | None = None
    change_percent: float | None = None
    share_percent: float | None = None


@attrs.frozen(kw_only=True)
class Spent:
    """What was spent.

    Attributes:
        period: the days.
        compared_with: the days compared with.
        complete: whether all is in the figures, and none may still be restated; null where not
            known.
        days_missing: days that are not known, and in no sum.
        total: all of it; null where not known.
        groups: its parts; null where not known.
        others: those left out, together.
        not_known: what was refused, and why.
    """

    period: Span
    compared_with: Span | None = None
    complete: bool | None
    days_missing: int | None = None
    total: Cost | None
    groups: list[Cost] | None
    others: Cost | None = None
    not_known: list[str] = attrs.field(factory=list)


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
        complete=costs.is_complete(days.period, gaps=found.gaps),
        days_missing=None if costs.lost else found.gaps or None,
        total=None if costs.lost else _cost(costs, found.total, _ALL),
        groups=costs.if_known([_group(costs, each, asked.by, names) for each in groups[:most]]),
        others=_others(costs, groups, most),
        not_known=_not_known(costs, earlier, days, names),
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


def _not_known(
    costs: Costs, earlier: Costs | None, days: Days, names: Mapping[str, str]
) -> list[str]:
    """What is not known of the days asked for, and of those compared with."""
    told = costs.not_known_of(days.period, names)
    if earlier is None or days.compared is None:
        return told
    return [*told, *earlier.not_known_of(days.compared, names)]


def _ranked(found: CostBreakdown, sort: str, *, in_order: bool) -> list[CostChange]:
    if in_order or sort == "cost":
        return list(found.groups)
    return sorted(found.groups, key=lambda g: abs(g.change or Decimal(0)), reverse=True)


def _cost(costs: Costs, found: CostChange, name: str | None, **more: Any) -> Cost:
    return Cost(
        name=name,
        cost=costs.money(found.cost),
        before=costs.money(found.previous),
        change=costs.money(found.change),
        change_percent=_percent(found.relative),
        share_percent=_percent(found.share),
        **more,
    )


def _percent(part: float | None) -> float | None:
    return None if part is None else in_percent(part, digits=1)


def _group(costs: Costs, found: CostChange, by: str, names: Mapping[str, str]) -> Cost:
    first, *rest = found.group
    model = (rest[0] or UNKNOWN) if rest else None
    if by in OF_TIME:  # what was before stands in the row before
        return attrs.evolve(_cost(costs, found, first), before=None, share_percent=None)
    if first in (None, PEOPLE, ACCOUNTS) or by not in _OF_IDS:
        return _cost(costs, found, first or UNKNOWN, model=model)
    return _cost(costs, found, names.get(first), id=first, model=model)


def _others(costs: Costs, groups: Sequence[CostChange], most: int) -> Cost | None:
    """The groups beyond some together, so that all adds up to the cent."""
    shown, rest = groups[:most], groups[most:]
    if not rest:
        return None
    left = together(rest)
    cost = left_of(add_up(group.cost for group in groups), [group.cost for group in shown])
    made = _cost(costs, attrs.evolve(left, cost=cost), f"({count(len(rest), 'other')})")
    if left.change is None:
        return made
    moved = [group.change for group in groups if group.change is not None]
    change = left_of(add_up(moved), moved[: len(shown)])
    return attrs.evolve(made, change=costs.money(change), change_percent=_percent(left.relative))
