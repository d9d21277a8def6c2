"""The audit log read around unusual days: a listing for each of the most unusual ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime
from functools import partial
from operator import attrgetter

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.lookup import Wanted
from ...directory.reading import PAGE, Reads
from ...directory.recorded.event import AuditEvent
from ...directory.recorded.names import names_of_roles
from ...directory.recorded.telling import names_told, wanted_names
from ...errors import APIError, PaginationError
from ...resources.audit_logs.event_types import EVENT_TYPES, is_tenant_scoped
from ...resources.audit_logs.items import items_of
from ...usage.table import UsageTable
from ..around import RecordedDay, days_to_look_around, stretch_around, unusual
from ..basis import AROUND, BASES
from ..outliers import AnomalySearch
from ..periods import Period, midnight

_MOST = 500  # events around a day
_LOGINS = ("login.", "logout.")
_TYPES = [t for t in EVENT_TYPES if not t.startswith(_LOGINS) and not is_tenant_scoped(t)]


@attrs.define
class _Read:
    """What was read around a day, and why no more was, if so."""

    day: date
    events: list[AuditEvent] = attrs.field(factory=list)
    has_more: bool = False
    error: APIError | None = None


@attrs.frozen(kw_only=True)
class LookedAround:
    """What was found around unusual days.

    Attributes:
        unusual: the unusual days; ``None`` where they were not looked for.
        recorded: what the audit log has around the most unusual of them.
        names: names by id that the log tells, and of roles.
        wanted: the ids of what else it speaks of.
    """

    unusual: AnomalySearch | None = None
    recorded: tuple[RecordedDay, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)
    wanted: Wanted = attrs.field(factory=Wanted)


async def look_around(
    client: AdminResources[Async],
    costs: UsageTable,
    *,
    period: Period,
    now: datetime,
    reads: Reads,
) -> LookedAround:
    """Find the unusual days, and read the audit log around them; nothing where there are none.

    Args:
        client: an asynchronous client.
        costs: daily costs by project and line item.
        period: the days looked at.
        now: the present.
        reads: says whether it is asked for, and keeps what is refused or cannot be read.
    """
    if not reads.wants(AROUND) or BASES["around_anomalies"].refused(reads.not_known):
        return LookedAround()
    find = partial(unusual, costs, period=period, now=now)
    search = await anyio.to_thread.run_sync(find, abandon_on_cancel=True)
    recorded = await recorded_around(client, days_to_look_around(search), reads=reads)
    events = [event for each in recorded for event in each.events]
    names = names_told(events)
    # Without names of roles nothing is missing but these names.
    names |= await names_of_roles(client, events, names, reads=Reads(client._caller))
    wanted = wanted_names(events)
    # What may be in any project would be looked for in all of them.
    placed = attrs.evolve(
        wanted,
        users={id: places for id, places in wanted.users.items() if places},
        keys={id: places for id, places in wanted.keys.items() if places},
    )
    return LookedAround(unusual=search, recorded=recorded, names=names, wanted=placed)


async def recorded_around(
    client: AdminResources[Async], days: Sequence[date], *, reads: Reads
) -> tuple[RecordedDay, ...]:
    """What the audit log has around some days, without logins.

    Args:
        client: an asynchronous client.
        days: the days; each takes a request, or up to five where much was changed.
        reads: keeps what is refused or cannot be read.
    """
    if not days:
        return ()
    await anyio.to_thread.run_sync(attrgetter("audit_logs"), client)  # it has many models
    reads.begin(AROUND, len(days))
    read = await each(days, lambda day: _around(client, day, stretch_around(day, days), reads))
    failed = [(one, one.error) for one in read if one.error is not None]
    lost = [error for one, error in failed if not one.events]
    if len(lost) == len(read):
        await reads.refuse(AROUND, lost[0])
        return ()
    for one, error in failed:
        await reads.refuse(AROUND, error, window=str(one.day), after=len(one.events) or None)
    return tuple(
        RecordedDay(day=one.day, events=one.events, has_more=one.has_more)
        for one in read
        if one.events or one.error is None
    )


async def _around(client: AdminResources[Async], day: date, stretch: Period, reads: Reads) -> _Read:
    read = _Read(day)
    pager = client.audit_logs.list(
        limit=PAGE,
        event_types=_TYPES,
        effective_at={"gte": midnight(stretch.start), "lt": midnight(stretch.end)},
    )
    try:
        async with aclosing(pager.pages()) as pages:
            async for page in pages:
                reads.answered()
                items = items_of(page)
                read.events += map(AuditEvent.of, items)
                # What has no place among the items is told by no event.
                reads.unread[AROUND] += len(page.data) + len(page.unreadable) - len(items)
                if len(read.events) >= _MOST:
                    read.has_more = bool(page.has_more)
                    break
    except APIError as error:
        read.error = error
        if isinstance(error, PaginationError):
            read.events.clear()  # pages whose cursors loop may have come twice
    return read
