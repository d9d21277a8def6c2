"""A window that is fetched in pieces: what is asked for next, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import attrs

from ..errors import APIError, ResponseTooLongError
from .fetch import Received
from .plan import Window
from .sizes import buckets_too_long


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
        answered: whether any piece was.
        has_failed: whether any piece could not be fetched.
        taken: up to where what came was taken, in Unix seconds.
        narrowed: why it was cut into narrower pieces, if it was.
        widest: how many buckets the widest piece had that was answered.
    """

    def __init__(self, window: Window, step: int) -> None:
        self.window = window
        self.answered = self.has_failed = False
        self.taken = window.start
        self.narrowed: APIError | None = None
        self.widest = 0
        self._step = step
        self._next = [window]
        self._later: list[tuple[Window, APIError]] = []
        self._parts: list[tuple[int, Received]] = []
        self._failed: list[tuple[Window, APIError]] = []

    def next(self) -> Window | None:
        """The piece to ask for next; ``None`` once there is none."""
        if self.answered or not self._next:
            later, self._later = self._later, []
            for piece, error in reversed(later):
                if self.answered:
                    self.add_first(piece, piece.count(self._step) // 2)
                else:
                    self.fail(piece, error)
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
        if self.has_failed and not self.answered:
            self._later.append((piece, error))
        else:
            self.add_first(piece, piece.count(self._step) // 2)

    def fail(self, piece: Window, error: APIError) -> None:
        """Do without a piece."""
        self.has_failed = True
        self._failed.append((piece, error))

    def keep(self, piece: Window, received: Received) -> None:
        """Keep what came for a piece."""
        self.answered = True
        self._parts.append((piece.start, received))
        self.widest = max(self.widest, piece.buckets)

    @property
    def can_be_taken(self) -> bool:
        """Whether something came that is in order, while other pieces are still to be asked for."""
        follows = self._follows
        return follows is not None and any(start < follows for start, _ in self._parts)

    @property
    def _follows(self) -> int | None:
        """Where the first piece begins that is still to be asked for; ``None`` if there is none."""
        pieces = [piece for piece, _ in self._later[:1]] + self._next[-1:]
        return min((piece.start for piece in pieces), default=None)

    def take(self) -> Part:
        """What came since the last time, and what failed, as far as it is in order."""
        follows = self._follows
        window, end = self.window, self.window.end if follows is None else follows
        if follows is not None:
            window = Window(self.taken, end, max(1, (end - self.taken) // self._step))
        elif self.taken != window.start:
            window = attrs.evolve(window, start=self.taken)
        parts = sorted(self._parts, key=lambda part: part[0])
        came = [part for start, part in parts if follows is None or start < follows]
        failed = [each for each in self._failed if follows is None or each[0].start < follows]
        self._parts, self.taken = parts[len(came) :], end
        self._failed = [each for each in self._failed if each not in failed]
        return Part(window, joined(came, failed))


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
        [noted for part in parts for noted in part.noted],
        [unread for part in parts for unread in part.unreadable],
        failed=_as_one([*(each for part in parts for each in part.failed), *failed]),
        adapted=[each for part in parts for each in part.adapted],
        left_out=[lacking for part in parts for lacking in part.left_out],
        length=sum(part.length for part in parts),
        said=[sentence for part in parts for sentence in part.said],
    )


def _as_one(failed: Sequence[tuple[Window, APIError]]) -> list[tuple[Window, APIError]]:
    """Failed pieces in order of time, those that touch and failed alike as one."""
    runs: list[list[tuple[Window, APIError]]] = []
    for piece, error in sorted(failed, key=lambda each: each[0].start):
        if runs and runs[-1][-1][0].end == piece.start and _are_alike(runs[-1][-1][1], error):
            runs[-1].append((piece, error))
        else:
            runs.append([(piece, error)])
    return [_joined_run(run) if len(run) > 1 else run[0] for run in runs]


def _are_alike(one: APIError, other: APIError) -> bool:
    if isinstance(one, ResponseTooLongError) and isinstance(other, ResponseTooLongError):
        return True
    return one.in_general() == other.in_general()


def _joined_run(run: Sequence[tuple[Window, APIError]]) -> tuple[Window, APIError]:
    windows = [window for window, _ in run]
    long = [error for _, error in run if isinstance(error, ResponseTooLongError)]
    buckets = sum(window.buckets for window in windows)
    whole = attrs.evolve(windows[0], end=windows[-1].end, buckets=buckets)
    return whole, buckets_too_long(long) if long else run[-1][1]
