"""The highest values of limits in the last hour, so that a cut in small steps is seen as one."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

import attrs

WITHIN = 3600.0
"""Seconds for which a value is remembered."""

_MOST = 10_000  # limits; the one that was seen first is forgotten


@attrs.define
class Highest:
    """The highest values that were seen.

    Attributes:
        clock: monotonic seconds.
    """

    clock: Callable[[], float] = time.monotonic
    _seen: dict[Hashable, tuple[int, float]] = attrs.field(factory=dict, init=False)

    def of(self, limit: Hashable, now: int) -> int:
        """The highest value of a limit within the last hour.

        Args:
            limit: which limit.
            now: what it is now.
        """
        value, at = self._seen.get(limit, (now, -WITHIN))
        if now < value and self.clock() - at < WITHIN:
            return value
        while len(self._seen) >= _MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[limit] = (now, self.clock())
        return now
