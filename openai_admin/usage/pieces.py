"""A window that is fetched in pieces: what is asked for next, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import attrs

from ..errors import APIError
from .fetch import Received
from .plan import Window


class Part(NamedTuple):
    """A part of a window, and what came for it."""

    window: Window
    received: Received


class Pieces:
    """The pieces that a window is cut into, in the order in which they are asked for.

    Args:
        window: the window.
        step: seconds of a bucket.

    Attributes:
        window: the window.
        failed: the pieces that could not be fetched, each with the reason, since the last time that
            something was taken.
        has_failed: whether any was among what was taken.
        narrowed: why it was cut into narrower pieces, if it was.
        widest: how many buckets the widest piece had that was answered.
    """

    def __init__(self, window: Window, step: int) -> None:
        self.window = window
        self.failed: list[tuple[Window, APIError]] = []
        self.has_failed = False
        self.narrowed: APIError | None = None
        self.widest = 0
        self._step = step
        self._next = [window]
        self._later: list[tuple[Window, APIError]] = []
        self._parts: list[tuple[int, Received]] = []
        self._taken = window.start  # what came of the time before was taken
        self.answered = False  # whether any piece was

    def next(self) -> Window | None:
        """The piece to ask for next; ``None`` once there is none."""
        if not self._next:
            later, self._later = self._later, []
            for piece, error in later:
                if self.answered:
                    self.add_first(piece, piece.count(self._step) // 2)
                else:
                    self.failed.append((piece, error))
        return self._next.pop() if self._next else None

    def add(self, *pieces: Window) -> None:
        """Ask for these next, in their order."""
        self._next += reversed(pieces)

    def add_first(self, piece: Window, buckets: int) -> None:
        """Ask for the first buckets of a piece next, and then for the others."""
        self.add(*piece.first(buckets, self._step))

    def narrow(self, error: APIError) -> None:
        """Remember why it was cut into narrower pieces."""
        self.narrowed = self.narrowed or error

    def halve(self, piece: Window, error: APIError) -> None:
        """Ask for the halves of a piece: at once, unless one bucket failed and nothing answered."""
        self.narrow(error)
        if self.failed and not self.answered:
            self._later.append((piece, error))
        else:
            self.add_first(piece, piece.count(self._step) // 2)

    def keep(self, piece: Window, received: Received) -> None:
        """Keep what came for a piece."""
        self.answered = True
        self._parts.append((piece.start, received))
        self.widest = max(self.widest, piece.buckets)

    @property
    def can_be_taken(self) -> bool:
        """Whether something came that is in order, while other pieces are still to be asked for.

        What failed last waits for what comes after it: the next piece may fail alike.
        """
        if not (self._parts and self._next) or self._later:
            return False
        return not self.failed or self._parts[-1][0] > self.failed[-1][0].start

    def take(self) -> Part:
        """What came since the last time."""
        window, parts = self.window, self._parts
        if self._next:
            end = self._next[-1].start
            window = Window(self._taken, end, max(1, (end - self._taken) // self._step))
        elif self._taken != window.start:
            window = attrs.evolve(window, start=self._taken)
        self._parts, self._taken = [], window.end
        failed, self.failed = self.failed, []
        self.has_failed = self.has_failed or bool(failed)
        in_order = [part for _, part in sorted(parts, key=lambda part: part[0])]
        return Part(window, joined(in_order, failed))


def joined(parts: Sequence[Received], failed: Sequence[tuple[Window, APIError]] = ()) -> Received:
    """All that came for the parts of a window, in order of time.

    Args:
        parts: what came for each.
        failed: more that could not be fetched.
    """
    if len(parts) == 1 and not failed:
        return parts[0]
    return Received(
        [bucket for part in parts for bucket in part.buckets],
        [gap for part in parts for gap in part.gaps],
        [note for part in parts for note in part.notes],
        [unread for part in parts for unread in part.unreadable],
        failed=_as_one([*(each for part in parts for each in part.failed), *failed]),
        adapted=[each for part in parts for each in part.adapted],
        left_out=[lacking for part in parts for lacking in part.left_out],
        length=sum(part.length for part in parts),
    )


def _as_one(failed: Sequence[tuple[Window, APIError]]) -> list[tuple[Window, APIError]]:
    """Failed pieces in order of time, those that touch and failed alike as one."""
    found: list[tuple[Window, APIError]] = []
    for piece, error in sorted(failed, key=lambda each: each[0].start):
        before = found[-1] if found else None
        if before and before[0].end == piece.start and before[1].in_general() == error.in_general():
            buckets = before[0].buckets + piece.buckets
            found[-1] = attrs.evolve(before[0], end=piece.end, buckets=buckets), error
        else:
            found.append((piece, error))
    return found
