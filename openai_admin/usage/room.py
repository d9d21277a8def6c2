"""Room for the answers of a fan-out, in bytes."""

from __future__ import annotations

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
    """

    start: int
    size: float


class Room:
    """The bytes of answers that are on their way, or wait for the reader.

    What begins before all others is always let in, so that a reader who takes them in order of
    time gets on, and an answer that is larger than the room comes by itself.

    Args:
        most: the bytes for which there is room.
        keeps: whether an answer has its place until `leave_before` says that it was read; else
            until it came.
    """

    def __init__(self, most: float, *, keeps: bool = False) -> None:
        self._most = most
        self._keeps = keeps
        self._places: list[Place] = []
        self._changed = anyio.Event()

    async def enter(self, start: int, size: float) -> Place:
        """Wait until there is room for an answer.

        Args:
            start: where its buckets begin, in Unix seconds.
            size: how many bytes it is expected to have; 0 where that is not known.
        """
        while not self._has_room(start, size):
            await self._changed.wait()
        place = Place(start, size)
        self._places.append(place)
        return place

    def _has_room(self, start: int, size: float) -> bool:
        return self._fits(size) or all(start < place.start for place in self._places)

    def _fits(self, size: float) -> bool:
        return sum(place.size for place in self._places) + size <= self._most

    async def grow(self, place: Place, size: float) -> None:
        """Wait until there is room for an answer that is larger than was expected.

        While it waits, it holds a place that others may need so that they can leave; so it waits
        for a few seconds only.

        Args:
            place: what it takes so far.
            size: how many bytes it is expected to have now.
        """
        with anyio.move_on_after(_PATIENCE):
            while not self._fits(size - place.size):
                if place is min(self._places, key=_START):  # of several, the one that came first
                    break
                await self._changed.wait()
        place.size = max(place.size, size)

    def came(self, place: Place, size: int) -> None:
        """An answer came, with so many bytes."""
        place.size = size
        if not self._keeps:
            self.leave(place)

    def leave(self, place: Place) -> None:
        """Give a place back."""
        if place in self._places:
            self._places.remove(place)
        self._tell()

    def leave_before(self, moment: int) -> None:
        """Give back the places of all answers that begin before a moment, in Unix seconds."""
        self._places = [place for place in self._places if place.start >= moment]
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()
