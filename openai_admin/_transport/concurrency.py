"""How many requests of a client run at once, shared fairly between fan-outs."""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import ContextVar

LANE: ContextVar[object] = ContextVar("openai_admin_lane", default=None)
"""The fan-out that the running task belongs to; everything outside of a fan-out shares a lane.
Global: a context variable is how a task's children inherit what it set."""


class FairLimiter:
    """A limit on concurrency that serves the waiting fan-outs in turn.

    The lanes take turns: a free place goes to the next *lane*, and within a lane to the request
    that came first. So a thousand waiting requests of one fan-out hold a single call up for one
    place, not for a thousand. Outside of the client's own fan-outs, who came first and who came
    last take turns: there a single call waits for two places at most.

    Args:
        places: how many may run at once, 1 or more.
    """

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._lanes: dict[object, deque[asyncio.Future[None]]] = {}
        self._is_newest_next = False  # outside of the fan-outs

    def take(self) -> bool:
        """Take a place if one is free, to be given back; while anybody waits, none is free."""
        if self._free > 0:
            self._free -= 1
            return True
        return False

    async def wait(self) -> None:
        """Wait for a place and take it."""
        lane = LANE.get()
        turn = asyncio.get_running_loop().create_future()
        self._lanes.setdefault(lane, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()  # the place came at the moment of cancellation
            else:
                self._forget(lane, turn)
            raise

    @property
    def free(self) -> int:
        """Places that nobody holds."""
        return self._free

    @property
    def waiting(self) -> int:
        """How many requests wait for a place."""
        return sum(len(lane) for lane in self._lanes.values())

    @property
    def is_busy(self) -> bool:
        """Whether anybody holds a place or waits for one."""
        return self._free < self._places or bool(self._lanes)

    def give_back(self) -> None:
        """Give a place to the next waiter, or leave it free.

        A task that is collected as garbage does so in whatever thread that happens.
        """
        while self._lanes:
            lane = next(iter(self._lanes))
            queue = self._lanes.pop(lane)
            turn = queue.pop() if lane is None and self._is_newest_next else queue.popleft()
            if lane is None:
                self._is_newest_next = not self._is_newest_next
            if queue:
                self._lanes[lane] = queue  # after the others
            if not turn.done() and self._pass_on(turn):
                return
        self._free = min(self._free + 1, self._places)

    def _pass_on(self, turn: asyncio.Future[None]) -> bool:
        """Give a place to a waiter; false if its event loop is closed."""
        loop = turn.get_loop()
        if loop is asyncio._get_running_loop():
            turn.set_result(None)
            return True
        try:
            loop.call_soon_threadsafe(self._settle, turn)
        except RuntimeError:
            return False
        return True

    def _settle(self, turn: asyncio.Future[None]) -> None:
        if turn.done():
            self.give_back()
        else:
            turn.set_result(None)

    def clear(self) -> None:
        """Free all places, as what holds them or waits for them has ended with its loop."""
        self._free = self._places
        self._lanes.clear()

    def _forget(self, lane: object, turn: asyncio.Future[None]) -> None:
        queue = self._lanes.get(lane)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._lanes[lane]
