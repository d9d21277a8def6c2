"""Minutes in which a key is used many times as much as it would be, as one that leaked is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import attrs

from .counters import Counter
from .shape import DAY


@attrs.frozen(kw_only=True)
class Burst:
    """From `start` until before `end`, in Unix seconds, a key's usage is `factor` times its own."""

    key_id: str
    factor: int = attrs.field(validator=attrs.validators.ge(1))
    start: int
    end: int


class Metered(Protocol):
    """What knows which keys anything is counted for."""

    @property
    def key_ids(self) -> frozenset[str]:
        """Their ids."""


def burst_of(meter: Metered | None, key_id: str, factor: int, start: int, minutes: float) -> Burst:
    """A burst of so many minutes of a key that the meter counts something for.

    Raises:
        KeyError: it counts nothing for the key.
        ValueError: the factor is less than 1, or there are no minutes.
    """
    if meter is None or key_id not in meter.key_ids:
        raise KeyError(f"no usage is counted for a key with the id {key_id!r}")
    if not minutes > 0:
        raise ValueError(f"minutes must be more than 0, not {minutes}.")
    return Burst(key_id=key_id, factor=factor, start=start, end=start + round(minutes * 60))


Passed = Callable[[Counter, Sequence[int]], Sequence[int]]
"""The requests of a counter on a day before each of some seconds of it, without any burst."""


class Added:
    """What bursts add on one day to the requests before each of some seconds of it.

    It is a multiple of the requests that there are, so whatever sums up without bursts does so
    with them.
    """

    def __init__(
        self, bursts: Iterable[Burst], day: int, seconds: Sequence[int], passed: Passed
    ) -> None:
        self._seconds = seconds
        self._passed = passed
        self._of_key: dict[str, list[tuple[int, int, int]]] = {}
        for burst in bursts:
            first, last = max(0, burst.start - day * DAY), min(DAY, burst.end - day * DAY)
            if first < last:
                self._of_key.setdefault(burst.key_id, []).append((first, last, burst.factor - 1))

    def to(self, counter: Counter) -> list[int] | None:
        """The requests that a counter has more before each second; None if it has no burst."""
        bursts = self._of_key.get(str(counter.stream.dimensions.get("api_key_id")))
        if not bursts:
            return None
        added = [0] * len(self._seconds)
        for first, last, times in bursts:
            within = [first, *(min(max(second, first), last) for second in self._seconds)]
            before, *passed = self._passed(counter, within)
            added = [
                sum_ + times * (count - before) for sum_, count in zip(added, passed, strict=True)
            ]
        return added
