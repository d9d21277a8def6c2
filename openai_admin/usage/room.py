"""Room for the answers of a fan-out, in bytes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter

import anyio
import attrs

_PATIENCE = 5.0  # seconds: in so long, several answers of the usual length are read

_START = attrgetter("start")


@attrs.define(eq=False)
class Place:
    """What one answer takes of the room.

    Attributes:
        start: where the buckets begin that it has, in Unix seconds.
        size: its bytes; an estimate until it came.
        is_whole: whether it came.
    """

    start: int
    size: float
    is_whole: bool = False


class Room:
    """The bytes of answers that are on their way, or wait for the reader.

    What begins before all others is always let in, so that a reader who takes them in order of
    time gets on, and an answer that is larger than the room comes by itself. And nobody waits for
    what will not happen: while the reader waits, and nothing is on its way that could make room,
    the first of those who wait is let in, whatever it is that takes the room.

    Args:
        most: the bytes for which there is room.
        keeps: whether an answer has its place until it was read (see `handing_over`); else until
            it came.
    """

    def __init__(self, most: float, *, keeps: bool = False) -> None:
        self._most = most
        self._keeps = keeps
        self._places: list[Place] = []
        self._waiting: list[Place] = []  # for room to enter, or to grow
        self._is_read = False  # whether the reader is busy with what was handed over
        self._changed = anyio.Event()

    @property
    def is_empty(self) -> bool:
        """Whether nothing takes room, nor waits for it."""
        return not self._places and not self._waiting

    async def enter(self, start: int, size: float) -> Place:
        """Wait until there is room for an answer.

        Args:
            start: where its buckets begin, in Unix seconds.
            size: how many bytes it is expected to have; 0 where that is not known.
        """
        place = Place(start, 0)
        await self._wait(place, size)
        place.size = size
        self._places.append(place)
        return place

    async def grow(self, place: Place, size: float) -> None:
        """Wait until there is room for an answer that is larger than was expected.

        While it waits, it holds a place that others may need so that they can leave; so it waits
        for a few seconds only.

        Args:
            place: what it takes so far.
            size: how many bytes it is expected to have now.
        """
        with anyio.move_on_after(_PATIENCE):
            await self._wait(place, size)
        place.size = max(place.size, size)

    async def _wait(self, place: Place, size: float) -> None:
        """Wait until a place may have a size."""
        if self._may_have(place, size):
            return
        self._waiting.append(place)
        if place in self._places:  # others may have waited for it
            self._tell()
        try:
            while not (self._may_have(place, size) or self._is_stuck_without(place)):
                await self._changed.wait()
        except BaseException:
            self._tell()
            raise
        finally:
            self._waiting.remove(place)

    def _may_have(self, place: Place, size: float) -> bool:
        return self._fits(size - place.size) or (
            min((*self._places, place), key=_START) is place  # of several, the one that came first
        )

    def _fits(self, size: float) -> bool:
        return sum(place.size for place in self._places) + size <= self._most

    def _is_stuck_without(self, place: Place) -> bool:
        """Whether nothing happens until a place that waits gets on."""
        return (
            not self._is_read
            and place is min(self._waiting, key=_START)
            and all(each.is_whole or each in self._waiting for each in self._places)
        )

    def came(self, place: Place, size: int) -> None:
        """An answer came, with so many bytes."""
        place.size, place.is_whole = size, True
        if not self._keeps:
            self.leave(place)
        self._tell()

    def leave(self, place: Place) -> None:
        """Give a place back."""
        if place in self._places:
            self._places.remove(place)
        self._tell()

    def leave_between(self, start: float, end: int) -> None:
        """Give back the places of all answers that begin in a stretch, in Unix seconds."""
        self._places = [place for place in self._places if not start <= place.start < end]
        self._tell()

    @contextmanager
    def handing_over(self, end: int) -> Iterator[None]:
        """While the reader has what begins before a moment; afterwards its places are given back.

        Args:
            end: the moment, in Unix seconds.
        """
        self._is_read = True
        try:
            yield
        finally:
            self._is_read = False
            self.leave_between(-math.inf, end)

    def _tell(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()
