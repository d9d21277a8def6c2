"""Which step may begin: in the plan's order, once those that it needs are over."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence

import anyio

from ..._declare.effect import Effect
from ..planning.model import Step
from .checking import makers, operation_of
from .owning import lessens_owner

AT_ONCE = 64
"""How many steps are begun at once; most of them wait for the pace of their endpoint."""
_OF_ONE = 8
"""How many of one operation are: more would only wait for its pace, in the places of others."""


def needs_of(step: Step) -> tuple[str, ...]:
    """The steps that must have been done before a step, once each."""
    return tuple(dict.fromkeys((*step.needs, *makers(step.arguments))))


class Line:
    """The steps of a plan that are to be made, for several workers.

    A step waits for those that it needs, whatever comes of them. What takes something away also
    waits for every earlier step that does not: a plan that is cut off leaves more than it should,
    rather than less.

    Args:
        steps: the steps, in the plan's order; what one needs stands before it.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._places = {step.id: place for place, step in enumerate(steps)}
        self._dependents: list[list[int]] = [[] for _ in steps]
        self._open = [0] * len(steps)  # how many that it needs are not over
        self._giving = [place for place, step in enumerate(steps) if not _takes(step)]
        self._is_over = [False] * len(steps)
        self._first_giving = 0  # in the list above: the first that is not over
        self._ready: dict[str, list[int]] = {}  # by operation, the first on top
        self._begun: Counter[str] = Counter()
        self._left = len(steps)  # how many have not begun
        self._changed = anyio.Event()
        for place, step in enumerate(steps):
            needs = {self._places[need] for need in needs_of(step)}
            self._open[place] = len(needs)
            for need in needs:
                self._dependents[need].append(place)
            if not needs:
                self._offer(place)

    async def next(self) -> Step | None:
        """The next step, once one may begin; ``None`` where none is left."""
        while self._left:
            place = self._pick()
            if place is not None:
                return self._steps[place]
            await self._changed.wait()
        return None

    def end(self, step: Step) -> None:
        """Say that a step is over, whatever came of it."""
        place = self._places[step.id]
        self._begun[step.operation] -= 1
        self._is_over[place] = True
        for dependent in self._dependents[place]:
            self._open[dependent] -= 1
            if not self._open[dependent]:
                self._offer(dependent)
        giving = self._giving
        while self._first_giving < len(giving) and self._is_over[giving[self._first_giving]]:
            self._first_giving += 1
        self._tell()

    def stop(self) -> None:
        """Let no further step begin."""
        self._left = 0
        self._tell()

    def _pick(self) -> int | None:
        """Begin the first step of the plan that may."""
        giving = self._giving
        border = giving[self._first_giving] if self._first_giving < len(giving) else None
        firsts = [
            (places[0], operation)
            for operation, places in self._ready.items()
            if places and self._begun[operation] < _OF_ONE
        ]
        for place, operation in sorted(firsts):
            if border is not None and border < place and _takes(self._steps[place]):
                continue
            heapq.heappop(self._ready[operation])
            self._begun[operation] += 1
            self._left -= 1
            if not self._left:
                self._tell()
            return place
        return None

    def _offer(self, place: int) -> None:
        heapq.heappush(self._ready.setdefault(self._steps[place].operation, []), place)

    def _tell(self) -> None:
        """Wake the workers."""
        self._changed.set()
        self._changed = anyio.Event()


def _takes(step: Step) -> bool:
    """Whether a step takes something away."""
    return operation_of(step).effect is Effect.REMOVES or lessens_owner(step)
