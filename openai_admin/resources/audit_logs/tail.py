"""Following the audit log: new events as they come, each once, also across restarts."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

import attrs

from ..._declare.operation import CallExecutor
from ..._declare.pagination import AsyncPager
from ..._wire.models import Unreadable
from .items import Item, items_of, key_of, time_of
from .model import AuditLog
from .outage import until_read
from .position import AuditLogPosition

OPERATION = "audit_logs.tail"

Fetch = Callable[[int | None], AsyncPager[AuditLog]]
"""Lists the log from a moment on, or all of it, newest first."""


@attrs.frozen
class _Listed:
    """An item of the log as it was listed.

    Attributes:
        key: what it is recognized by.
        moment: its time in Unix seconds, or the latest that it can have.
        is_past: whether its time is known, and not after the server's.
        has_time: whether its time is known.
        item: the item.
    """

    key: str
    moment: int
    is_past: bool
    has_time: bool
    item: Item


async def follow(
    fetch: Fetch,
    position: AuditLogPosition,
    caller: CallExecutor,
    *,
    poll: float,
    overlap: int,
    unreadable: Callable[[Unreadable], object] | None = None,
    rng: random.Random | None = None,
) -> AsyncGenerator[AuditLog, None]:
    """Yield what appears in the log after a position, oldest first, endlessly.

    Each look lists everything from the position's floor on and leaves out what was seen: an
    event is found wherever in the overlap it appears, and many may share a second.
    """
    reading = partial(
        until_read,
        caller=caller,
        operation=OPERATION,
        poll=poll,
        rng=rng or random.Random(),  # noqa: S311 - jitter is not a secret
    )
    begins_at_end = position.floor is None
    if begins_at_end:
        await reading(partial(_begin_at_the_end, fetch, position, caller, overlap))
    if position.file is not None:
        position.save()  # a restart before the first event begins where this one did
    if begins_at_end:
        await caller.sleep(poll)
    while True:
        listed = await reading(partial(_look, fetch, position.floor, caller))
        for found in _unseen(listed, position):
            caller.check_usable()
            position.seen[found.key] = found.moment
            if found.is_past:
                position.advance(found.moment - overlap)
            if isinstance(found.item, AuditLog):
                yield found.item
            elif unreadable is not None:
                unreadable(found.item)
        newest = max((found.moment for found in listed if found.is_past), default=None)
        if newest is not None:
            position.advance(newest - overlap)  # for one that was in the future when it came
        del listed
        await caller.sleep(poll)


async def _look(fetch: Fetch, floor: int | None, caller: CallExecutor) -> list[_Listed]:
    """Everything in the log from a moment on, newest first."""
    items: list[Item] = []
    async with aclosing(fetch(floor).pages()) as pages:
        async for page in pages:
            items += items_of(page)
    return _timed(items, _now(caller))


def _unseen(listed: list[_Listed], position: AuditLogPosition) -> list[_Listed]:
    """What was not read yet, oldest first.

    What has no time is remembered as long as it is listed, since nothing says how long that is.
    """
    unseen: dict[str, _Listed] = {}
    for found in reversed(listed):
        if found.key not in position.seen:
            unseen.setdefault(found.key, found)
        elif not found.has_time:
            position.seen[found.key] = found.moment
    return sorted(unseen.values(), key=lambda found: found.moment)


async def _begin_at_the_end(
    fetch: Fetch, position: AuditLogPosition, caller: CallExecutor, overlap: int
) -> None:
    """Take everything that is in the log now as read; the log's newest time says when that is."""
    items: list[Item] = []
    listed: list[_Listed] = []
    newest = 0
    async with aclosing(fetch(None).pages()) as pages:
        async for page in pages:
            items += items_of(page)
            listed = _timed(items, _now(caller))
            newest = max((found.moment for found in listed if found.is_past), default=0)
            if listed and listed[-1].moment < newest - overlap:
                break
    position.seen = {found.key: found.moment for found in listed}
    position.advance(max(0, newest - overlap))


def _now(caller: CallExecutor) -> int:
    """The server's time; where its answers do not tell, this machine's, which only holds back."""
    return int((caller.server_now() or datetime.now(UTC)).timestamp())


def _timed(items: list[Item], now: int) -> list[_Listed]:
    """Items, newest first, with their times.

    One without has that of the next newer one: it cannot be later. The first of all, and one
    after an event of the future, has the server's time.
    """
    moment = now
    listed = []
    for item in items:
        time = time_of(item)
        moment = time if time is not None else min(moment, now)
        listed.append(
            _Listed(
                key=key_of(item),
                moment=moment,
                is_past=time is not None and time <= now,
                has_time=time is not None,
                item=item,
            )
        )
    return listed
