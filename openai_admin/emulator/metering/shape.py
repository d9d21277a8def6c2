"""How a day's volume is spread over the week and over the minutes of a day.

All arithmetic is on integers, so that every machine computes the same minutes.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from hashlib import shake_128
from itertools import accumulate

import attrs

from .bounded import Bounded

MINUTES = 1440
DAY = 86_400
ONE = 1 << 30
"""The whole of a day in the fixed-point numbers that :meth:`Shapes.at` returns."""


@attrs.frozen
class Shape:
    """A rhythm: 24 hourly weights (UTC) and, Monday first, seven percentages of the volume."""

    hours: tuple[int, ...]
    weekdays: tuple[int, ...]


SHAPES: Mapping[str, Shape] = {
    "office": Shape(
        hours=(
            2,
            1,
            1,
            1,
            1,
            2,
            6,
            18,
            46,
            68,
            74,
            70,
            52,
            62,
            76,
            78,
            70,
            54,
            34,
            22,
            14,
            9,
            6,
            3,
        ),
        weekdays=(104, 110, 112, 108, 96, 22, 18),
    ),
    "product": Shape(
        hours=(
            *(34, 26, 20, 17, 16, 19, 27, 40, 54, 63, 68, 70),
            *(71, 70, 68, 67, 69, 74, 82, 88, 86, 76, 60, 46),
        ),
        weekdays=(98, 101, 103, 102, 100, 88, 92),
    ),
    "nightly": Shape(
        hours=(40, 96, 120, 110, 64, 22, 6, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 5, 10, 22),
        weekdays=(100, 104, 103, 104, 101, 93, 90),
    ),
    "steady": Shape(hours=(10,) * 24, weekdays=(100,) * 7),
}


class Shapes:
    """The part of each day's volume before each instant, for every shape, from one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        # A page of 168 hours touches eight days of four shapes; 64 curves are under 1 MB.
        self._curves: Bounded[tuple[str, int], array[int]] = Bounded(64)

    def at(self, shape: str, day: int, seconds: Sequence[int]) -> list[int]:
        """Return for each second of the day (0 to 86,400) the part of the day's volume before it.

        Parts are integers from 0 to :data:`ONE`; they never fall as the seconds rise.
        """
        if all(second in (0, DAY) for second in seconds):
            return [ONE if second else 0 for second in seconds]
        curve = self._curves.get((shape, day), self._curve)
        parts = []
        for second in seconds:
            minute, rest = divmod(second, 60)
            part = curve[minute]
            if rest:
                part += (curve[minute + 1] - part) * rest // 60
            parts.append(part)
        return parts

    def _curve(self, key: tuple[str, int]) -> array[int]:
        shape, day = key
        hours = SHAPES[shape].hours
        noise = shake_128(f"{self._seed}/{shape}/{day}".encode()).digest(MINUTES)
        weights = []
        for minute, byte in enumerate(noise):
            # Hourly weights hold for the middle of their hour; between them it is a straight line.
            hour, step = divmod(minute - 30, 60)
            level = hours[hour % 24] * (60 - step) + hours[(hour + 1) % 24] * step
            weights.append(level * (384 + byte))
        passed = list(accumulate(weights, initial=0))
        total = passed[-1]
        return array("L", [weight * ONE // total for weight in passed])
