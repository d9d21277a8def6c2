"""A line that adds up, with where it should end and what it should not pass."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .scale import Scale, Worded, places
from .stacked import BOTTOM, HEIGHT, TOP, strokes
from .svg import across, element, text

_COLOR = "#2f6fd0"
_CAPITALS = 9  # pixels that letters rise above their line
_APART = 4  # pixels between letters and a rule


@attrs.frozen(kw_only=True)
class Range:
    """Where a line should end.

    Attributes:
        expected: the amount at its last place.
        low: the lower end of its range; ``None`` where there is none.
        high: the upper end.
        said: in words.
    """

    expected: float
    low: float | None
    high: float | None
    said: str


@attrs.frozen
class Level:
    """An amount that a line may pass, with what it is."""

    amount: float
    said: str


def line(
    values: Sequence[float],
    *,
    labels: Sequence[str],
    said: Sequence[str],
    worded: Worded,
    end: Range | None = None,
    levels: Sequence[Level] = (),
) -> str:
    """A line with its axis.

    Args:
        values: its values so far, of the first places.
        labels: what is written under each place, where there is room.
        said: what each of the values is, shown where it is pointed at.
        worded: an amount of the axis in words.
        end: where it should end, at the last place.
        levels: what it may pass.
    """
    number = len(labels)
    highest = [*values, *(level.amount for level in levels)]
    if end is not None:
        highest += [end.expected, end.high or 0.0]
    scale = Scale.over(
        min([0.0, *values]), max(highest, default=0.0), top=TOP, height=HEIGHT - TOP - BOTTOM
    )

    def at(place: int, amount: float) -> tuple[float, float]:
        return (place + 0.5) / number, scale(amount)

    past = [at(i, value) for i, value in enumerate(values)]
    drawn = [scale.axis(worded)]
    if past:
        ground = [(past[-1][0], scale(0)), (past[0][0], scale(0))]
        drawn.append(_area([*past, *ground], class_="under", fill_opacity=0.14))
    if end is not None and past:
        drawn.append(_ahead(past[-1], number, end, scale))
    drawn += [_level(level, scale) for level in levels]
    drawn.append(element("g", strokes(past), class_="line", stroke=_COLOR, stroke_width=2.5))
    dots = (
        element("circle", element("title", text(words)), cx=across(x), cy=y, r=3.5)
        for (x, y), words in zip(past, said, strict=True)
    )
    drawn.append(element("g", *dots, class_="dots", fill=_COLOR))
    if end is not None:
        x, y = at(number - 1, end.expected)
        drawn.append(
            element(
                "circle",
                element("title", text(end.said)),
                cx=across(x),
                cy=y,
                r=5,
                class_="dots end",
                fill=_COLOR,
            )
        )
        drawn.append(
            element(
                "text",
                text(worded(end.expected, 0.0)),
                x=across(x),
                y=_beside(y, [scale(level.amount) for level in levels]),
                class_="direct",
                text_anchor="end",
                fill="#1c2128",
            )
        )
    drawn.append(places(list(labels), y=HEIGHT - 10))
    return "".join(drawn)


def _beside(y: float, rules: Sequence[float]) -> float:
    """Where an amount is written: above its point or below it, where no rule goes through it."""
    free = (
        at
        for at in (y + shift for shift in (-11, -18, -25, -32, 22, 37))
        if _CAPITALS < at < HEIGHT - BOTTOM
        and not any(at - _CAPITALS - _APART < rule < at + _APART for rule in rules)
    )
    return next(free, y - 11)


def _ahead(last: tuple[float, float], number: int, end: Range, scale: Scale) -> str:
    x = (number - 0.5) / number
    dashed = element(
        "g",
        strokes([last, (x, scale(end.expected))], stroke_dasharray="6 5"),
        class_="line",
        stroke=_COLOR,
        stroke_width=2,
    )
    if end.low is None or end.high is None:
        return dashed
    fan = [last, (x, scale(end.high)), (x, scale(end.low))]
    return _area(fan, class_="fan", fill_opacity=0.28) + dashed


def _level(level: Level, scale: Scale) -> str:
    y = scale(level.amount)
    rule = element("line", x2="100%", y1=y, y2=y, stroke="#c93a32", stroke_dasharray="2 3")
    words = element("text", text(level.said), x=4, y=y - 5, fill="#b3261e")
    return element("g", rule, words, class_="level")


def _area(points: Sequence[tuple[float, float]], **attributes: str | float | None) -> str:
    """What lies between points; stretched to the width, since paths take no parts of it."""
    path = "M" + "L".join(f"{x * 1000:.1f},{y:.1f}" for x, y in points) + "Z"
    return element(
        "svg",
        element("path", d=path, fill=_COLOR, **attributes),
        width="100%",
        height=HEIGHT,
        viewBox=f"0 0 1000 {HEIGHT}",
        preserveAspectRatio="none",
    )
