"""Questions about money: what was spent, what changed, what is to come, what stands out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import attrs
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ..._wire.types import read
from ...client import AsyncOpenAIAdmin
from ...directory.not_known import not_checked, sentence
from ...directory.reading import Reads
from ...insights import (
    CostBreakdown,
    CostChange,
    Mover,
    NotKnown,
    Period,
    cost_by,
    daily_costs,
    month_of,
    project_month,
    whole_days,
)
from ...insights import anomalies as find_anomalies
from ...insights import movers as find_movers
from ...insights.basis import Basis, grouped_by
from ...insights.cents import left_of
from ...insights.daily import COLUMNS
from ...insights.defaults import HISTORY_DAYS, QUIET_DAYS
from ...insights.fetch import usage_table
from ...insights.findings import CHANGE_COLUMNS, FINDINGS, Finding
from ...insights.findings.changes import anomaly_sentences, no_estimate
from ...insights.findings.spending import no_change_stated
from ...insights.lacking import lacking, unstated
from ...insights.periods import midnight
from ...insights.text import at_least, count, money, signed, signed_percent
from ...insights.unread import amounts, hedged, sentences
from ...usage.money import add_up
from ...usage.names import NAME_COLUMNS
from ...usage.settled import so_far
from ...usage.table import UsageTable
from ..progress import say
from ..schema import result_schema
from ..texts import quoted
from ..tool import Answer
from .question import Days, Most, question
from .rows import (
    Gap,
    Row,
    Span,
    answer_schema,
    gaps,
    lines,
    not_looked_at,
    refused_words,
    row,
    row_schema,
    rows,
    rows_schema,
    span,
)

By = Annotated[
    Literal["project", "model", "kind", "tier", "context", "line_item", "key", "user"],
    Doc(
        "What to group by; model, kind of tokens, tier and context are read from line items, and"
        " tools stand among the models by their names."
    ),
]

_OF_HOLDERS = ("owner_id", "project_id")
_BREAKDOWNS: dict[str, Finding[CostChange]] = {
    by: FINDINGS[f"by_{by}"] for by in ("project", "model", "line_item", "key", "user")
} | dict.fromkeys(("kind", "tier", "context"), FINDINGS["by_line_item"])
# Who is behind a key is found by reviews alone.
_BREAKDOWNS["key"] = attrs.evolve(
    FINDINGS["by_key"],
    columns=tuple(c for c in FINDINGS["by_key"].columns if c.field not in _OF_HOLDERS),
)
_MOVERS, _PROJECTION, _ANOMALIES = (FINDINGS[key] for key in ("movers", "projection", "anomalies"))
_CHANGE = row_schema(CHANGE_COLUMNS)

T = TypeVar("T")

_ZERO = Decimal("0.00")


@attrs.frozen(kw_only=True)
class Spend:
    """What was spent in a period, by group, with the change to the period before."""

    period: Span
    complete: bool | None
    previous_period: Span
    nothing_before: str | None
    currency: str | None
    total: Row
    groups: list[Row] | None
    groups_left_out: int | None
    cost_left_out: Decimal | None
    days_missing: int | None
    could_not_be_read: list[str]
    not_looked_at: list[str]
    not_known: list[Gap]
    names_not_known: list[str]


@attrs.frozen(kw_only=True)
class Movers:
    """What changed most, in money and in either direction."""

    period: Span
    complete: bool | None
    previous_period: Span
    nothing_before: str | None
    currency: str | None
    total: Row
    movers: list[Row] | None
    movers_left_out: int | None
    change_left_out: Decimal | None
    days_missing: int | None
    could_not_be_read: list[str]
    not_looked_at: list[str]
    not_known: list[Gap]
    names_not_known: list[str]


@attrs.frozen(kw_only=True)
class Anomalies:
    """The odd days of a period, and how much was looked through for them."""

    period: Span
    currency: str | None
    anomalies: list[Row] | None
    anomalies_left_out: int | None
    judged: int | None
    too_short_to_judge: int | None
    could_not_be_read: list[str]
    not_looked_at: list[str]
    not_known: list[Gap]
    names_not_known: list[str]


@question(
    answer_schema(Spend, {"total": _CHANGE, "groups": rows_schema(_BREAKDOWNS["project"])}),
    toolsets=("assistant", "insight"),
)
async def spend(
    client: AsyncOpenAIAdmin, *, days: Days = 30, by: By = "project", limit: Most = 20
) -> Answer:
    """What was spent in the last days, by project, model, tier, line item, key or user, with the
    change to the same number of days before. Costs are as billed; where complete is false, they
    are those so far, for the last days may still be restated.
    """
    period = whole_days(days, now=_now())
    costs = await _costs(client, _start(period), period.end, [by])
    found = cost_by(costs.table, by, period=period)
    names, unnamed = await _names(client, costs, by)
    groups = () if costs.refused else found.groups
    rest = groups[limit:]
    answer = Spend(
        period=span(period),
        complete=costs.is_settled(period),
        previous_period=span(period.before()),
        nothing_before=_since(found),
        currency=found.currency,
        total=_total_row(found, costs),
        groups=costs.if_known(rows(_BREAKDOWNS[by], groups, names, limit)),
        groups_left_out=costs.if_known(len(rest)),
        cost_left_out=costs.if_known(_cost_left(groups, limit)),
        days_missing=None if costs.lost else found.gaps,
        could_not_be_read=costs.unread,
        not_looked_at=costs.lacking,
        not_known=costs.gaps,
        names_not_known=unnamed,
    )
    named = lines(_BREAKDOWNS[by], groups[:limit], names, found.currency)
    left = f" {count(len(rest), 'group')} left out." if rest else ""
    told = " ".join(
        [costs.told(f"{_total(found)}{left}", _total(found)), *costs.so_far(period), *costs.doubts]
    )
    return _naming(Answer(to_dict(answer), told, "\n".join(named)), unnamed)


@question(
    answer_schema(Movers, {"total": _CHANGE, "movers": rows_schema(_MOVERS)}), toolsets=("insight",)
)
async def movers(client: AsyncOpenAIAdmin, *, days: Days = 30, limit: Most = 10) -> Answer:
    """Which project's use of which model changed most, in money, between the last days and the
    same number of days before.
    """
    period = whole_days(days, now=_now())
    costs = await _costs(client, _start(period), period.end, ["project", "model"])
    found = cost_by(costs.table, ["project", "model"], period=period)
    names, unnamed = await _names(client, costs, "project")
    unknown = costs.refused or found.total.change is None
    moved = () if unknown else find_movers(found, limit=None, least=Decimal(0))
    rest = moved[limit:]
    answer = Movers(
        period=span(period),
        complete=costs.is_settled(period),
        previous_period=span(period.before()),
        nothing_before=_since(found),
        currency=found.currency,
        total=_total_row(found, costs),
        movers=None if unknown else rows(_MOVERS, moved, names, limit),
        movers_left_out=None if unknown else len(rest),
        change_left_out=None if unknown else _change_left(moved, limit),
        days_missing=None if costs.lost else found.gaps,
        could_not_be_read=costs.unread,
        not_looked_at=costs.lacking,
        not_known=costs.gaps,
        names_not_known=unnamed,
    )
    named = lines(_MOVERS, moved[:limit], names, found.currency)
    total = _total(found)
    told = " ".join([costs.told(total, total), *costs.so_far(period), *costs.doubts])
    return _naming(Answer(to_dict(answer), told, "\n".join(named)), unnamed)


@question(
    row_schema(
        _PROJECTION.columns,
        currency=result_schema(read(str | None)),
        could_not_be_read=result_schema(read(list[str])),
        not_looked_at=result_schema(read(list[str])),
        not_known=result_schema(read(list[Gap])),
    ),
    toolsets=("assistant", "insight"),
)
async def projection(client: AsyncOpenAIAdmin) -> Answer:
    """What the calendar month will cost in total, with the range it should end in. Today is
    incomplete and recent days may be restated; the range knows only what the past shows.
    """
    now = _now()
    start = min(now.date() - timedelta(days=HISTORY_DAYS), month_of(now).start)
    costs = await _costs(client, start, None, [])
    found = project_month(costs.table, now=now)
    currency = found.currency
    figures = row(_PROJECTION.columns, found, {})
    answer = {
        "currency": currency,
        **{
            field: value if field == "month" else costs.if_known(value)
            for field, value in figures.items()
        },
        "could_not_be_read": costs.unread,
        "not_looked_at": costs.lacking,
        "not_known": costs.gaps,
    }
    told = f"Spent so far: {at_least(found.spent, currency, gaps=found.gaps)}."
    if found.expected is None:
        told += f" {no_estimate(found)}"
    else:
        told += f" Expected by the end of the month: {money(found.expected, currency)}"
        if found.low is not None and found.high is not None:
            told += f", in {found.coverage:.0%} of such months between"
            told += f" {money(found.low, currency)} and {money(found.high, currency)}"
        told += f". The estimate is based on {count(found.fitted_days, 'day')}."
    return Answer(to_dict(answer), " ".join([costs.told(told), *costs.doubts]))


@question(
    answer_schema(Anomalies, {"anomalies": rows_schema(_ANOMALIES)}),
    toolsets=("assistant", "insight"),
)
async def anomalies(client: AsyncOpenAIAdmin, *, days: Days = 30, limit: Most = 20) -> Answer:
    """The days on which a project's use of a model cost far more or less than it usually does,
    measured against the last twelve weeks, weekdays and growth considered.
    """
    now = _now()
    period = whole_days(days, now=now)
    start = min(period.start, now.date() - timedelta(days=HISTORY_DAYS))
    costs = await _costs(client, start, period.end, ["project", "model"])
    search = find_anomalies(daily_costs(costs.table, ["project", "model"]), period=period, now=now)
    names, unnamed = await _names(client, costs, "project")
    none_judged = costs.refused or (search.too_short and not search.judged)
    shown = () if none_judged else search.found
    answer = Anomalies(
        period=span(period),
        currency=search.currency,
        anomalies=None if none_judged else rows(_ANOMALIES, shown, names, limit),
        anomalies_left_out=None if none_judged else max(0, len(search.found) - limit),
        judged=costs.if_known(search.judged),
        too_short_to_judge=costs.if_known(search.too_short),
        could_not_be_read=costs.unread,
        not_looked_at=costs.lacking,
        not_known=costs.gaps,
        names_not_known=unnamed,
    )
    said = anomaly_sentences(search)
    if costs.doubts and not search.found:
        said = tuple(map(hedged, said))
    told = f"{period}: {' '.join([costs.told(' '.join(said)), *costs.doubts])}"
    named = lines(_ANOMALIES, shown[:limit], names, search.currency)
    return _naming(Answer(to_dict(answer), told, "\n".join(named)), unnamed)


# --- what they share -----------------------------------------------------------------------


def _cost_left(groups: Sequence[CostChange], limit: int) -> Decimal:
    """What groups beyond some cost, to the cent."""
    every = [group.cost for group in groups]
    return left_of(add_up(every), every[:limit]) if len(every) > limit else _ZERO


def _change_left(moved: Sequence[Mover], limit: int) -> Decimal:
    """What movers beyond some changed by, to the cent."""
    every = [mover.cost.change for mover in moved if mover.cost.change is not None]
    return left_of(add_up(every), every[:limit]) if len(every) > limit else _ZERO


def _now() -> datetime:
    return datetime.now(UTC)


def _start(period: Period) -> date:
    """From when on costs are needed to compare a period with the one before."""
    return period.before().start - timedelta(days=QUIET_DAYS)


def _since(found: CostBreakdown) -> str | None:
    """The day before which there was nothing to compare with."""
    day = found.total.nothing_before
    return None if day is None else day.isoformat()


@attrs.frozen
class _Costs:
    """Costs as far as they are known; private, what every question here is answered from."""

    table: UsageTable
    reads: Reads
    basis: Basis

    @property
    def refused(self) -> tuple[NotKnown, ...]:
        """Why they are not known; empty where they are, as far as they go."""
        return self.basis.refused(self.reads.not_known)

    @property
    def lost(self) -> tuple[NotKnown, ...]:
        """Why not even their sum is known; empty where it is, as far as it goes."""
        return Basis(("costs",)).refused(self.reads.not_known)

    @property
    def gaps(self) -> list[Gap]:
        """What is not known."""
        return gaps(self.reads.not_known)

    @property
    def unread(self) -> list[str]:
        """How much of them could not be read."""
        return list(amounts(self.reads.unread))

    @property
    def lacking(self) -> list[str]:
        """What they lack, in words."""
        return [*refused_words(self.reads.not_known), *self.left_out]

    @property
    def left_out(self) -> list[str]:
        """What of their answers no sum has, in words."""
        return [*lacking("costs", self.table), *unstated(self.table)]

    @property
    def doubts(self) -> tuple[str, ...]:
        """That a sum of them lacks something, where that is so."""
        return (
            *sentences(self.reads.unread),
            *not_looked_at(self.reads.not_known, self.left_out),
        )

    def is_settled(self, period: Period) -> bool | None:
        """Whether no day of a period may still be restated; ``None`` where nothing is known."""
        settled = self.table.settled_until
        return None if settled is None else midnight(period.end) <= settled

    def so_far(self, period: Period) -> Iterator[str]:
        """Which days of a period may still be restated, where there are some."""
        start, end = midnight(period.start), midnight(period.end)
        return filter(None, [so_far(self.table.settled_until, start, end)])

    def if_known(self, figure: T) -> T | None:
        """A figure, or ``None`` where they are not known."""
        return None if self.refused else figure

    def told(self, text: str, total: str = "") -> str:
        """What figures say, or that they were not checked, after their sum where that is known."""
        if not self.refused:
            return text
        unchecked = sentence(not_checked(self.refused, {}))
        return unchecked if self.lost or not total else f"{total} {unchecked}"


async def _costs(
    client: AsyncOpenAIAdmin, start: date, end: date | None, by: Sequence[str]
) -> _Costs:
    say("fetching costs")
    reads = Reads(client._caller)
    fields = list(dict.fromkeys(COLUMNS[name] for name in by))
    table = await usage_table(
        reads,
        "costs",
        client.usage,
        ["costs"],
        start_time=midnight(start),
        end_time=None if end is None else midnight(end),
        group_by=fields or None,
    )
    reads.check()
    groupings = tuple(grouped_by("costs", field) for field in fields)
    return _Costs(table, reads, Basis(("costs",), completely=groupings))


def _total_row(found: CostBreakdown, costs: _Costs) -> Row:
    total = row(CHANGE_COLUMNS, found.total, {})
    return dict.fromkeys(total) if costs.lost else total


async def _names(
    client: AsyncOpenAIAdmin, costs: _Costs, by: str
) -> tuple[dict[str, str], list[str]]:
    """The names for the ids of a grouping, which models and line items do not have.

    Returns:
        Names by id, and why others are not known.
    """
    ids = COLUMNS[by]
    if ids not in NAME_COLUMNS or not len(costs.table):
        return {}, []
    say("fetching names")
    named = await client.usage.name(costs.table)
    pairs: Any = zip(named[ids], named[NAME_COLUMNS[ids]], strict=True)
    names = {id: name for id, name in pairs if id is not None and name is not None}
    return names, named.unnamed


def _naming(answer: Answer, unnamed: Sequence[str]) -> Answer:
    """An answer that says in its texts which names are not known."""
    if not unnamed:
        return answer
    return attrs.evolve(
        answer,
        summary=f"{answer.summary} Some names are not known; names_not_known says why.",
        names="\n".join([*filter(None, [answer.names]), *map(quoted, unnamed)]),
    )


def _total(found: CostBreakdown) -> str:
    total, currency = found.total, found.currency
    spent = f"{found.period}: {at_least(total.cost, currency, gaps=total.gaps)}"
    if total.change is None:
        return " ".join((f"{spent}.", *no_change_stated(total)))
    relative = signed_percent(total.relative)
    return (
        f"{spent} ({signed(total.change, currency)} against"
        f" the period before{', ' if relative else ''}{relative})."
    )


QUESTIONS = (spend, movers, projection, anomalies)
