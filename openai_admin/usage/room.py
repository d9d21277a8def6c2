"""Room for the answers of a fan-out, in bytes."""

from __future__ import annotations

import anyio
import attrs


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
        self._places: set[Place] = set()
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
        self._places.add(place)
        return place

    def _has_room(self, start: int, size: float) -> bool:
        taken = sum(place.size for place in self._places)
        return taken + size <= self._most or all(start < place.start for place in self._places)

    def came(self, place: Place, size: int) -> None:
        """An answer came, with so many bytes."""
        place.size = size
        if not self._keeps:
            self.leave(place)

    def leave(self, place: Place) -> None:
        """Give a place back."""
        self._places.discard(place)
        self._tell()

    def leave_before(self, moment: int) -> None:
        """Give back the places of all answers that begin before a moment, in Unix seconds."""
        self._places = {place for place in self._places if place.start >= moment}
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()
