"""Questions about money: what was spent, what changed, what is to come, what stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import attrs
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...insights import (
    CostBreakdown,
    CostChange,
    Period,
    cost_by,
    daily_costs,
    month_of,
    project_month,
    whole_days,
)
from ...insights import (
    anomalies as find_anomalies,
)
from ...insights import (
    movers as find_movers,
)
from ...usage.names import NAME_COLUMNS
from ...usage.table import UsageTable
from ..progress import say
from ..texts import counted, quoted
from ..tool import Answer
from .question import Days, Most, question

_HISTORY = 84  # days of costs that tell what is usual

By = Annotated[
    Literal["project", "model", "line_item", "key", "user"],
    Doc("What to group by; a model is the part of a line item before the comma."),
]

_FIELDS: Mapping[str, str] = {
    "project": "project_id",
    "model": "line_item",
    "line_item": "line_item",
    "key": "api_key_id",
    "user": "user_id",
}


@attrs.frozen(kw_only=True)
class Change:
    """A cost beside that of the period before.

    Attributes:
        cost: in the period.
        previous: in the period before.
        change: the difference.
        change_percent: the difference as a part of before; ``None`` where there was nothing.
        share_percent: the cost as a part of the total.
    """

    cost: Decimal
    previous: Decimal
    change: Decimal
    change_percent: float | None
    share_percent: float | None


@attrs.frozen(kw_only=True)
class Group(Change):
    """What a group cost.

    Attributes:
        id: of the project, key or user, or the model or line item; ``None`` where the API gives
            none.
        name: what it is called.
    """

    id: str | None
    name: str | None


@attrs.frozen(kw_only=True)
class Span:
    """Whole days, UTC: the first and the last."""

    first_day: str
    last_day: str


@attrs.frozen(kw_only=True)
class Spend:
    """What was spent in a period, by group, with the change to the period before."""

    period: Span
    previous_period: Span
    currency: str | None
    total: Change
    groups: list[Group]
    groups_left_out: int
    cost_left_out: Decimal
    days_missing: int


@attrs.frozen(kw_only=True)
class Moved(Change):
    """A project's use of a model whose cost changed."""

    project_id: str | None
    project_name: str | None
    model: str | None


@attrs.frozen(kw_only=True)
class Movers:
    """What changed most, in money and in either direction."""

    period: Span
    previous_period: Span
    currency: str | None
    total: Change
    movers: list[Moved]


@attrs.frozen(kw_only=True)
class Projected:
    """What the month should cost in the end."""

    month: Span
    currency: str | None
    spent: Decimal
    unsettled: Decimal
    expected: Decimal | None
    low: Decimal | None
    high: Decimal | None
    coverage_percent: float
    fitted_days: int
    days_missing: int


@attrs.frozen(kw_only=True)
class Odd:
    """A day on which a project's use of a model cost far more or less than usual."""

    day: str
    project_id: str | None
    project_name: str | None
    model: str | None
    cost: Decimal
    usual: Decimal
    usual_low: Decimal
    usual_high: Decimal


@attrs.frozen(kw_only=True)
class Anomalies:
    """The odd days of a period, and how much was looked through for them."""

    period: Span
    currency: str | None
    anomalies: list[Odd]
    anomalies_left_out: int
    judged: int
    too_short_to_judge: int


@question(Spend)
async def spend(
    client: AsyncOpenAIAdmin, *, days: Days = 30, by: By = "project", limit: Most = 20
) -> Answer:
    """What was spent in the last days, by project, model, line item, key or user, with the change
    to the same number of days before. Costs are as billed; the last days may still be restated.
    """
    period = whole_days(days, now=_now())
    table = await _costs(client, period.before().start, period.end, [by])
    found = cost_by(table, by, period=period)
    names = await _names(client, table, by)
    kept, rest = found.groups[:limit], found.groups[limit:]
    answer = Spend(
        period=_span(period),
        previous_period=_span(found.previous),
        currency=found.currency,
        total=Change(**_change(found.total)),
        groups=[Group(id=g.group[0], name=names.get(g.group[0]), **_change(g)) for g in kept],
        groups_left_out=len(rest),
        cost_left_out=_cents(sum((g.cost for g in rest), Decimal(0))),
        days_missing=found.gaps,
    )
    lines = [f"{_called(g.name, g.id)}: {_money(g.cost)} ({_moved(g)})" for g in answer.groups[:10]]
    left = f" {counted(len(rest), 'group')} left out." if rest else ""
    return Answer(to_dict(answer), f"{_total(found)}{left}", "\n".join(lines))


@question(Movers)
async def movers(client: AsyncOpenAIAdmin, *, days: Days = 30, limit: Most = 10) -> Answer:
    """Which project's use of which model changed most, in money, between the last days and the
    same number of days before.
    """
    period = whole_days(days, now=_now())
    table = await _costs(client, period.before().start, period.end, ["project", "model"])
    found = cost_by(table, ["project", "model"], period=period)
    names = await _names(client, table, "project")
    moved = [
        Moved(
            project_id=mover.cost.group[0],
            project_name=names.get(mover.cost.group[0]),
            model=mover.cost.group[1],
            **_change(mover.cost),
        )
        for mover in find_movers(found, limit=limit)
    ]
    answer = Movers(
        period=_span(period),
        previous_period=_span(found.previous),
        currency=found.currency,
        total=Change(**_change(found.total)),
        movers=moved,
    )
    lines = [
        f"{_called(m.project_name, m.project_id)}, {_called(m.model, None)}: {_moved(m)}"
        for m in moved[:10]
    ]
    return Answer(to_dict(answer), _total(found), "\n".join(lines))


@question(Projected)
async def projection(client: AsyncOpenAIAdmin) -> Answer:
    """What the calendar month will cost in the end, with the range it should end in. Today is
    incomplete and recent days may be restated; the range knows only what the past shows.
    """
    now = _now()
    start = min(now.date() - timedelta(days=_HISTORY), month_of(now).start)
    found = project_month(await _costs(client, start, None, []), now=now)
    answer = Projected(
        month=_span(found.month),
        currency=found.currency,
        spent=_cents(found.spent),
        unsettled=_cents(found.unsettled),
        expected=found.expected,
        low=None if found.low is None else _cents(found.low),
        high=None if found.high is None else _cents(found.high),
        coverage_percent=found.coverage * 100,
        fitted_days=found.fitted_days,
        days_missing=found.gaps,
    )
    told = f"Spent so far: {_money(answer.spent)} {found.currency or ''}."
    if answer.expected is not None:
        told += f" Expected by the end of the month: {_money(answer.expected)}"
        if answer.low is not None and answer.high is not None:
            told += f", in {found.coverage:.0%} of such months between {_money(answer.low)}"
            told += f" and {_money(answer.high)}"
        told += "."
    else:
        told += " There is too little history to tell what the month will cost."
    return Answer(to_dict(answer), told)


@question(Anomalies)
async def anomalies(client: AsyncOpenAIAdmin, *, days: Days = 30, limit: Most = 20) -> Answer:
    """The days on which a project's use of a model cost far more or less than it usually does,
    measured against the last twelve weeks, weekdays and growth considered.
    """
    now = _now()
    period = whole_days(days, now=now)
    start = min(period.start, now.date() - timedelta(days=_HISTORY))
    table = await _costs(client, start, period.end, ["project", "model"])
    search = find_anomalies(daily_costs(table, ["project", "model"]), period=period, now=now)
    names = await _names(client, table, "project")
    odd = [
        Odd(
            day=anomaly.day.isoformat(),
            project_id=anomaly.group[0],
            project_name=names.get(anomaly.group[0]),
            model=anomaly.group[1],
            cost=_cents(anomaly.cost),
            usual=anomaly.expected,
            usual_low=anomaly.low,
            usual_high=anomaly.high,
        )
        for anomaly in search.found[:limit]
    ]
    answer = Anomalies(
        period=_span(period),
        currency=search.currency,
        anomalies=odd,
        anomalies_left_out=len(search.found) - len(odd),
        judged=search.judged,
        too_short_to_judge=search.too_short,
    )
    count = len(search.found)
    told = f"{count} odd {'day' if count == 1 else 'days'} from {period}"
    told += f" among {search.judged} uses of a model by a project."
    lines = [
        f"{o.day}, {_called(o.project_name, o.project_id)}, {_called(o.model, None)}:"
        f" {_money(o.cost)}, usually {_money(o.usual)}"
        for o in odd[:10]
    ]
    return Answer(to_dict(answer), told, "\n".join(lines))


# --- what they share -----------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC)


async def _costs(
    client: AsyncOpenAIAdmin, start: date, end: date | None, by: Sequence[str]
) -> UsageTable:
    say("fetching costs")
    return await client.usage.collect(
        "costs",
        start_time=_midnight(start),
        end_time=None if end is None else _midnight(end),
        group_by=list(dict.fromkeys(_FIELDS[name] for name in by)),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def _names(client: AsyncOpenAIAdmin, table: UsageTable, by: str) -> dict[str | None, str]:
    """The names behind the ids of a grouping, which models and line items do not have."""
    ids = _FIELDS[by]
    if ids not in NAME_COLUMNS:
        return {}
    say("fetching names")
    named = await client.usage.name(table)
    pairs = zip(named[ids], named[NAME_COLUMNS[ids]], strict=True)
    return {id: name for id, name in pairs if name is not None}


def _change(change: CostChange) -> dict[str, Any]:
    return {
        "cost": _cents(change.cost),
        "previous": _cents(change.previous),
        "change": _cents(change.change),
        "change_percent": _percent(change.relative),
        "share_percent": _percent(change.share),
    }


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _percent(part: float | None) -> float | None:
    return None if part is None else round(part * 100, 1)


def _span(period: Period) -> Span:
    return Span(
        first_day=period.start.isoformat(), last_day=(period.end - timedelta(days=1)).isoformat()
    )


def _total(found: CostBreakdown) -> str:
    total = Change(**_change(found.total))
    missing = f" Costs of {counted(found.gaps, 'day')} are missing." if found.gaps else ""
    return (
        f"{found.period}: {_money(total.cost)} {found.currency or ''} ({_moved(total)}).{missing}"
    )


def _moved(change: Change) -> str:
    percent = "" if change.change_percent is None else f", {change.change_percent:+.1f} %"
    return f"{change.change:+,.2f} to the period before{percent}"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _called(name: str | None, id: str | None) -> str:
    text = name if name is not None else id
    return "(none)" if text is None else quoted(text)
