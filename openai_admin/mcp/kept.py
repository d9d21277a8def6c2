"""Pages that were too long for one answer, kept for those that follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_SECONDS = 600.0  # for which a page is kept: nobody asks for its rest after that
_ROWS = 50_000  # that are kept at the same time, about 50 MB of them


class KeptPages(Generic[T]):
    """The latest pages of one client, each for ten minutes and as far as there is room.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pages: dict[Hashable, tuple[float, int, T]] = {}  # the latest last

    def keep(self, key: Hashable, page: T, rows: int) -> None:
        """Keep a page with so many rows, and let go of others if there is no room for all."""
        self._pages.pop(key, None)
        self._pages[key] = (self._clock(), rows, page)
        while sum(rows for _, rows, _ in self._pages.values()) > _ROWS:
            del self._pages[next(iter(self._pages))]

    def get(self, key: Hashable) -> T | None:
        """A page, if it is still here."""
        oldest = self._clock() - _SECONDS
        self._pages = {k: kept for k, kept in self._pages.items() if kept[0] >= oldest}
        kept = self._pages.get(key)
        return None if kept is None else kept[2]
