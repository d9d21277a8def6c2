"""One look at the audit log: what a listing of it has that was not read yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime

import attrs

from ..._declare.operation import CallExecutor
from ..._declare.pagination import AsyncPager
from .items import Item, items_of, key_of, time_of
from .model import AuditLog
from .position import AuditLogPosition

Fetch = Callable[[int | None, int | None], AsyncPager[AuditLog]]
"""Lists the log newest first, from a moment on and before another; ``None`` sets no bound."""


@attrs.frozen
class Found:
    """An item of the log as it was listed.

    Attributes:
        key: what it is recognized by.
        moment: its time in Unix seconds, or the latest that it can have.
        mark: the moment that it is remembered with.
        is_past: whether its time is known, and not after the server's.
        has_time: whether its time is known.
        item: the item.
    """

    key: str
    moment: int
    mark: int
    is_past: bool
    has_time: bool
    item: Item


@attrs.define
class Look:
    """What came of a look.

    Attributes:
        unread: what was not read yet, oldest first.
        listed: how many items were listed.
        newest: the newest time listed that is not after the server's; ``None`` without one.
        latest: the newest time listed.
        oldest: the oldest time listed.
        is_whole: whether it went back to where it should begin.
        is_too_long: whether it was broken off, since it had more than memory should hold.
    """

    unread: list[Found] = attrs.field(factory=list)
    listed: int = 0
    newest: int | None = None
    latest: int = 0
    oldest: int = 0
    is_whole: bool = True
    is_too_long: bool = False


async def look(
    fetch: Fetch,
    position: AuditLogPosition,
    caller: CallExecutor,
    *,
    begin: int | None,
    end: int | None = None,
    most: int | None = None,
    stops_at_read: bool = False,
) -> Look:
    """List a stretch of the log, newest first, and keep what a position has not seen.

    What has no time is remembered as long as it is listed, since nothing says how long that is.

    Args:
        fetch: lists the log.
        position: says what was read.
        caller: knows the server's time.
        begin: where the stretch begins, in Unix seconds.
        end: where it ends, not included.
        most: how many unread items to keep, before this is given up.
        stops_at_read: whether to end at a page all of which was read before.
    """
    found = Look()
    unread: dict[str, Found] = {}
    timing = Timing(_now(caller) if end is None else min(end - 1, _now(caller)), begin)
    async with aclosing(fetch(begin, end).pages()) as pages:
        async for page in pages:
            has_read = has_unread = False
            for item in items_of(page):
                at = timing.of(item)
                _count(found, at)
                if at.key not in position.seen:
                    has_unread = True
                    unread.pop(at.key, None)
                    unread[at.key] = at
                elif at.has_time:
                    has_read |= at.is_past
                else:
                    position.mark(at.key, at.mark)
            if most is not None and len(unread) > most:
                return attrs.evolve(found, is_whole=False, is_too_long=True)
            if stops_at_read and has_read and not has_unread:
                found.is_whole = False
                break
    found.unread = list(unread.values())
    found.unread.reverse()
    found.unread.sort(key=lambda each: each.moment)
    return found


def _count(found: Look, at: Found) -> None:
    if at.is_past:
        found.newest = max(at.moment, found.newest or 0)
    found.latest = max(at.moment, found.latest)
    found.oldest = at.moment if not found.listed else min(at.moment, found.oldest)
    found.listed += 1


async def begin_at_the_end(
    fetch: Fetch, position: AuditLogPosition, caller: CallExecutor, overlap: int
) -> None:
    """Take everything that is in the log now as read; the log's newest time says when that is."""
    seen: dict[str, int] = {}
    newest = 0
    timing = Timing(_now(caller))
    async with aclosing(fetch(None, None).pages()) as pages:
        async for page in pages:
            at = None
            for at in map(timing.of, items_of(page)):
                seen[at.key] = at.mark
                newest = max(newest, at.moment) if at.is_past else newest
            if at is not None and at.moment < newest - overlap:
                break
    for key, moment in seen.items():
        position.mark(key, moment)
    position.advance(max(0, newest - overlap))


class Timing:
    """The times of items that are listed newest first.

    One without has that of the next newer one: it cannot be later. The first of all, and one
    after an event of the future, has the latest that it can have. So has one whose time is before
    the listing begins: the server takes it to have another one. What has no time is remembered with
    the latest of all, since nothing says when it will no longer be listed.

    Args:
        now: the latest, in Unix seconds: the server's time, or where the listing ends.
        begin: where the listing begins; ``None`` where it has no beginning.
    """

    def __init__(self, now: int, begin: int | None = None) -> None:
        self._now = now
        self._begin = begin
        self._moment = now

    def of(self, item: Item) -> Found:
        """The next item, with its time."""
        time = time_of(item)
        if time is not None and self._begin is not None and time < self._begin:
            time = None
        self._moment = time if time is not None else min(self._moment, self._now)
        return Found(
            key=key_of(item),
            moment=self._moment,
            mark=self._now if time is None else time,
            is_past=time is not None and time <= self._now,
            has_time=time is not None,
            item=item,
        )


def _now(caller: CallExecutor) -> int:
    """The server's time; where its answers do not tell, this machine's, which only holds back."""
    return int((caller.server_now() or datetime.now(UTC)).timestamp())
