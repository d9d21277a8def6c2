"""What was read and is not delivered yet: bounded, and taken in batches."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from .records import Limits, Record, size_of


class Buffer:
    """Records between the one who reads and the one who sends.

    Args:
        limits: how much a batch has, and how many are held.
        clock: monotonic seconds.

    Attributes:
        added: how many were ever added.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._waiting: deque[tuple[Record, float]] = deque()
        self.added = self._bytes = 0
        self._sending: Sequence[Record] = ()
        self._changed = asyncio.Event()
        self._is_closed = self._is_nudged = False

    def __len__(self) -> int:
        return len(self._waiting) + len(self._sending)

    def add(self, record: Record) -> None:
        """Hold a record, however many are held."""
        self._waiting.append((record, self._clock()))
        self._bytes += size_of([record])
        self.added += 1
        self._changed.set()

    async def room(self) -> None:
        """Wait until there is room for another record."""
        while self._is_full:
            await self._change(None)

    def nudge(self) -> None:
        """Let who waits for a batch look whether there is anything else to do."""
        self._is_nudged = True
        self._changed.set()

    def close(self) -> None:
        """Nothing more comes: what is held is a batch at once."""
        self._is_closed = True
        self._changed.set()

    async def batch(self) -> Sequence[Record] | None:
        """Wait for the next batch, which is held until it is `done`.

        Returns:
            Records; none if there was a nudge while nothing was held; ``None`` at the end.
        """
        while not self._is_due:
            if self._is_nudged and not self._waiting:
                self._is_nudged = False
                return ()
            if self._is_closed:
                return None
            await self._change(self._left)
        batch: list[Record] = []
        size = 0
        while self._waiting and len(batch) < self._limits.events:
            more = size_of([self._waiting[0][0]])
            if batch and size + more > self._limits.bytes:
                break
            batch.append(self._waiting.popleft()[0])
            size += more
        self._sending = batch
        return batch

    def done(self) -> None:
        """The batch that was taken last need not be held any longer."""
        self._bytes -= size_of(self._sending)
        self._sending = ()
        self._changed.set()

    @property
    def _is_full(self) -> bool:
        limits = self._limits
        return (
            len(self) >= limits.events * limits.batches
            or self._bytes >= limits.bytes * limits.batches
        )

    @property
    def _is_due(self) -> bool:
        """Whether there is a batch that need not wait for more."""
        if not self._waiting:
            return False
        is_enough = len(self._waiting) >= self._limits.events or self._bytes >= self._limits.bytes
        return is_enough or self._is_closed or self._left == 0

    @property
    def _left(self) -> float | None:
        """For how many seconds the first one may still wait for others."""
        if not self._waiting:
            return None
        return max(0.0, self._waiting[0][1] + self._limits.seconds - self._clock())

    async def _change(self, seconds: float | None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
