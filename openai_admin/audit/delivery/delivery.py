"""Delivering the audit log: read, hold little, send, and only then move the position on."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from datetime import datetime
from functools import cache
from typing import Any

import attrs

from ..._declare.resource import Async
from ...resources.audit_logs import AuditLogPosition, AuditLogs
from ...resources.audit_logs.items import Item
from ..formats import Encoder, Format, encoder
from ..reading import read
from .buffer import Buffer
from .dead_letters import DeadLetters
from .heartbeat import Heartbeat
from .position import Ahead, make
from .receiver import Receiver
from .records import Limits, record_of
from .sending import Sender
from .status import Status
from .threads import done


def _say_nothing(_: str) -> None:
    """Tell nobody."""


@attrs.define(kw_only=True)
class Delivery:
    """The audit log on its way to a receiver: each event at least once, known by its id.

    Args:
        receiver: where events go.
        format: the language that events are put into.
        limits: how much is sent and held at a time.
        dead_letters: where events go that the receiver refuses.
        patience: seconds for which the receiver may be down before that is an error.
        grace: seconds for which what was read is still sent once the delivery is to end.
        heartbeat: signs of life.
        tell: called with a sentence for a person.
        status: how it is doing.
        sleep, clock, rng: time and chance.
    """

    receiver: Receiver
    format: Format = "ndjson"
    limits: Limits = attrs.field(factory=Limits)
    dead_letters: DeadLetters | None = None
    patience: float = float("inf")
    grace: float = 10.0
    heartbeat: Heartbeat | None = None
    tell: Callable[[str], object] = _say_nothing
    status: Status = attrs.field(factory=Status)
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    rng: random.Random = attrs.field(factory=random.Random)

    async def follow(
        self,
        audit_logs: AuditLogs[Async],
        position: AuditLogPosition,
        *,
        poll: float = 30,
        overlap: int = 120,
        **filters: Any,
    ) -> None:
        """Deliver what appears in the log after a position, endlessly.

        The position moves on, and is saved if it has a file, once the receiver has confirmed the
        events before it. When this is cancelled, what was read is still sent, for `grace` seconds.

        Args:
            audit_logs: the log.
            position: where to begin.
            poll: seconds between two requests of the log.
            overlap: how many seconds late an event may appear in the log and still be found.
            filters: as `AuditLogs.tail` takes them.

        Raises:
            DeliveryError: the receiver takes nothing.
            APIError: the API refuses the request.
            InvalidInputError: an argument is out of range.
            OSError: the position's file cannot be written, or nobody reads standard output.
        """
        buffer = Buffer(self.limits, self.clock)
        ahead = Ahead.of(position, buffer.nudge)
        encode = self._encoding(audit_logs)

        def hold(item: Item) -> None:
            buffer.add(record_of(item, encode(), ahead.taken()))

        async def reading() -> None:
            events = audit_logs.tail(
                since=ahead, poll=poll, overlap=overlap, unreadable=hold, **filters
            )
            async with aclosing(events):
                async for event in events:
                    hold(event)
                    await buffer.room()

        if position.file is not None and position.floor is not None:
            await done(position.save)  # so that it shows now if it cannot be
        try:
            await self._run(reading(), buffer, _Kept(position, ahead))
        finally:
            position.settle()

    async def export(
        self, audit_logs: AuditLogs[Async], since: datetime, until: datetime, **filters: Any
    ) -> None:
        """Deliver a stretch of the log, the oldest event first.

        Args:
            audit_logs: the log.
            since: when it begins.
            until: when it ends, not included.
            filters: as `AuditLogs.list` takes them.

        Raises:
            DeliveryError: the receiver takes nothing, or was down for longer than `patience`.
            APIError: a part of the log could not be read; what came before it was delivered.
            BrokenPipeError: nobody reads standard output.
        """
        buffer = Buffer(self.limits, self.clock)
        encode = self._encoding(audit_logs)

        async def reading() -> None:
            async with aclosing(read(audit_logs, since, until, **filters)) as items:
                async for item in items:
                    buffer.add(record_of(item, encode()))
                    await buffer.room()

        await self._run(reading(), buffer, None)

    def _encoding(self, audit_logs: AuditLogs[Async]) -> Callable[[], Encoder]:
        """The encoder, made once the first answer has said whose log it is."""
        made = cache(encoder)
        told = audit_logs._caller.organization_told
        return lambda: made(self.format, organization_id=told())

    async def _run(
        self, reading: Coroutine[Any, Any, None], buffer: Buffer, kept: _Kept | None
    ) -> None:
        done_before = self.status.done
        reader = asyncio.create_task(reading)
        sender = asyncio.create_task(self._send(buffer, kept))
        beats = None
        if self.heartbeat is not None:
            beats = asyncio.create_task(self.heartbeat.beat(self.status, buffer))
        try:
            await asyncio.wait({reader, sender}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and reader.exception() is None:
                buffer.close()
                await asyncio.wait({sender})
        finally:
            await _end(reader)
            buffer.close()
            await asyncio.wait({sender}, timeout=self.grace)
            await _end(sender)
            if beats is not None:
                await _end(beats)
            if left := buffer.added - (self.status.done - done_before):
                self.tell(_left(left, kept))
            await self.receiver.aclose()
        for task in (sender, reader):
            if not task.cancelled():
                task.result()

    async def _send(self, buffer: Buffer, kept: _Kept | None) -> None:
        sender = Sender(
            receiver=self.receiver,
            status=self.status,
            dead_letters=self.dead_letters,
            patience=self.patience,
            tell=self.tell,
            sleep=self.sleep,
            clock=self.clock,
            rng=self.rng,
        )
        while (batch := await buffer.batch()) is not None:
            if batch:
                await sender.send(batch)
                if kept is not None:
                    for record in batch:
                        make(kept.position, record.moves)
            elif kept is not None:
                # Nothing is under way: the tail has gone on without finding anything.
                make(kept.position, kept.ahead.taken())
            buffer.done()
            if kept is not None and kept.position.file is not None:
                await done(kept.position.save)


@attrs.frozen
class _Kept:
    """The position that is kept, and the one that the tail reads at."""

    position: AuditLogPosition
    ahead: Ahead


def _left(count: int, kept: _Kept | None) -> str:
    events = "1 event was" if count == 1 else f"{count:,} events were"
    if kept is None:
        return f"{events} read and not confirmed by the receiver."
    again = "it comes" if count == 1 else "they come"
    return (
        f"{events} read and not confirmed by the receiver; {again} first when this is started"
        " again."
    )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # else asyncio complains that nobody asked for it
