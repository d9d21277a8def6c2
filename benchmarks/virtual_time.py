"""An event loop whose clock jumps over waiting: hours pass in seconds, sockets are real."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# Seconds to wait for a packet that the kernel has not delivered yet, before time is let jump.
_GRACE = 0.0002
# Seconds without any timer or packet after which nothing will ever happen.
_STUCK = 10.0


class _Selector(selectors.SelectSelector):
    """Where the loop would block until a timer is due, it sets the clock to that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            ready = super().select(_STUCK)
            if not ready:
                raise RuntimeError("Every task waits, and nothing is left to wake one.")
            return ready
        ready = super().select(0)
        if not ready and timeout > 0:
            ready = super().select(_GRACE)
            if not ready:
                self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """The loop; its `time` begins at 0."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
