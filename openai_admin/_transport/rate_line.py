"""The line in front of an endpoint: fan-outs take turns, and whoever was refused goes sooner."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Hashable, Iterator
from typing import Any, Generic, TypeVar

_AGAIN = 2  # of those who were refused go in a row where others wait


class Waiter:
    """What has a place in a line.

    Attributes:
        key: its endpoint.
        path: what of the endpoint it asks, such as one project.
        lane: the fan-out that it belongs to.
        number: its number in its queue.
        queue: where it waits; ``None`` when it does not wait.
    """

    __slots__ = ("key", "lane", "number", "path", "queue")

    key: Hashable
    path: Hashable
    lane: Hashable
    number: int
    queue: OrderedDict[Any, None] | None


T = TypeVar("T", bound=Waiter)


class Line(Generic[T]):
    """Those who wait; every step takes the same time, however many they are.

    Those who were refused go first, but only two in a row where others wait: a single call waits
    for a few turns, not for all that were refused with a fan-out. The lanes take turns, and within
    a lane goes first who came first. So a single call does not wait for the thousand requests of a
    fan-out. Endpoints that share a line take turns likewise. Outside of the client's own fan-outs
    it is not known who belongs together: there, who came first and who came last take turns.

    Attributes:
        waiting: how many wait.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._again: OrderedDict[T, None] = OrderedDict()
        self._in_a_row = 0  # of those who were refused, that went last
        self._is_newest_next = False  # where no lane is known
        self._lanes: OrderedDict[tuple[Hashable, Hashable], OrderedDict[T, None]] = OrderedDict()
        # The same by endpoint and path, to find somebody who asks something else.
        self._index: dict[Hashable, dict[Hashable, OrderedDict[T, None]]] = {}

    def __iter__(self) -> Iterator[T]:
        for paths in self._index.values():
            for queue in paths.values():
                yield from queue

    def add(self, waiter: T, *, again: bool) -> None:
        """Let one wait: before everybody who was not refused before, or at the end of its lane."""
        if again:
            queue = self._again
        else:
            queue = self._lanes.setdefault((waiter.key, waiter.lane), OrderedDict())
        waiter.number = next(reversed(queue)).number + 1 if queue else 0
        waiter.queue = queue
        queue[waiter] = None
        paths = self._index.setdefault(waiter.key, {})
        paths.setdefault(waiter.path, OrderedDict())[waiter] = None
        self.waiting += 1

    def remove(self, waiter: T) -> None:
        """Let one go; the next turn is another lane's."""
        queue, waiter.queue = waiter.queue, None
        if queue is None:
            return
        del queue[waiter]
        self._in_a_row = self._in_a_row + 1 if queue is self._again else 0
        if queue is not self._again:
            lane = (waiter.key, waiter.lane)
            if waiter.lane is None:
                self._is_newest_next = not self._is_newest_next
            if queue:
                self._lanes.move_to_end(lane)
            else:
                del self._lanes[lane]
        paths = self._index[waiter.key]
        same = paths[waiter.path]
        del same[waiter]
        if not same:
            del paths[waiter.path]
            if not paths:
                del self._index[waiter.key]
        self.waiting -= 1

    def forget(self, waiter: T) -> None:
        """Let one leave that does not go; nobody loses a turn."""
        lane = (waiter.key, waiter.lane)
        first = next(iter(self._lanes), None)
        turns = self._is_newest_next, self._in_a_row
        self.remove(waiter)
        self._is_newest_next, self._in_a_row = turns
        if lane == first and lane in self._lanes:
            self._lanes.move_to_end(lane, last=False)

    def is_again(self, waiter: T) -> bool:
        """Whether one waits that was refused before."""
        return waiter.queue is self._again

    def first(self) -> T:
        """Who goes next.

        Raises:
            StopIteration: nobody waits.
        """
        if self._again and (self._in_a_row < _AGAIN or not self._lanes):
            return next(iter(self._again))
        (_, lane), queue = next(iter(self._lanes.items()))
        return next(reversed(queue) if lane is None and self._is_newest_next else iter(queue))

    def other_than(self, units: Container[Hashable], more: Container[Hashable] = ()) -> T | None:
        """Somebody who asks something else: neither an endpoint nor a path that is in ``units``.

        Args:
            units: endpoints, and pairs of an endpoint and a path.
            more: the same.
        """
        for key, paths in self._index.items():
            if key not in units and key not in more:
                for path, queue in paths.items():
                    if (key, path) not in units and (key, path) not in more:
                        return next(iter(queue))
        return None

    def first_of(self, key: Hashable) -> T | None:
        """Somebody who asks an endpoint."""
        for queue in self._index.get(key, {}).values():
            return next(iter(queue))
        return None

    def those_of(self, unit: Hashable) -> list[T]:
        """Those who ask an endpoint, or an endpoint and path."""
        return [waiter for waiter in self if unit in (waiter.key, (waiter.key, waiter.path))]

    def ahead_of(self, waiter: T) -> int:
        """About how many go before one; exactly 0 for the first alone."""
        queue = waiter.queue
        if not queue or waiter is self.first():
            return 0
        before: int = waiter.number - next(iter(queue)).number
        if waiter.lane is None and queue is not self._again:
            behind = next(reversed(queue)).number - waiter.number
            newest = self._is_newest_next
            before = min(2 * before + newest, 2 * behind + (not newest), before + behind)
        if queue is not self._again:
            turns = before * len(self._lanes) + (queue is not next(iter(self._lanes.values())))
            before = min(turns, self.waiting - len(self._again) - 1)
            before += min(len(self._again), _AGAIN * (before + 1))
        elif self._lanes:
            before += before // _AGAIN
        return max(1, min(before, self.waiting - 1))
