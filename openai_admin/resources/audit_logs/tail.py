"""Following the audit log: new events as they come, each once, also across restarts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from functools import partial

import attrs

from ..._declare.operation import CallExecutor
from ..._wire.models import Unreadable
from .backlog import MOST, Windows
from .look import Fetch, Look, begin_at_the_end, look
from .model import AuditLog
from .outage import T, until_read
from .position import AuditLogPosition

OPERATION = "audit_logs.tail"

_CHEAP = 300  # events that may be listed again at each look: three requests
_SHARE = 1  # events that may be listed again for each that is new
_TURN = 50  # events between two turns of the event loop


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

    A look lists everything from the position's floor on and leaves out what was seen: an event is
    found wherever in the overlap it appears, and many may share a second. Where the overlap has
    many, most looks end at the first page that was seen, and leave the floor where it is, so that
    what is listed again stays in proportion to what is new.
    """
    tail = _Tail(
        fetch=fetch,
        position=position,
        caller=caller,
        poll=poll,
        overlap=overlap,
        rng=rng or random.Random(),  # noqa: S311 - jitter is not a secret
    )
    try:
        await tail.begin()
        async with aclosing(tail.looks()) as looks:
            async for found in looks:
                for number, event in enumerate(tail.taken(found, unreadable), 1):
                    yield event
                    if not number % _TURN:
                        await asyncio.sleep(0)  # what was found is all here: others get a turn
    finally:
        position.settle()


@attrs.define(kw_only=True)
class _Tail:
    """A tail under way.

    Attributes:
        fresh: how many events were new since a look went back to the floor.
        waited: for how many seconds none has; at first, one is due.
    """

    fetch: Fetch
    position: AuditLogPosition
    caller: CallExecutor
    poll: float
    overlap: int
    rng: random.Random
    fresh: int = 0
    waited: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.waited = self.overlap

    async def begin(self) -> None:
        """Find where a new position is, and save it: a restart before the first event begins there.

        Raises:
            OSError: the position's file cannot be written.
        """
        begins_at_end = self.position.floor is None
        if begins_at_end:
            await self._until_read(
                partial(begin_at_the_end, self.fetch, self.position, self.caller, self.overlap)
            )
        if self.position.file is not None:
            self.position.save()
        if begins_at_end:
            await self.caller.sleep(self.poll)

    async def looks(self) -> AsyncGenerator[Look, None]:
        """Look at the log again and again; a backlog comes in parts, the oldest first."""
        while True:
            found = await self._look(self.position.floor, None, stops_at_read=not self._is_due())
            if found.is_too_long:
                async with aclosing(self._backlog(found)) as parts:
                    async for part in parts:
                        yield part
                continue  # more has come meanwhile
            yield found
            await self.caller.sleep(self.poll)
            self.waited += self.poll

    def taken(
        self, found: Look, unreadable: Callable[[Unreadable], object] | None
    ) -> Iterator[AuditLog]:
        """What a look found, the position being moved on just before each."""
        for each in found.unread:
            self.caller.check_usable()
            self.position.mark(each.key, each.mark)
            if each.is_past and found.is_whole:
                self.position.advance(each.moment - self.overlap)
            if isinstance(each.item, AuditLog):
                yield each.item
            elif unreadable is not None:
                unreadable(each.item)
        if found.is_whole:
            self.fresh, self.waited = 0, 0.0
        else:
            self.fresh += len(found.unread)
        if found.is_whole and found.newest is not None:
            # For one that was in the future when it came.
            self.position.advance(found.newest - self.overlap)

    async def _backlog(self, ahead: Look) -> AsyncGenerator[Look, None]:
        windows = Windows(self.position.floor or 0, ahead)
        while (window := windows.next()) is not None:
            found = await self._look(window.begin, window.end, most=window.most)
            windows.learn(window, found)
            if not found.is_too_long:
                yield found

    async def _look(
        self,
        begin: int | None,
        end: int | None,
        *,
        most: int | None = MOST,
        stops_at_read: bool = False,
    ) -> Look:
        return await self._until_read(
            partial(
                look,
                self.fetch,
                self.position,
                self.caller,
                begin=begin,
                end=end,
                most=most,
                stops_at_read=stops_at_read,
            )
        )

    async def _until_read(self, read: Callable[[], Awaitable[T]]) -> T:
        return await until_read(
            read, self.caller, operation=OPERATION, poll=self.poll, rng=self.rng
        )

    def _is_due(self) -> bool:
        """Whether the next look goes back to the floor.

        That bounds how late a late event is found: by the overlap again, where there are many.
        """
        held = len(self.position.seen)
        return held <= _CHEAP or held <= _SHARE * self.fresh or self.waited >= self.overlap
