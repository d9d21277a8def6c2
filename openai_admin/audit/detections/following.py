"""Detections over the audit log as it grows: what was before is learned from, also at a restart."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ..._wire.models import Unreadable
from ...resources.audit_logs import AuditLog, AuditLogPosition
from ...resources.audit_logs.items import Item, key_of, time_of
from ...resources.audit_logs.outage import until_read
from ..event import AuditEvent
from ..reading import read
from .detecting import AHEAD, HISTORY, explained
from .directory import Known, read_directory
from .model import Detection, Finding
from .naming import named, with_names
from .settings import Settings
from .watching import Watch

OVERLAP = 120
"""How many seconds late an event may appear in the log."""

_FRESH = 3600.0  # seconds after which roles and members are read again
_TURN = 100  # events between two turns of the event loop


@attrs.define(kw_only=True)
class Follower:
    """Detections that look at new events as they come.

    `begin` learns from what was before the position; then each event of `AuditLogs.tail` is handed
    to `take`. Roles, members and admin keys are read again when an event comes an hour after.

    Attributes:
        client: an asynchronous client.
        detections: what looks.
        settings: what is changed of the detections, and what is accepted.
        position: how far the log was read; a new one begins now.
        told: the ids of findings that were told before.
        history: how much of the log before the position is learned from.
        poll: seconds between two tries to read the log, at first.
        with_lookups: whether names of what findings mention are looked up.
        learned_from: how many events were learned from.
        known: what is known of the organization.
        watch: the detections at work.
    """

    client: AdminResources[Async]
    detections: Sequence[Detection[Any]]
    settings: Settings
    position: AuditLogPosition
    told: Iterable[str] = ()
    history: timedelta = HISTORY
    poll: float = 30.0
    with_lookups: bool = True
    learned_from: int = 0
    known: Known = attrs.field(init=False)
    watch: Watch = attrs.field(init=False)
    _read_at: float = attrs.field(init=False, default=0.0)

    async def begin(self) -> None:
        """Learn from what was before the position, and take it as read where that is new.

        Raises:
            APIError: the log is refused.
        """
        rng = random.Random()  # noqa: S311 - jitter is not a secret
        await until_read(
            self._learn,
            self.client._caller,
            operation="audit_logs.list",
            poll=self.poll,
            rng=rng,
        )

    async def _learn(self) -> None:
        """Learn from the beginning, since what a try that failed had learned is not whole."""
        self.known = await read_directory(self.client, self.settings)
        self._read_at = time.monotonic()
        self.watch = Watch(self.detections, self.known.directory, self.settings, told=self.told)
        self.learned_from = 0
        now = self.client._caller.server_now() or datetime.now(UTC)
        seen: list[tuple[str, int]] = []
        is_new = self.position.floor is None
        floor = self.position.floor
        if floor is None:
            floor = int(now.timestamp()) - OVERLAP
        begin = datetime.fromtimestamp(floor, UTC) - self.history
        async with aclosing(read(self.client.audit_logs, begin, now + AHEAD)) as items:
            number = 0
            with explained():
                async for item in items:
                    at = time_of(item)
                    if is_new and (at is None or at >= floor):
                        seen.append((key_of(item), floor if at is None else at))
                    if is_new or self._was_read(item, at, floor):
                        self.watch.feed(AuditEvent.of(item))
                        self.learned_from += 1
                    number += 1
                    if not number % _TURN:
                        await asyncio.sleep(0)  # what a page had is all here: others get a turn
        for key, moment in seen:
            self.position.mark(key, moment)
        self.position.advance(floor)

    def _was_read(self, item: Item, at: int | None, floor: int) -> bool:
        if at is not None and at < floor:
            return True
        return key_of(item) in self.position.seen

    async def take(self, event: AuditLog) -> tuple[Finding, ...]:
        """What is found at a new event, with names.

        Raises:
            AuthenticationError: the key is wrong.
        """
        await self._refresh()
        found = self.watch.feed(AuditEvent.of(event))
        if not found:
            return ()
        if self.with_lookups:
            directory, _ = await named(self.client, self.known, found)
            self.known = attrs.evolve(self.known, directory=directory)
        return self._told(found)

    def take_odd(self, odd: Unreadable) -> tuple[Finding, ...]:
        """What is found at what could not be read as an event, with the names that are known."""
        return self._told(self.watch.feed(AuditEvent.of(odd)))

    def _told(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        directory = self.known.directory
        return tuple(
            with_names(self.settings.judged(finding, directory), directory.names)
            for finding in found
        )

    async def _refresh(self) -> None:
        """Read roles and members again after a while; what is refused now stays as it was."""
        if time.monotonic() - self._read_at < _FRESH:
            return
        self._read_at = time.monotonic()
        known = await read_directory(self.client, self.settings)
        if not known.directory.not_known:
            self.known = known
            self.watch.know(known.directory)
