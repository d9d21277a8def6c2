"""Stretches of time, and what a set of them covers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from ...errors import APIError

WIDTHS: Mapping[str, int] = {"1m": 60, "1h": 3600, "1d": 86400}
"""Seconds of each bucket width."""


class Stretch(NamedTuple):
    """A stretch of time, in Unix seconds.

    Attributes:
        start: its beginning, inclusive.
        end: its end, exclusive.
    """

    start: int
    end: int

    def __str__(self) -> str:
        return f"{time_text(self.start)} to {time_text(self.end)}"


def time_text(seconds: int) -> str:
    """A time as ``2026-11-01T00:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Gap(NamedTuple):
    """A stretch of the window that did not come.

    Attributes:
        stretch: which.
        error: how the request for it failed; ``None`` where its answer did not have it.
    """

    stretch: Stretch
    error: APIError | None = None

    def __str__(self) -> str:
        if self.error is None:
            return f"There is no bucket for {self.stretch}, though it was asked for again."
        return f"The bucket of {self.stretch} is missing: {self.error}"


class Stretches:
    """What is covered by stretches that do not overlap; those that touch are kept as one."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    @property
    def start(self) -> int | None:
        """Where the first begins."""
        return self._starts[0] if self._starts else None

    @property
    def end(self) -> int | None:
        """Where the last ends."""
        return self._ends[-1] if self._ends else None

    def overlaps(self, stretch: Stretch) -> bool:
        """Whether any of a stretch is covered."""
        after = bisect_right(self._ends, stretch.start)
        return after < len(self._starts) and self._starts[after] < stretch.end

    def __contains__(self, stretch: Stretch) -> bool:
        """Whether all of a stretch is covered."""
        after = bisect_right(self._ends, stretch.start)
        return (
            after < len(self._starts)
            and self._starts[after] <= stretch.start
            and stretch.end <= self._ends[after]
        )

    def add(self, stretch: Stretch) -> None:
        """Cover a stretch of which nothing is covered."""
        at = bisect_left(self._starts, stretch.start)
        self._starts.insert(at, stretch.start)
        self._ends.insert(at, stretch.end)
        if at + 1 < len(self._starts) and self._starts[at + 1] == stretch.end:
            del self._starts[at + 1], self._ends[at]
        if at and self._ends[at - 1] == stretch.start:
            del self._starts[at], self._ends[at - 1]

    def extend(self, end: int) -> None:
        """Cover what follows the last stretch, up to a time."""
        self._ends[-1] = end

    def remove(self, stretch: Stretch) -> None:
        """Uncover a stretch, all of which is covered."""
        at = bisect_right(self._ends, stretch.start)
        start, end = self._starts.pop(at), self._ends.pop(at)
        for part in (Stretch(stretch.end, end), Stretch(start, stretch.start)):
            if part.start < part.end:
                self._starts.insert(at, part.start)
                self._ends.insert(at, part.end)

    def gaps(self, start: int, end: int) -> list[Stretch]:
        """What is not covered between two times."""
        found = zip([start, *self._ends], [*self._starts, end], strict=True)
        return [Stretch(*gap) for gap in found if gap[0] < gap[1]]
