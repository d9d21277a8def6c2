"""Time in the tests' hands."""

from __future__ import annotations

import asyncio


class Time:
    """A clock and a sleep: sleeping takes no time, but moves the clock and is remembered.

    While `held`, sleepers wait until `release`.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._gate = asyncio.Event()
        self._gate.set()
        self.asleep = asyncio.Event()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.asleep.set()
        await self._gate.wait()
        self.now += seconds

    def hold(self) -> None:
        self._gate.clear()

    def release(self) -> None:
        self._gate.set()
