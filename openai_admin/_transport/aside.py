"""Work on large answers beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, TypeVarTuple, Unpack

import anyio.to_thread

from .concurrency import FairLimiter

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def to_end(work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
    """Do some work in a worker thread, and wait for its end, however this is cancelled meanwhile.

    A cancellation that comes before the work has begun does not keep it from being done. What the
    work was about may be touched again as soon as this has ended.
    """
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        # A task of its own, since a task that is cancelled by asyncio's means is not shielded.
        running = asyncio.ensure_future(anyio.to_thread.run_sync(work, *arguments))
        while not running.done():
            try:
                await asyncio.wait([running])
            except asyncio.CancelledError as exc:
                cancelled = exc
    if cancelled is not None:
        raise cancelled from running.exception()
    return running.result()


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
            return await to_end(work, *arguments)
        finally:
            self._turns.give_back()

    def clear(self) -> None:
        """Forget what runs, as it has ended with its loop."""
        self._turns.clear()
