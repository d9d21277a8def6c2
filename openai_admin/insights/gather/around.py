"""The audit log read around unusual days: a listing for each of the most unusual ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.lookup import Listing, names_in
from ...directory.reading import PAGE, Reads
from ...directory.recorded.event import AuditEvent
from ...directory.recorded.names import looked_up
from ...directory.recorded.telling import names_told
from ...errors import APIError
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.audit_logs.event_types import EVENT_TYPES, is_tenant_scoped
from ...resources.audit_logs.items import items_of
from ...usage.table import UsageTable
from ..around import RecordedDay, days_to_look_around, stretch_around, unusual
from ..basis import AROUND, BASES
from ..outliers import AnomalySearch
from ..periods import Period, midnight

_MOST = 500  # events around a day
_LOGINS = ("login.", "logout.")
_KINDS: Mapping[Listing, str] = {
    "projects": "projects",
    "people": "people",
    "keys": "keys of projects",
}
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
        names: names by id of what that speaks of.
        unnamed: names that are not known since listings were refused, a sentence each.
    """

    unusual: AnomalySearch | None = None
    recorded: tuple[RecordedDay, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)
    unnamed: tuple[str, ...] = ()


async def look_around(
    client: AdminResources[Async],
    costs: UsageTable,
    *,
    period: Period,
    now: datetime,
    reads: Reads,
    listed: Mapping[Listing, Sequence[Any]],
    admin_keys: Sequence[AdminAPIKey],
) -> LookedAround:
    """Find the unusual days, and read the audit log around them; nothing where there are none.

    Args:
        client: an asynchronous client.
        costs: daily costs by project and line item.
        period: the days looked at.
        now: the present.
        reads: says whether it is asked for, and keeps what is refused or cannot be read.
        listed: listings, as far as they are asked for: they are not asked for again.
        admin_keys: those of the organization, likewise.
    """
    if not reads.wants(AROUND) or BASES["around_anomalies"].refused(reads.not_known):
        return LookedAround()
    find = partial(unusual, costs, period=period, now=now)
    search = await anyio.to_thread.run_sync(find, abandon_on_cancel=True)
    recorded = await recorded_around(client, days_to_look_around(search), reads=reads)
    events = [event for each in recorded for event in each.events]
    if not events:
        return LookedAround(unusual=search, recorded=recorded)
    things = [thing for listing in listed.values() for thing in listing]
    names, unnamed = await looked_up(
        client,
        events,
        {**names_told(events), **names_in([*things, *admin_keys])},
        learned={listing: of for listing, of in listed.items() if reads.wants(_KINDS[listing])},
        with_admin_keys=not reads.wants("admin keys"),
    )
    return LookedAround(unusual=search, recorded=recorded, names=names, unnamed=unnamed)


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
    return read
