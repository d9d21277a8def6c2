"""What a chart draws, read from its SVG."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import attrs

from openai_admin.report.drawing import Chart


@attrs.frozen
class Box:
    """A bar: the class that gives it its colour, the number of its place, its ends in pixels."""

    kind: str
    place: int
    top: float
    bottom: float


def tree(chart: Chart) -> ElementTree.Element:
    """The chart as an element."""
    return ElementTree.fromstring(f"<svg>{chart.body}</svg>")


def boxes(chart: Chart) -> list[Box]:
    """The bars of a chart of bars side by side."""
    svg = tree(chart)
    number = len(said(chart))
    return [
        Box(
            group.attrib["class"],
            int(float(bar.attrib["x"].rstrip("%")) / 100 * number),
            float(bar.attrib["y"]),
            float(bar.attrib["y"]) + float(bar.attrib["height"]),
        )
        for group in svg.iterfind("g[@class='bars']/g")
        for bar in group
    ]


def said(chart: Chart) -> list[str]:
    """What each place of a chart of bars side by side is, where it is pointed at."""
    return [str(hit.findtext("title")) for hit in tree(chart).iterfind("g[@class='hits']/rect")]


def marks(chart: Chart) -> Iterator[str]:
    """What the marks above bars mean."""
    for mark in tree(chart).iterfind("g[@class='marks']/svg"):
        yield str(mark.findtext("path/title"))


def zero(chart: Chart) -> float:
    """The pixel of nothing."""
    (line,) = tree(chart).iterfind("g[@class='axis']/line[@class='zero']")
    return float(line.attrib["y1"])
