"""Time that passes faster, for a process and for the servers it talks to: a minute's wait is short.

Everything keeps its proportions: waits, the time limits of calls, the windows of rate limits.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable

_real = time.monotonic


class Clock:
    """Seconds of which so many pass in one second.

    Args:
        speed: how many.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed

    def __call__(self) -> float:
        return _real() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / self.speed)

    def since(self, moment: float) -> Callable[[], int]:
        """Unix seconds, of which it was so many at the start."""
        begin = self()
        return lambda: int(moment + self() - begin)


class _Selector(selectors.DefaultSelector):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._speed)


class _Policy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(_Selector(self._speed))


def hurry(speed: float) -> None:
    """Have all waiting of this process pass so many times as fast, from now on."""
    sleep = time.sleep

    def hurried(seconds: float) -> None:
        sleep(seconds / speed)

    time.monotonic, time.sleep = Clock(speed), hurried  # type: ignore[assignment]
    asyncio.set_event_loop_policy(_Policy(speed))
