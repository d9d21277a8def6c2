"""The question of who did what, of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import attrs
from annotated_types import Len
from typing_extensions import Doc

from ..._declare.arguments import shown
from ..._declare.resource import Async
from ..._tree import AdminResources
from ...audit.search.asked import BACK
from ...audit.search.by_names import Named, search_by_names
from ...audit.search.grouping import count_by as counted
from ...audit.search.model import Found
from ...client import AsyncOpenAIAdmin
from ...directory.recorded.told import Told
from ...errors import InvalidInputError
from ...insights.text import count
from ..progress import say
from ..texts import quoted
from ..times import RANGE, ends_of, now_of
from ..tool import Answer
from ..values import iso
from .question import AtMost, Detail, Projects, question
from .rows import facts
from .short import cut, unknown

When = Annotated[str, Doc(f"Which time (UTC): {RANGE}.")]
People = Annotated[
    Sequence[str] | None,
    Len(1),
    Doc("Who did it or had it done to them, by name or address."),
]
Keys = Annotated[
    Sequence[str] | None,
    Len(1),
    Doc("Keys used or changed: name, id or last characters."),
]
Types = Annotated[Sequence[str] | None, Len(1), Doc("Types of events, as api_key.*.")]
Addresses = Annotated[Sequence[str] | None, Len(1), Doc("IP addresses or networks.")]
CountBy = Annotated[
    Literal["actor", "type", "target", "project", "day", "ip", "country", "key"] | None,
    Doc("Count by this, in place of listing."),
]
_LAST_DAYS = "30d"  # with today: an event of this morning counts
_COUNTED = 5_000  # events that are read to be counted
_MOST = 50  # events that are read where nobody says how many
_MORE = "narrow the search"
_AFTER = " after "  # between a period and the event behind which it begins
_LONG = 160  # characters of what was changed, unless details are asked for


@attrs.frozen(kw_only=True)
class Event:
    """An event.

    Attributes:
        at: when.
        actor: who did it.
        type: what happened.
        target: to what.
        project: where.
        changes: what was asked for.
        ip: from where.
        country: of that.
        key: the key used.
        id: the event's id.
        target_id: the target's id.
    """

    at: str | None = None
    actor: str | None = None
    type: str | None = None
    target: str | None = None
    project: str | None = None
    changes: str | None = None
    ip: str | None = None
    country: str | None = None
    key: str | None = None
    id: str | None = None
    target_id: str | None = None


@attrs.frozen(kw_only=True)
class Counted:
    """How many events are alike.

    Attributes:
        value: what they have in common, if they say.
        events: how many.
        first: the earliest.
        last: the latest.
    """

    value: str | None = None
    events: int
    first: str | None = None
    last: str | None = None


@attrs.frozen(kw_only=True)
class Events:
    """What was found in the audit log.

    Attributes:
        since: the beginning.
        until: the end.
        events: the newest first, unless counted; null where refused.
        counts: the most first, if asked for; null likewise.
        older: what to pass as period for those behind these.
        not_known: what could not be looked at, and why.
    """

    since: str | None
    until: str | None
    events: list[Event] | None
    counts: list[Counted] | None
    older: str | None = None
    not_known: list[str]


@question(Events, toolsets=("assistant",))
async def audit_search(
    client: AsyncOpenAIAdmin,
    *,
    period: When = _LAST_DAYS,
    people: People = None,
    types: Types = None,
    projects: Projects = None,
    keys: Keys = None,
    ips: Addresses = None,
    count_by: CountBy = None,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Who did what, and when: the audit log by person, type, project, key, address and time, with
    names. Example: types ["role.*", "invite.sent"], period "last week".
    """
    now = now_of(client)
    stretch, _, after = period.partition(_AFTER)
    start, end = ends_of(stretch, "period", now=now)
    until = end or now
    since = start or until - BACK
    if since >= min(until, now):
        raise InvalidInputError(
            f"period: {shown(stretch)} is empty or in the future; a day is passed as 2026-11-01,"
            " and FROM..UNTIL is without UNTIL."
        )
    say("searching the audit log")
    named = Named(
        person=people or (),
        types=types or (),
        project=projects or (),
        key=keys or (),
        ip=ips or (),
        since=since,
        until=until,
    )
    most = _COUNTED if count_by else limit or _MOST
    tree = AdminResources[Async](client._caller)
    found = await search_by_names(tree, named, limit=most, after=after.strip() or None)
    is_refused = bool(found.not_known) and not found.events
    told_of: Sequence[Told] = found.events
    fitting: list[Event] = []
    counts: list[Counted] = []
    more: list[str] = []
    if count_by:
        counts, more = cut(_counts(found, count_by), limit, "counts", detail, _MORE)
    else:
        fitting, _ = cut([_event(each, detail) for each in told_of], limit, "events", detail, _MORE)
        told_of = told_of[: len(fitting)]
    has_more = found.has_more or len(told_of) < len(found.events)
    answer = Events(
        since=iso(since),
        until=iso(until),
        events=None if is_refused else fitting,
        counts=None if is_refused else counts,
        older=_older(told_of, since) if has_more else None,
        not_known=unknown(found.not_known, {}, others=found.unnamed),
    )
    told = _told(answer, found, len(told_of), is_refused=is_refused)
    notes = [*found.told, *_notes(answer, found), *more]
    made: dict[str, Any] = facts(answer)
    del made["counts" if count_by is None else "events"]  # null is what is not known
    return Answer(made, told, notes=notes)


def _event(told: Told, detail: str) -> Event:
    changes = told.changes
    if detail == "concise" and len(changes) > _LONG:
        changes = f"{changes[:_LONG]}…"
    more = {"id": told.id, "target_id": told.target_id} if detail == "detailed" else {}
    return Event(
        at=iso(told.at),
        actor=told.actor,
        type=told.type,
        target=told.target,
        project=told.project,
        changes=changes or None,
        ip=told.ip,
        country=told.country,
        key=told.key,
        **more,
    )


def _counts(found: Found, by: str) -> list[Counted]:
    return [
        Counted(
            value=each.values[0], events=each.events, first=iso(each.first), last=iso(each.last)
        )
        for each in counted(found.events, [by])
    ]


def _older(told_of: Sequence[Told], since: datetime) -> str | None:
    """The period of what is not shown: it begins in the second of the last that is, behind it."""
    last = next((event for event in reversed(told_of) if event.at is not None and event.id), None)
    if last is None or last.at is None:
        return None
    until = last.at.replace(microsecond=0) + timedelta(seconds=1)
    return f"{iso(since)}..{iso(until)}{_AFTER}{last.id}"


def _told(answer: Events, found: Found, number: int, *, is_refused: bool) -> str:
    where = f"{answer.since} to {answer.until}"
    if is_refused:
        return f"What happened from {where} is not known."
    least = "the newest " if answer.older or found.has_more else ""
    who = {event.actor for event in found.events if event.actor}
    by = f", by {quoted(next(iter(who)))} alone" if len(who) == 1 else ""
    return f"{where}: {least}{count(number, 'event')}{by}."


def _notes(answer: Events, found: Found) -> list[str]:
    notes = []
    if answer.counts and found.has_more:
        notes.append(f"Counts are of the newest {len(found.events):,} events alone.")
    if answer.older is not None:
        notes.append("There are older events: pass `older` as period, or narrow the search.")
    elif found.has_more:
        notes.append("There are older events, which a narrower search shows.")
    if not found.events and not found.not_known:
        notes.append("Nothing of that kind is in the log in this period.")
    return notes


QUESTIONS = (audit_search,)
