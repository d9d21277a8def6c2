"""The question of which days stand out, which keys carried them, and what was changed around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated

import anyio.to_thread
import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...client import AsyncOpenAIAdmin
from ...directory.lookup import NameLookup, Wanted
from ...insights import Anomaly, AnomalySearch
from ...insights.around import (
    MOST_DAYS,
    ChangeAround,
    ChangesAround,
    changes_around,
    in_order,
    unusual,
)
from ...insights.carriers import Carrier
from ...insights.defaults import HISTORY_DAYS
from ...insights.findings.changes import anomaly_sentences
from ...insights.gather.around import LookedAround, look_around
from ...insights.gather.carriers import Carried, read_carriers
from ...insights.naming import UNKNOWN
from ...insights.text import count, some_of
from ...insights.unread import hedged
from ...usage.names import names_in_rows
from ..progress import say
from ..tool import Answer
from ..values import Money, iso
from .costs import Costs, ids_of_projects, present, read_costs
from .periods import LAST_DAYS, When, days_asked
from .question import Detail, Projects, question
from .rows import Span, facts, span

OddDays = Annotated[int, Interval(ge=1, le=100), Doc("The most odd days.")]

_KEYS, _ALL_KEYS = 3, 20
_EVENTS, _ALL_EVENTS = 8, 100


@attrs.frozen(kw_only=True)
class OfKey:
    """A key that carried an odd day.

    Attributes:
        key_id: its id; null for use without one.
        key: its name.
        owner: whose it is.
        cost: what it cost that day.
        usual: the median of four weeks before.
    """

    key_id: str | None
    key: str | None = None
    owner: str | None = None
    cost: Money
    usual: Money | None = None


@attrs.frozen(kw_only=True)
class OddDay:
    """A day on which a project's use of a model cost far more or less than usual.

    Attributes:
        day: the day, UTC.
        project_id: its project.
        project: the project's name.
        model: its model.
        cost: what that cost.
        usual: what is usual then.
        difference: cost less usual.
        keys: those that carried it; null where not known.
    """

    day: str
    project_id: str | None
    project: str | None = None
    model: str
    cost: Money
    usual: Money
    difference: Money
    keys: list[OfKey] | None


@attrs.frozen(kw_only=True)
class Event:
    """A change in the audit log, that day or the day before.

    Attributes:
        near: the odd day.
        at: when.
        actor: who.
        change: what was done, to what.
        project: where.
        same_project: whether that was the odd one.
    """

    near: str
    at: str | None = None
    actor: str | None = None
    change: str
    project: str | None = None
    same_project: bool


@attrs.frozen(kw_only=True)
class Anomalies:
    """The odd days of a period.

    Attributes:
        period: the days looked at.
        days: the odd ones, costliest first; null where not known.
        events: changes around them, no logins; null where not known.
        not_known: what was refused, and why.
    """

    period: Span
    days: list[OddDay] | None
    events: list[Event] | None
    not_known: list[str] = attrs.field(factory=list)


@question(Anomalies, toolsets=("assistant", "insight"))
async def anomalies(
    client: AsyncOpenAIAdmin,
    *,
    period: When = LAST_DAYS,
    projects: Projects = None,
    limit: OddDays = 5,
    detail: Detail = "concise",
) -> Answer:
    """Days on which a project's use of a model cost far more or less than usual, the keys that
    carried them, and what the audit log says was changed around. For "why did costs jump?".
    """
    now = present()
    project_ids, looked = await ids_of_projects(client, projects)
    days = days_asked(period, "none", now=now).period
    start = min(days.start, days.end - timedelta(days=HISTORY_DAYS))
    costs = await read_costs(client, start, days.end, ["project", "model"], project_ids=project_ids)
    reads = costs.reads
    tree = AdminResources[Async](client._caller)
    say("looking for odd days and around them")
    around = await look_around(tree, costs.table, period=days, now=now, reads=reads)
    find = partial(unusual, costs.table, period=days, now=now)
    search = around.unusual
    if search is None:
        search = await anyio.to_thread.run_sync(find)
    is_unknown = _is_unknown(costs, search)
    shown = () if is_unknown else search.found[:limit]
    carried = await read_carriers(
        client.usage, shown[:MOST_DAYS], currency=search.currency, reads=reads
    )
    lookup = await _lookup(client, costs, shown, around, carried)
    whole = detail == "detailed"
    look = partial(changes_around, project_ids=project_ids)
    recorded = await anyio.to_thread.run_sync(look, search, around.recorded, lookup.names)
    changes = in_order(recorded)
    most = _ALL_EVENTS if whole else _EVENTS
    named = partial(_odd, costs, carried, lookup, most=_ALL_KEYS if whole else _KEYS)
    is_unknown = _is_unknown(costs, search)
    is_log_known = _is_log_known(around, shown) and not is_unknown
    answer = Anomalies(
        period=span(days),
        days=None if is_unknown else [named(each) for each in shown],
        events=[_event(each) for each in changes[:most]] if is_log_known else None,
        not_known=costs.not_known_of(days, lookup.names),
    )
    notes = list(costs.notes(days))
    said = anomaly_sentences(search)
    if costs.not_known and not search.found:
        said = tuple(map(hedged, said))
    notes += [*looked, *map(str, lookup.unknown())]
    notes += _left_out(search, shown, changes, most, recorded)
    return Answer(facts(answer), f"{days}: {costs.told(' '.join(said))}", notes=notes)


QUESTIONS = (anomalies,)


def _is_unknown(costs: Costs, search: AnomalySearch) -> bool:
    """Whether nothing is known of what stands out."""
    return bool(costs.refused) or bool(search.too_short and not search.judged)


def _is_log_known(around: LookedAround, shown: Sequence[Anomaly]) -> bool:
    return not shown or bool(around.recorded)


async def _lookup(
    client: AsyncOpenAIAdmin,
    costs: Costs,
    shown: Sequence[Anomaly],
    around: LookedAround,
    carried: Carried,
) -> NameLookup:
    """The names of all that is told."""
    say("fetching names")
    names = {**around.names, **carried.names, **names_in_rows(costs.table)}
    lookup = NameLookup(client._caller, names)
    ids = frozenset(each.group[0] for each in shown if each.group[0] is not None)
    await lookup.find(Wanted(projects=ids) | carried.wanted | around.wanted)
    return lookup


def _odd(
    costs: Costs, carried: Carried, lookup: NameLookup, found: Anomaly, *, most: int
) -> OddDay:
    project_id, model = found.group
    keys = carried.of(found)
    return OddDay(
        day=found.day.isoformat(),
        project_id=project_id,
        project=lookup.names.get(project_id or ""),
        model=model or UNKNOWN,
        cost=costs.money(found.cost),
        usual=costs.money(found.expected),
        difference=costs.money(found.excess),
        keys=None if keys is None else [_key(costs, lookup, each) for each in keys[:most]],
    )


def _key(costs: Costs, lookup: NameLookup, carrier: Carrier) -> OfKey:
    id = carrier.key_id or ""
    owner = lookup.owners.get(id)
    return OfKey(
        key_id=carrier.key_id,
        key=lookup.names.get(id),
        owner=None if owner is None else lookup.emails.get(owner, lookup.names.get(owner, owner)),
        cost=costs.money(carrier.cost),
        usual=costs.money(carrier.usual),
    )


def _event(change: ChangeAround) -> Event:
    return Event(
        near=change.day.isoformat(),
        at=iso(change.at),
        actor=change.actor,
        change=change.change,
        project=change.project,
        same_project=change.in_same_project,
    )


def _left_out(
    search: AnomalySearch,
    shown: Sequence[Anomaly],
    changes: Sequence[ChangeAround],
    most: int,
    recorded: Sequence[ChangesAround],
) -> Iterator[str]:
    """What there is more, in words."""
    if left := len(search.found) - len(shown):
        yield f"{count(left, 'odd day')} left out; `limit` shows more."
    if len(shown) > MOST_DAYS:
        yield f"Keys and changes are of the {MOST_DAYS} most unusual days."
    if rest := changes[most:]:
        kinds = Counter(change.type or UNKNOWN for change in rest).most_common()
        told = some_of([f"{kind} {number:,}" for kind, number in kinds], ", ")
        yield f"{count(len(rest), 'change')} left out ({told}); `detail` detailed shows them."
    for each in recorded:
        if each.has_more:
            yield f"Of {each.day}, only the latest {count(len(each.changes), 'change')} were read."
