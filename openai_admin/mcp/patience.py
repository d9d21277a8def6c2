"""The work of calls: begun once, waited for with patience, and kept for who asks again.

A call waits for its work only so long, since assistants give a call up after a minute. Work that
takes longer goes on, and the call is told how to go on: the same call again, or one that names
the work, waits for it further. What ended is kept until somebody got it, at most ten minutes after
it ended or was last asked for. Nothing is written anywhere.

Work belongs to a connection and its key: another's is not found, whatever id is asked for.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
from anyio.abc import TaskGroup

from .progress import Progress, Report, reporting, speaking

_log = logging.getLogger("openai_admin.mcp")

PATIENCE = 50.0
"""Seconds that a call waits for its work: most assistants give a call up after 60."""
MOST_PATIENCE = 600.0
"""The most seconds that it may be set to."""
KEPT = 600.0
"""Seconds that work is kept after it ended or was last asked for."""
MOST = 64
"""The pieces of work that are kept though nobody waits for them."""
ROOM = 16 * 1024 * 1024
"""The bytes of results that are kept though nobody waits for them."""

_SWEEP_EVERY = 30.0  # seconds


@attrs.define(eq=False)
class Work:
    """The work of one call.

    Attributes:
        id: names it.
        owner: the connection and the key that it belongs to.
        call: the tool and the arguments.
        gives_secret: whether its result may have a one-time secret.
        changes: whether it may change something.
        progress: how far it is.
        began: when, in seconds of the keeper's clock.
        asked: when it was last asked for, or ended.
        waiting: how many wait for it.
        told: whether its id was told to somebody.
        result: what came of it; ``None`` until it has ended.
        size: about how many bytes the result has.
    """

    owner: Hashable
    call: tuple[str, ...]
    changes: bool
    gives_secret: bool
    began: float
    asked: float
    id: str = attrs.field(factory=lambda: secrets.token_urlsafe(6))
    progress: Progress = attrs.field(factory=Progress)
    waiting: int = 0
    told: bool = False
    result: Any = attrs.field(default=None, repr=False)
    size: int = 0
    ended: anyio.Event = attrs.field(factory=anyio.Event)
    scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope)

    @property
    def has_ended(self) -> bool:
        """Whether there is a result."""
        return self.ended.is_set()

    @property
    def outlives_its_caller(self) -> bool:
        """Whether it goes on though its only caller has cancelled it.

        What was created is there, and its secret comes with the answer that is on its way.
        """
        return self.gives_secret and self.progress.changed

    @property
    def may_be_dropped(self) -> bool:
        """Whether it may make room for other work, before its time."""
        if self.waiting:
            return False
        return not self.gives_secret if self.has_ended else not self.changes


class Works:
    """The work that runs or is kept.

    Args:
        clock: monotonic seconds.
        size_of: about how many bytes a result has.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        size_of: Callable[[Any], int] = lambda result: 0,
    ) -> None:
        self._clock = clock
        self._size_of = size_of
        self._tasks: TaskGroup | None = None
        self._by_id: dict[str, Work] = {}
        self._by_call: dict[Hashable, Work] = {}  # what a call of the same joins

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run work for as long as the server does; what is not done then is cancelled."""
        before = self._tasks
        try:
            async with anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(self._sweeping)
                yield
                self._tasks.cancel_scope.cancel()
        finally:
            self._tasks = before
            if before is None:
                for work in [*self._by_id.values()]:
                    self._drop(work)

    def find(self, owner: Hashable, call: tuple[str, ...]) -> Work | None:
        """The work of an equal call that runs, or that nobody got the result of."""
        self.sweep()
        return self._by_call.get((owner, call))

    def named(self, owner: Hashable, tool: str, id: str) -> Work | None:
        """The work of a tool that an id names, if it is the owner's and still here."""
        self.sweep()
        work = self._by_id.get(id)
        return work if work and work.owner == owner and work.call[0] == tool else None

    def begin(
        self,
        owner: Hashable,
        call: tuple[str, ...],
        run: Callable[[], Awaitable[Any]],
        *,
        changes: bool = False,
        gives_secret: bool = False,
    ) -> Work:
        """Begin some work, or join that of an equal call.

        Args:
            owner: the connection and the key that it belongs to.
            call: the tool and the arguments.
            run: does it; what fails is part of its result.
            changes: whether it may change something.
            gives_secret: whether its result may have a one-time secret.
        """
        if (work := self.find(owner, call)) is not None:
            return work
        assert self._tasks is not None  # noqa: S101 - the server runs
        now = self._clock()
        work = Work(owner, call, changes, gives_secret, began=now, asked=now)
        self._by_id[work.id] = self._by_call[owner, call] = work
        self._tasks.start_soon(self._do, work, run)
        return work

    async def wait(self, work: Work, seconds: float) -> bool:
        """Wait for some work; returns whether it has ended.

        Where the caller is cancelled, work that nobody else waits for is cancelled as well, unless
        it creates a secret and was sent.
        """
        work.waiting += 1
        try:
            if not work.has_ended:
                with anyio.move_on_after(seconds):
                    await work.ended.wait()
        except anyio.get_cancelled_exc_class():
            if work.waiting == 1 and not work.has_ended and not work.outlives_its_caller:
                self._cancel(work)
            raise
        finally:
            work.waiting -= 1
            work.asked = self._clock()
            self._make_room()
        return work.has_ended

    def unsettled(self) -> list[Work]:
        """The changes that were sent, and have not ended or not been answered yet."""
        sent = [work for work in self._by_id.values() if work.changes and work.progress.changed]
        return [work for work in sent if work.waiting or not work.has_ended]

    def age(self, work: Work) -> float:
        """The seconds since some work began."""
        return self._clock() - work.began

    def delivered(self, work: Work) -> None:
        """Say that somebody got a result: an equal call begins anew.

        It is kept for who has its id, but not where it has a secret.
        """
        self._by_call.pop((work.owner, work.call), None)
        if work.gives_secret or not work.told:
            self._by_id.pop(work.id, None)

    def sweep(self) -> None:
        """Let go of what nobody has asked for in ten minutes; changes that run go on."""
        oldest = self._clock() - KEPT
        for work in [*self._by_id.values()]:
            runs_on = work.changes and not work.has_ended
            if work.asked < oldest and not work.waiting and not runs_on:
                self._drop(work)

    async def _sweeping(self) -> None:
        while True:
            await anyio.sleep(_SWEEP_EVERY)
            self.sweep()

    async def _do(self, work: Work, run: Callable[[], Awaitable[Any]]) -> None:
        with work.scope:
            work.result = await speaking(run, work.progress)
            work.size = self._size_of(work.result)
            work.asked = self._clock()
            work.ended.set()
            self._make_room()

    def _make_room(self) -> None:
        """Let go of what was asked for the longest time ago, while there is too much."""
        left = [work for work in self._by_id.values() if not work.waiting]
        droppable = sorted((w for w in left if w.may_be_dropped), key=lambda work: work.asked)
        number, size = len(left), sum(work.size for work in left)
        for work in droppable:
            if number > MOST or (size > ROOM and work.size):
                number, size = number - 1, size - work.size
                self._drop(work)

    def _drop(self, work: Work) -> None:
        is_undelivered = self._by_call.get((work.owner, work.call)) is work
        if work.gives_secret and work.has_ended and is_undelivered:
            _log.warning(
                "Nobody came for the result of %s, and a secret that it has is lost: look at what"
                " was created, and delete it.",
                work.call[0],
            )
        self._cancel(work)

    def _cancel(self, work: Work) -> None:
        self._by_id.pop(work.id, None)
        if self._by_call.get((work.owner, work.call)) is work:
            del self._by_call[work.owner, work.call]
        work.scope.cancel()


class Waiting:
    """The patience of one call, which it spends on one piece of work after the other.

    Args:
        works: the work.
        seconds: the patience.
        report: tells the caller how far the work is; ``None`` for nobody.
    """

    def __init__(self, works: Works, seconds: float, report: Report | None) -> None:
        self._works = works
        self._left = seconds
        self.report = report

    async def ends(self, work: Work, *, tell: bool = True) -> bool:
        """Wait for some work as long as the patience lasts; returns whether it has ended.

        Args:
            work: the work.
            tell: tell the caller how far it is.
        """
        began = time.monotonic()

        async def wait() -> bool:
            return await self._works.wait(work, self._left)

        try:
            return await reporting(wait, work.progress, self.report if tell else None)
        finally:
            self._left = max(self._left - (time.monotonic() - began), 0.0)
