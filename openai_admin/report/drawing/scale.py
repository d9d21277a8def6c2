"""Where the lines of an axis go, and what is written at them."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10

import attrs

from .svg import across, element, text

_STEPS = (1, 2, 2.5, 5, 10)
_LINES = 5  # about so many above zero

Worded = Callable[[float, float], str]
"""An amount in words, beside the step between two of the axis."""


@attrs.frozen
class Scale:
    """A vertical axis.

    Attributes:
        low: the lowest amount that has a place; zero or less.
        high: the highest.
        step: between two lines.
        top: the pixel of the highest.
        height: pixels between both.
    """

    low: float
    high: float
    step: float
    top: float
    height: float

    @classmethod
    def over(cls, low: float, high: float, *, top: float, height: float) -> Scale:
        """One that has room for amounts between two, zero among them, and ends on its lines."""
        low, high = min(low, 0.0), max(high, 0.0)
        span = (high - low) or 1.0
        size = 10 ** floor(log10(span / _LINES))
        step = next(s * size for s in _STEPS if s * size >= span / _LINES)
        return cls(floor(low / step) * step, (ceil(high / step) or 1) * step, step, top, height)

    def __call__(self, amount: float) -> float:
        """The pixel of an amount."""
        return self.top + (self.high - amount) / (self.high - self.low) * self.height

    @property
    def bottom(self) -> float:
        """The pixel of the lowest."""
        return self.top + self.height

    def axis(self, worded: Worded) -> str:
        """Its lines, with what is written at them to the left of the drawing."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        amounts = [n * self.step for n in range(first, last + 1)]
        drawn = (
            element("line", x2="100%", y1=self(a), y2=self(a), class_=None if a else "zero")
            + element("text", text(worded(a, self.step)), x=-8, y=self(a) + 4)
            for a in amounts
        )
        return element(
            "g", *drawn, class_="axis", stroke="#d9dde3", fill="#59616d", text_anchor="end"
        )


def places(labels: list[str], *, y: float, most: int = 9) -> str:
    """Labels in the middles of as many places side by side, as many as there is room for.

    Half of them are of the class ``wide``, for where there is less room.
    """
    number = len(labels)
    step = max(1, ceil(number / most))
    shown = range((number - 1) % step // 2, number, step)
    drawn = (
        element(
            "text",
            text(labels[i]),
            x=across((i + 0.5) / number),
            y=y,
            class_="wide" if n % 2 and len(shown) > 3 else None,
        )
        for n, i in enumerate(shown)
    )
    return element("g", *drawn, class_="labels", fill="#59616d", text_anchor="middle")
