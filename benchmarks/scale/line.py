"""A line of the table: the work, its peer, and the bounds it must keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import attrs

from .measuring import CPU, HELD, HELD_BY_ALL, HELD_CPU, KEPT, PEAK, WALL, WORK, Figures, Measuring

__all__ = [
    "CPU",
    "HELD",
    "HELD_BY_ALL",
    "HELD_CPU",
    "KEPT",
    "PEAK",
    "SCALES",
    "WALL",
    "WORK",
    "Bound",
    "Line",
    "Outcome",
    "at_least",
    "at_most",
    "growth",
    "to_peer",
]

SCALES = (1, 4, 16)
_FIRST, _LAST = SCALES[0], SCALES[-1]

_LEAST: Mapping[str, float] = {CPU: 0.001, WALL: 0.001, PEAK: 1.0, KEPT: 1.0}
"""What is smaller than this is taken for this much: there is no telling what it grows from."""

Work = Callable[[Measuring, int], Awaitable[None] | None]


@attrs.frozen
class Outcome:
    """What was measured at each scale, of a line's own work and of its peer's."""

    ours: Mapping[int, Figures]
    peer: Mapping[int, Figures]


@attrs.frozen
class Bound:
    """What a line must keep.

    Attributes:
        what: the figure, in words.
        limit: the most that it may be, or the least.
        of: the figure, of what was measured.
        least: whether the limit is the least.
    """

    what: str
    limit: float
    of: Callable[[Outcome], float]
    least: bool = False

    def met(self, outcome: Outcome) -> bool:
        """Whether it is kept."""
        value = self.of(outcome)
        return value >= self.limit if self.least else value <= self.limit


@attrs.frozen
class Line:
    """One kind of work at three scales.

    Attributes:
        name: a word, for the command line.
        what: the work at ×1, in a few words.
        work: does it and measures it.
        peer: does the same another way.
        bounds: what must be kept.
    """

    name: str
    what: str
    work: Work
    peer: Work | None = None
    bounds: tuple[Bound, ...] = ()


def growth(figure: str, limit: float) -> Bound:
    """A figure grows from ×1 to ×16 by at most so many times what the work grows by."""
    return Bound(f"growth of {figure} to growth of work", limit, lambda o: grown(figure, o.ours))


def grown(figure: str, figures: Mapping[int, Figures]) -> float:
    """How a figure grows from ×1 to ×16, in times of what the work grows by."""
    least = _LEAST.get(figure, 1e-9)
    first, last = (max(figures[scale][figure], least) for scale in (_FIRST, _LAST))
    return last / first / (figures[_LAST][WORK] / figures[_FIRST][WORK])


def to_peer(figure: str, limit: float) -> Bound:
    """A figure is at ×16 at most so many times the peer's."""
    return Bound(
        f"{figure} to the peer's, ×{_LAST}",
        limit,
        lambda o: o.ours[_LAST][figure] / o.peer[_LAST][figure],
    )


def at_most(figure: str, limit: float) -> Bound:
    """A figure is at most so much, whatever the scale."""
    return Bound(figure, limit, lambda o: max(f[figure] for f in o.ours.values()))


def at_least(figure: str, limit: float) -> Bound:
    """A figure is at least so much, whatever the scale."""
    return Bound(figure, limit, lambda o: min(f[figure] for f in o.ours.values()), least=True)
