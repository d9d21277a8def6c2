"""A sleep that another task, or another thread, can end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable


class Waker:
    """Ends the sleep of the task that made it; it is called from any thread.

    It costs no task: the sleep runs in the task that sleeps.

    Args:
        sleep: waits that many seconds.
    """

    __slots__ = ("_loop", "_pause", "_sleep", "_woken")

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.Timeout | None = None
        self._woken = False

    def __call__(self) -> None:
        """End the sleep, or the next one where none has begun; nothing once the loop is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake)

    async def sleep(self, seconds: float) -> None:
        """Sleep that long, or until woken."""
        if not self._woken:
            pause = self._pause = asyncio.timeout(None)
            try:
                async with pause:
                    await self._sleep(seconds)
            except TimeoutError:
                if not pause.expired():
                    raise
            finally:
                self._pause = None
        self._woken = False

    def _wake(self) -> None:
        if self._pause is not None and not self._woken:  # one that ends cannot be ended again
            self._pause.reschedule(0)
        self._woken = True
