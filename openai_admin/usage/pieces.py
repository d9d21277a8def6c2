"""A window that is fetched in pieces: what is asked for next, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..errors import APIError
from .fetch import Received
from .plan import Window


class Pieces:
    """The pieces that a window is cut into, in the order in which they are asked for.

    Args:
        window: the window.

    Attributes:
        window: the window.
        failed: the pieces that could not be fetched, each with the reason.
        narrowed: why it was cut into narrower pieces, if it was.
        widest: how many buckets the widest piece had that was answered.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self.failed: list[tuple[Window, APIError]] = []
        self.narrowed: APIError | None = None
        self.widest = 0
        self._next = [window]
        self._later: list[tuple[Window, APIError, int]] = []
        self._parts: list[tuple[int, Received]] = []

    @property
    def answered(self) -> bool:
        """Whether any piece was."""
        return bool(self._parts)

    def next(self) -> Window | None:
        """The piece to ask for next; ``None`` once there is none."""
        if not self._next:
            later, self._later = self._later, []
            for piece, error, step in later:
                if self.answered:
                    self.add(*piece.first(piece.buckets // 2, step))
                else:
                    self.failed.append((piece, error))
        return self._next.pop() if self._next else None

    def add(self, *pieces: Window) -> None:
        """Ask for these next, in their order."""
        self._next += reversed(pieces)

    def narrow(self, error: APIError) -> None:
        """Remember why it was cut into narrower pieces."""
        self.narrowed = self.narrowed or error

    def halve(self, piece: Window, error: APIError, step: int) -> None:
        """Ask for the halves of a piece: at once, unless one bucket failed and nothing answered."""
        self.narrow(error)
        if self.failed and not self.answered:
            self._later.append((piece, error, step))
        else:
            self.add(*piece.first(piece.buckets // 2, step))

    def keep(self, piece: Window, received: Received) -> None:
        """Keep what came for a piece."""
        self._parts.append((piece.start, received))
        self.widest = max(self.widest, piece.buckets)

    def received(self) -> Received:
        """All that came."""
        parts = [part for _, part in sorted(self._parts, key=lambda part: part[0])]
        if len(parts) == 1 and not self.failed:
            return parts[0]
        return Received(
            [bucket for part in parts for bucket in part.buckets],
            [gap for part in parts for gap in part.gaps],
            [note for part in parts for note in part.notes],
            [unread for part in parts for unread in part.unreadable],
            failed=_joined(self.failed),
            left_out=[lacking for part in parts for lacking in part.left_out],
        )


def _joined(failed: Sequence[tuple[Window, APIError]]) -> list[tuple[Window, APIError]]:
    """Failed pieces in order of time, those that touch and failed alike as one."""
    joined: list[tuple[Window, APIError]] = []
    for piece, error in sorted(failed, key=lambda each: each[0].start):
        before = joined[-1] if joined else None
        if before and before[0].end == piece.start and before[1].in_general() == error.in_general():
            buckets = before[0].buckets + piece.buckets
            joined[-1] = attrs.evolve(before[0], end=piece.end, buckets=buckets), error
        else:
            joined.append((piece, error))
    return joined
