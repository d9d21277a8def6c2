"""Bars one below the other, each under its name."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .svg import across, element, text

ROW = 42  # pixels of a bar with its name
_THICK = 14
_LONGEST = 44  # letters of a name that a phone has room for beside an amount


@attrs.frozen(kw_only=True)
class Piece:
    """A part of a bar.

    Attributes:
        value: its length; below zero it goes to the left.
        kind: the class that gives it its colour.
        color: that colour, where there are no styles.
        said: what it is, shown where it is pointed at.
    """

    value: float
    kind: str
    color: str
    said: str


@attrs.frozen(kw_only=True)
class Bar:
    """A bar.

    Attributes:
        label: its name.
        amount: what is written at its end.
        pieces: its parts, side by side.
    """

    label: str
    amount: str
    pieces: Sequence[Piece]


def bars(rows: Sequence[Bar]) -> tuple[str, float]:
    """Bars, and how many pixels high they are together."""
    lows = [sum(p.value for p in row.pieces if p.value < 0) for row in rows]
    highs = [sum(p.value for p in row.pieces if p.value > 0) for row in rows]
    low, high = min([0.0, *lows]), max([0.0, *highs])
    span = (high - low) or 1.0
    drawn = []
    zero = across(-low / span)
    for n, row in enumerate(rows):
        y = n * ROW
        drawn.append(element("text", text(_short(row.label)), y=y + 14, class_="of"))
        drawn.append(
            element("text", text(row.amount), x="100%", y=y + 14, text_anchor="end", class_="much")
        )
        left, right = -low / span, -low / span
        for piece in row.pieces:
            wide = abs(piece.value) / span
            if piece.value < 0:
                left -= wide
            drawn.append(
                element(
                    "rect",
                    element("title", text(piece.said)),
                    x=across(left if piece.value < 0 else right),
                    y=y + 20,
                    width=across(wide),
                    height=_THICK,
                    class_=piece.kind,
                    fill=piece.color,
                )
            )
            if piece.value >= 0:
                right += wide
        drawn.append(
            element("line", x1=zero, x2=zero, y1=y + 18, y2=y + 36, class_="zero", stroke="#8b919b")
        )
    return element("g", *drawn, class_="rows", fill="#1c2128"), max(1, len(rows)) * ROW


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
