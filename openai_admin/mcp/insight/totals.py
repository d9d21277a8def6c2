"""The question of how much was used or spent in any period: sums by group, date, week or month."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Any, Literal

import attrs
from annotated_types import Len
from typing_extensions import Doc

from ..._declare.dates import TIME_HELP
from ..._wire.codec import to_dict
from ...cli.dates import time_range
from ...client import AsyncOpenAIAdmin
from ...directory.find import with_ids
from ...directory.reading import Reads
from ...errors import InvalidInputError
from ...insights.fetch import usage_table
from ...insights.text import money
from ...insights.unread import sentences
from ...usage.filters import AnyGroup, EndpointName
from ...usage.money import add_up
from ...usage.names import NAME_COLUMNS
from ...usage.settled import so_far
from ...usage.table import COMPLETE, UsageTable
from ...usage.telling import told_adaptations
from ...usage.zones import zone_of
from ..progress import say
from ..tool import Answer
from ..values import money_of
from .question import Most, Projects, question
from .rows import Gap, Row, Span, facts, gaps, not_looked_at

Endpoint = Annotated[EndpointName, Doc("What to add up: costs, or the usage of an endpoint.")]
When = Annotated[
    str,
    Doc(
        "Which days: a period, the first of days until now, or two of them, as 2026-09..2026-10; a"
        f" period is included whole, a date is its midnight. {TIME_HELP}."
    ),
]
Groups = Annotated[
    Sequence[AnyGroup] | None,
    Len(1),
    Doc(
        "The fields to keep apart. Costs take project_id, user_id, api_key_id, line_item, and the"
        " line item's model, kind, tier and context; ids come with names."
    ),
]
Every = Annotated[
    Literal["date", "week", "month"] | None,
    Doc("Sums for each date, week or month, quiet ones too, with the change to the one before."),
]
Zone = Annotated[
    str | None,
    Doc(
        "A time zone, such as America/New_York, whose days, weeks and months are meant; by default"
        " UTC. Costs are billed by UTC day, and are estimates in other zones."
    ),
]

_MEASURES = ("amount", "input_tokens", "images", "seconds", "characters", "usage_bytes")
_NOTES = 10


@attrs.frozen(kw_only=True)
class Totals:
    """Sums of a period: the largest first, or in order of time.

    Attributes:
        period: the days.
        time_zone: whose days they are.
        complete: whether no figure may still be restated.
        estimated: whether amounts are estimates, for days of a zone other than UTC.
        total: all of it: each count by its name; an amount is money.
        rows: its parts, with their fields, counts and `change`.
        rows_left_out: how many more there are.
        left_out: what these come to.
        not_known: what was refused.
    """

    period: Span
    time_zone: str
    complete: bool | None
    estimated: bool
    total: Row
    rows: list[Row]
    rows_left_out: int
    left_out: Row | None = None
    not_known: list[Gap] = attrs.field(factory=list)


@question(
    Totals,
    toolsets=("insight",),
)
async def totals(
    client: AsyncOpenAIAdmin,
    *,
    endpoint: Endpoint = "costs",
    period: When = "this-month",
    group_by: Groups = None,
    every: Every = None,
    projects: Projects = None,
    tz: Zone = None,
    limit: Most = 50,
) -> Answer:
    """What was spent, or how much of an endpoint was used, in any period: in all, by group, and by
    date, week or month of any time zone. Where complete is false, figures are those so far: days
    may still be restated.
    """
    zone = UTC if tz is None else zone_of(tz)
    now = datetime.now(UTC)
    start, end = _range(period, now, zone)
    filters: dict[str, Any] = {}
    notes: list[str] = []
    if projects is not None:
        asked = {"project_ids": projects}
        filters, _, notes = await with_ids(client, f"usage.{endpoint}", asked, lambda _: "projects")
    say(f"fetching {endpoint}")
    reads = Reads(client._caller)
    table = await usage_table(
        reads,
        "costs" if endpoint == "costs" else "usage",
        client.usage,
        [endpoint],
        start_time=start,
        end_time=end,
        group_by=group_by,
        tz=tz,
        **filters,
    )
    reads.check()
    measure = next((name for name in _MEASURES if name in table.metrics), table.metrics[0])
    named = await _sums(client, table, [*filter(None, [every]), *(group_by or ())])
    found = list(named.rows())
    if every is None:
        found.sort(key=lambda row: -(row[measure] or 0))
    else:
        _add_changes(found, [name for name in named.dimensions if name != every], measure)
    kept = {*named.dimensions, measure, "change"}
    (total,) = table.totals().rows()
    last = ((end or now).astimezone(zone) - timedelta(microseconds=1)).date()
    answer = Totals(
        period=Span(first_day=start.date().isoformat(), last_day=last.isoformat()),
        time_zone=str(zone),
        complete=total.get(COMPLETE),
        estimated=table.estimated,
        total=_plain(total, {measure}),
        rows=[_plain(row, kept) for row in found[:limit]],
        rows_left_out=max(0, len(found) - limit),
        left_out=_together(found[limit:], measure),
        not_known=gaps(reads.not_known),
    )
    about = "about " if table.estimated else ""
    told = (
        f"{answer.period.first_day} to {answer.period.last_day} ({zone}):"
        f" {about}{_figure(total, measure)}."
    )
    adapted = told_adaptations(each for each in table.adapted if each.loses)
    return Answer(
        facts(answer),
        told,
        notes=[
            *filter(None, [so_far(table.settled_until, start, end or now, zone)]),
            *notes,
            *named.notes[:_NOTES],
            *sentences(reads.unread),
            *not_looked_at(reads.not_known, adapted),
            *named.unnamed,
        ],
    )


def _range(period: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime | None]:
    """The days that a period names; no end is now."""
    first, _, until = period.partition("..")
    names = ("period", "the end of period")
    start, end = time_range(first, until or None, now=now, names=names, zone=zone)
    if any(moment is not None and (moment.hour or moment.minute) for moment in (start, end)):
        raise InvalidInputError(
            f"period must be of whole days, such as 2026-10, last-month or 7d, not {period!r}."
        )
    return start, end


async def _sums(client: AsyncOpenAIAdmin, table: UsageTable, by: list[str]) -> UsageTable:
    """The sums of each group, with names; of each currency where there are several."""
    if not by:
        return table.only([])
    sums = table.totals(by)
    if sums.mixes_currencies:
        sums = table.totals([*by, "currency"])
    if not len(sums) or NAME_COLUMNS.keys().isdisjoint(by):
        return sums
    say("fetching names")
    return await client.usage.name(sums)


def _add_changes(rows: Sequence[Row], groups: Sequence[str], measure: str) -> None:
    """Put beside each row, which are in order of time, the change to the period before."""
    before: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        key = tuple(row[name] for name in groups)
        was, now = before.get(key), row[measure]
        row["change"] = None if was is None or now is None else now - was
        before[key] = now


def _together(rows: Sequence[Mapping[str, Any]], measure: str) -> Row | None:
    """What rows come to; ``None`` where there are none, or in several currencies."""
    known = [row[measure] for row in rows if row[measure] is not None]
    currencies = {row.get("currency") for row in rows if row[measure] is not None}
    if not known or len(currencies) > 1:
        return None
    whole = add_up(known) if measure == "amount" else sum(known)
    return _plain({measure: whole, "currency": currencies.pop()}, {measure})


def _plain(row: Mapping[str, Any], kept: Collection[str]) -> Row:
    """A row as it is returned; of what can be counted, without what was not, but for some."""
    made: Row = {}
    currency = row.get("currency")
    is_money = "amount" in row
    for name, value in row.items():
        if name == "currency" or (value is None and name not in kept):
            continue
        if is_money and name in ("amount", "change"):
            made[name] = to_dict(money_of(value, currency))
        else:
            made[name] = value.isoformat() if isinstance(value, date) else value
    return made


def _figure(row: Mapping[str, Any], measure: str) -> str:
    value = row.get(measure)
    if value is None:
        return "not known"
    return money(value, row.get("currency")) if measure == "amount" else f"{measure} {value:,}"


QUESTIONS = (totals,)
