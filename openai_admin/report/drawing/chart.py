"""A chart: a drawing with what it shows in words, and what its signs mean."""

from __future__ import annotations

from typing import Literal

import attrs

Sign = Literal["fill", "mark", "line", "dashed", "limit", "range"]


@attrs.frozen
class Key:
    """A sign of a chart and its meaning.

    Attributes:
        label: what it means.
        sign: what it looks like.
        color: the number of its colour; ``None`` where it has one of its own.
        kind: the class that gives it one.
    """

    label: str
    sign: Sign = "fill"
    color: int | None = None
    kind: str = ""


@attrs.frozen(kw_only=True)
class Chart:
    """A drawing.

    Attributes:
        name: of the chart, as ``projects``.
        description: what it shows, for those who cannot see it.
        body: SVG, its places across in per cent.
        height: pixels.
        left: pixels to its left that what is written at its axis needs.
        keys: what its signs mean.
    """

    name: str
    description: str
    body: str
    height: float
    left: float = 0
    keys: tuple[Key, ...] = ()
