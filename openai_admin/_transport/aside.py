"""Work on large answers beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.to_thread

from .concurrency import FairLimiter


class Aside:
    """Runs work in a worker thread, one piece at a time.

    Decoding holds the interpreter: with more threads it would take as long, and the event loop
    would wait for each of them in turn.
    """

    def __init__(self) -> None:
        self._turns = FairLimiter(1)

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Wait for the turn of some work, and for its end, also when cancelled meanwhile."""
        if not self._turns.take():
            await self._turns.wait()
        try:
            return await anyio.to_thread.run_sync(work, *arguments)
        finally:
            self._turns.give_back()

    def clear(self) -> None:
        """Forget what runs, as it has ended with its loop."""
        self._turns.clear()
