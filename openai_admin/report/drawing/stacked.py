"""Bars side by side, each made of parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import attrs

from .scale import Scale, Worded, places
from .svg import across, element, text

HEIGHT = 284
TOP, BOTTOM = 18, 30  # pixels above and below the bars


@attrs.frozen(kw_only=True)
class Stack:
    """A part of every bar.

    Attributes:
        label: its name.
        color: the number of its colour.
        values: how high it is in each bar; ``None`` where that is not known.
    """

    label: str
    color: int
    values: Sequence[float | None]


@attrs.frozen(kw_only=True)
class Mark:
    """A mark above a bar.

    Attributes:
        place: the number of the bar.
        said: what it means.
    """

    place: int
    said: str


def stacked(
    stacks: Sequence[Stack],
    *,
    labels: Sequence[str],
    said: Sequence[str],
    worded: Worded,
    colors: Sequence[str],
    marks: Sequence[Mark] = (),
    kinds: Sequence[str] = (),
) -> str:
    """Bars with their axis.

    Costs go upwards from zero, credits downwards.

    Args:
        stacks: the parts, from the bottom up.
        labels: what is written under each bar, where there is room.
        said: what each bar is, shown where it is pointed at.
        worded: an amount of the axis in words.
        colors: by number.
        marks: above bars.
        kinds: the classes that give parts their colours, by number; by default ``c0``, ``c1`` ….
    """
    number = len(labels)
    tops, depths = [0.0] * number, [0.0] * number
    boxes: list[list[tuple[int, float, float]]] = []
    for stack in stacks:
        boxes.append([])
        for i, value in enumerate(stack.values):
            if value:
                ends = tops if value > 0 else depths
                low, high = sorted((ends[i], ends[i] + value))
                boxes[-1].append((i, low, high))
                ends[i] += value
    scale = Scale.over(min(depths), max(tops), top=TOP, height=HEIGHT - TOP - BOTTOM)
    wide = 1 / number
    bars = [
        element(
            "g",
            *(
                element(
                    "rect",
                    x=across((i + 0.08) * wide),
                    width=across(0.84 * wide),
                    y=scale(high),
                    height=scale(low) - scale(high),
                )
                for i, low, high in parts
            ),
            class_=kinds[stack.color] if kinds else f"c{stack.color}",
            fill=colors[stack.color],
        )
        for stack, parts in zip(stacks, boxes, strict=True)
    ]
    hits = (
        element(
            "rect",
            element("title", text(words)),
            x=across(i * wide),
            width=across(wide),
            y=0,
            height=scale.bottom,
        )
        for i, words in enumerate(said)
    )
    return "".join(
        (
            scale.axis(worded),
            element("g", *bars, class_="bars"),
            places(list(labels), y=HEIGHT - 10),
            element("g", *hits, class_="hits", fill="transparent"),
            element(
                "g",
                *(_mark(m, x=(m.place + 0.5) * wide, y=scale(tops[m.place]) - 3) for m in marks),
                class_="marks",
                fill="#c93a32",
            ),
        )
    )


def _mark(mark: Mark, *, x: float, y: float) -> str:
    triangle = element("path", element("title", text(mark.said)), d="M-6,-10H6L0,0Z")
    return element("svg", triangle, x=across(x), y=y, overflow="visible", class_=f"at{mark.place}")


def strokes(points: Sequence[tuple[float, float]], **attributes: str | float | None) -> str:
    """A line through points, each a part of the width and a pixel."""
    return "".join(
        element(
            "line", x1=across(x1), y1=y1, x2=across(x2), y2=y2, stroke_linecap="round", **attributes
        )
        for (x1, y1), (x2, y2) in pairwise(points)
    )
