"""One consumer of one endpoint, and how many requests it makes on each day."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import attrs

from .shape import SHAPES

HISTORY = 396
"""Days from the beginning of the growth to the anchor day: thirteen months."""


@attrs.frozen(eq=False)
class Stream:
    """A steady consumer: who it is, what one request of it uses, and how often it asks.

    `dimensions` are the grouping fields of its endpoint (absent is null). `per_request` gives the
    metrics of one request, so that every metric is a multiple of one count and all of them stay
    consistent with each other in every bucket; variety comes from several streams with the same
    dimensions. `daily` is the count of an average day at the anchor day, and `begin` the percentage
    of it thirteen months earlier, with a straight line between and beyond. It is active on the days
    from `since` until before `until` (days since 1970, UTC). `surges` multiplies single days.
    """

    name: str
    endpoint: str
    dimensions: Mapping[str, str | bool | None]
    per_request: Mapping[str, int]
    daily: int
    shape: str
    anchor: int
    begin: int = 50
    since: int = 0
    until: int | None = None
    surges: Mapping[int, int] = attrs.field(factory=dict)

    def volume(self, day: int, seed: int) -> int:
        """Return the number of requests that the whole of `day` (days since 1970) has."""
        if day < self.since or (self.until is not None and day >= self.until):
            return 0
        growth = 100 * HISTORY - (100 - self.begin) * (self.anchor - day)
        if growth <= 0:
            return 0
        weekday = SHAPES[self.shape].weekdays[(day + 3) % 7]  # day 0 was a Thursday
        chance = blake2b(f"{seed}/{self.name}/{day}".encode(), digest_size=2).digest()
        noise = 1000 + (chance[0] + chance[1] - 255) // 3
        volume = self.daily * growth * weekday * noise * self.surges.get(day, 1)
        return volume // (100 * HISTORY * 100 * 1000)

    def offset(self, seed: int) -> int:
        """Return the rounding offset (below 2**30) that keeps equal streams out of step."""
        chance = blake2b(f"{seed}/{self.name}".encode(), digest_size=4).digest()
        return int.from_bytes(chance, "big") >> 2
