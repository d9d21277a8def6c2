"""What detections remember between events: always of a bounded size, and by the events' times.

There is no clock, and an event may come late or bear a date of the future, so that nothing is
forgotten because of one event's time: what is old goes when there is too much of it.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import ItemsView
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import attrs

K = TypeVar("K")
V = TypeVar("V")

_DAY = timedelta(days=1)


class Recent(Generic[K, V]):
    """The values of the keys that were set or asked for last."""

    __slots__ = ("_most", "_values")

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """The value of a key, which counts as used."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def items(self) -> ItemsView[K, V]:
        """The keys with their values, those used longest ago first; none counts as used by that."""
        return self._values.items()

    def set(self, key: K, value: V) -> None:
        """Keep a value, and let go the one that was used longest ago if there are too many."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a key, if it is there."""
        self._values.pop(key, None)


class Told:
    """When something was told last, so that one incident is told once."""

    __slots__ = ("_last",)

    def __init__(self, most: int = 5_000) -> None:
        self._last: Recent[object, datetime | str] = Recent(most)

    def again(self, key: object, at: datetime | None, within: timedelta) -> bool:
        """Whether the same was told within that time, before or after; else it counts as told."""
        if self.was(key, at, within):
            return True
        self.note(key, at)
        return False

    def was(self, key: object, at: datetime | None, within: timedelta) -> bool:
        """Whether it was told within that time, before or after."""
        last = self._last.get(key)
        return last is not None and is_near(last, at, within)

    def note(self, key: object, at: datetime | None) -> None:
        """Count something as told."""
        self._last.set(key, at or "no time")

    def forget(self, key: object) -> None:
        """Let something be told again."""
        self._last.drop(key)


def is_near(one: datetime | str, other: datetime | None, within: timedelta) -> bool:
    """Whether two times are so near; what has no time is near everything."""
    if isinstance(one, str) or other is None:
        return True
    return abs(other - one) <= within


@attrs.define
class Days:
    """On how many days something was seen, whatever the order."""

    number: int = 0
    _last: int | None = None

    def see(self, at: datetime | None) -> None:
        """Count the event's day unless it is the one that was counted last."""
        if at is None:
            return
        day = at.toordinal()
        if day != self._last:
            self._last = day
            self.number += 1


@attrs.define
class Span:
    """How long the log has been looked at, by the times of its events."""

    first: datetime | None = None

    def days(self, at: datetime | None) -> float:
        """How many days after the first event that was seen; endless where that is not known."""
        if at is None:
            return math.inf
        if self.first is None or at < self.first:
            self.first = at
        return (at - self.first) / _DAY
