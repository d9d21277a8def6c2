"""Searching the audit log: listings narrowed as far as the API can, merged, and told with names."""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from ...directory.recorded.names import looked_up
from ...directory.recorded.telling import names_told, tell
from ...errors import APIError
from ...resources.audit_logs.items import items_of, key_of, time_of
from ..event import AuditEvent
from .asked import Asked
from .model import Found

LOG = "the audit log"
"""What is read, in words."""

OnRead = Callable[[int, int], None]
"""Is told how many events were read, and how many of them were found."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class _Placed:
    """An event in its place among those of all listings."""

    moment: float
    key: str
    event: AuditEvent


async def search(
    client: AdminResources[Async],
    asked: Asked,
    *,
    most: int | None = None,
    after: str | None = None,
    names: bool = True,
    on_read: OnRead = lambda *_: None,
) -> Found:
    """Look for events, and tell them with names.

    Args:
        client: an asynchronous client.
        asked: what is looked for.
        most: how many of the newest are wanted; ``None`` is all.
        after: the id of an event of the last second, to begin behind it.
        names: whether names that the log does not tell are looked up.
        on_read: is told how far it is.

    Raises:
        AuthenticationError: the key is wrong.
        APIError: nothing of the log could be read.
    """
    await anyio.to_thread.run_sync(attrgetter("audit_logs"), client)  # it has many models
    reads = Reads(client._caller)
    found: list[AuditEvent] = []
    read = 0
    has_more = False
    async with aclosing(_behind(after, _merged(client, asked, reads))) as events:
        async for event in events:
            read += 1
            if asked.is_met_by(event):
                if most is not None and len(found) >= most:
                    has_more = True
                    break
                found.append(event)
            if not read % PAGE:
                on_read(read, len(found))
    reads.check()
    known = names_told(found)
    unnamed: tuple[str, ...] = ()
    if names and found:
        known, unnamed = await looked_up(client, found, known)
    return Found(
        events=tuple(tell(event, known) for event in found),
        has_more=has_more,
        read=read,
        not_known=reads.not_known,
        unnamed=unnamed,
    )


async def _merged(
    client: AdminResources[Async], asked: Asked, reads: Reads
) -> AsyncGenerator[AuditEvent, None]:
    """What the listings have, the newest first, each event once."""
    seen: set[str] = set()
    heap: list[tuple[float, int, _Placed]] = []
    async with AsyncExitStack() as stack:
        listings = []
        for query in asked.queries():
            listing = _listed(client, query, reads)
            listings.append(await stack.enter_async_context(aclosing(listing)))
        for number, listing in enumerate(listings):
            await _push(heap, number, listing)
        while heap:
            _, number, placed = heapq.heappop(heap)
            await _push(heap, number, listings[number])
            if placed.key not in seen:
                seen.add(placed.key)
                yield placed.event


async def _behind(
    id: str | None, events: AsyncGenerator[AuditEvent, None]
) -> AsyncGenerator[AuditEvent, None]:
    """The events behind one of the second that they begin with; all where it is not among these."""
    held: list[AuditEvent] = []
    async with aclosing(events):
        async for event in events:
            if id is not None and event.id == id:
                id = None
                held.clear()
            elif id is not None and (not held or _second(held[0]) == _second(event)):
                held.append(event)
            else:
                id = None
                for each in held:
                    yield each
                held.clear()
                yield event
    for each in held:
        yield each


def _second(event: AuditEvent) -> datetime | None:
    return None if event.at is None else event.at.replace(microsecond=0)


async def _push(
    heap: list[tuple[float, int, _Placed]], number: int, listing: AsyncGenerator[_Placed, None]
) -> None:
    placed = await anext(listing, None)
    if placed is not None:
        heapq.heappush(heap, (-placed.moment, number, placed))


async def _listed(
    client: AdminResources[Async], query: dict[str, Any], reads: Reads
) -> AsyncGenerator[_Placed, None]:
    """The events of one listing; what has no time stays beside its newer neighbour."""
    reads.begin(LOG)
    moment = float("inf")
    came = 0
    try:
        async with aclosing(client.audit_logs.list(limit=PAGE, **query).pages()) as pages:
            async for page in pages:
                reads.answered()
                for item in items_of(page):
                    came += 1
                    time = time_of(item)
                    moment = moment if time is None else float(time)
                    yield _Placed(moment, key_of(item), AuditEvent.of(item))
    except APIError as error:
        await reads.refuse(LOG, error, after=came or None)
