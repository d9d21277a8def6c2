"""Pages that were too long for one answer, kept for those that follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_SECONDS = 600.0  # for which a page is kept: nobody asks for its rest after that

ROOM = 64 * 1024 * 1024
"""The bytes of pages that are kept at the same time."""


class KeptPages(Generic[T]):
    """The latest pages of one client, each for ten minutes and as far as there is room.

    Args:
        room: the bytes that they may take together; the latest is kept in any case.
        clock: monotonic seconds.
    """

    def __init__(self, room: int = ROOM, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._clock = clock
        self._pages: dict[Hashable, tuple[float, int, T]] = {}  # the latest last

    def keep(self, key: Hashable, page: T, size: int) -> None:
        """Keep a page of so many bytes, and let go of the oldest if there is no room for all."""
        self._pages.pop(key, None)
        self._pages[key] = (self._clock(), size, page)
        while len(self._pages) > 1 and sum(s for _, s, _ in self._pages.values()) > self._room:
            del self._pages[next(iter(self._pages))]

    def get(self, key: Hashable) -> T | None:
        """A page, if it is still here."""
        oldest = self._clock() - _SECONDS
        self._pages = {k: kept for k, kept in self._pages.items() if kept[0] >= oldest}
        kept = self._pages.get(key)
        return None if kept is None else kept[2]
