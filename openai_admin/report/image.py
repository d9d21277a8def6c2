"""A chart by itself, as an image."""

from __future__ import annotations

from collections.abc import Iterator

from .._extras import require
from ..directory.not_known import not_checked, not_looked_at, sentence
from ..insights import Review, month_of
from ..insights.text import days, minute
from .charts import DRAWN, chart
from .colors import FILLS, LIGHT
from .drawing import Key
from .drawing.svg import element, text
from .styles import HATCH, inks

_WIDTH = 720
_EDGE = 20  # pixels around it
_HEAD = 66  # of the title and what is below it
_LINE = 20  # of what its signs mean
_LETTER = 6.6  # pixels, about


def to_svg(review: Review, name: str = "projects") -> str:
    """A chart as SVG.

    Args:
        review: what was found.
        name: one of `CHARTS`.

    Raises:
        InvalidInputError: there is no such chart.
    """
    drawn = chart(review, name)
    plot = _WIDTH - 2 * _EDGE - drawn.left
    legend = list(_legend(drawn.keys, top=_HEAD + drawn.height + 22))
    height = _HEAD + drawn.height + 22 + _LINE * len(legend) + _EDGE / 2
    return element(
        "svg",
        element("title", text(DRAWN[name].heading)),
        element("desc", text(drawn.description)),
        HATCH,
        element("style", _STYLE),
        element("rect", width=_WIDTH, height=height, fill="white"),
        element("text", text(DRAWN[name].heading), x=_EDGE, y=30, class_="title"),
        element("text", text(_when(review, name)), x=_EDGE, y=50, class_="when"),
        element(
            "svg",
            drawn.body,
            x=_EDGE + drawn.left,
            y=_HEAD,
            width=plot,
            height=drawn.height,
            overflow="visible",
            class_="chart",
        ),
        *legend,
        xmlns="http://www.w3.org/2000/svg",
        width=_WIDTH,
        height=height,
        viewBox=f"0 0 {_WIDTH} {height:g}",
        role="img",
    )


def to_png(review: Review, name: str = "projects", *, scale: float = 2.0) -> bytes:
    """A chart as PNG.

    Args:
        review: what was found.
        name: one of `CHARTS`.
        scale: pixels for each of the chart's own.

    Raises:
        InvalidInputError: there is no such chart.
        ConfigurationError: the extra ``report`` is not installed.
    """
    convert = require("vl_convert", extra="report")
    image: bytes = convert.svg_to_png(to_svg(review, name), scale=scale)
    return image


_STYLE = (
    "text{font:12px 'Helvetica Neue',Helvetica,Arial,'DejaVu Sans',sans-serif;fill:#1c2128}"
    ".title{font-size:16px;font-weight:bold}.when,.axis text,.labels text{fill:#59616d}"
    ".axis text{stroke:none}.zero{stroke:#8b919b}"
    ".line{stroke:#2f6fd0}.dots,.under,.fan,.only,.range{fill:#2f6fd0}.input{fill:#1d4f9f}"
    ".cached{fill:#6796dc}"
    ".output{fill:#b3700a}.rise{fill:#c93a32}.fall{fill:#218a4c}"
    ".unknown{fill:none;stroke:#8b919b;stroke-dasharray:2 2}"
    ".direct,.much{font-weight:bold}.level text{fill:#b3261e}" + inks(LIGHT)
)


def _legend(keys: tuple[Key, ...], *, top: float) -> Iterator[str]:
    """What signs mean, in lines."""
    x, y = float(_EDGE), top
    line: list[str] = []
    for key in keys:
        wide = 26 + _LETTER * len(key.label)
        if line and x + wide > _WIDTH - _EDGE:
            yield element("g", *line)
            x, y, line = float(_EDGE), y + _LINE, []
        line.append(_sign(key, x, y))
        line.append(element("text", text(key.label), x=x + 18, y=y + 10))
        x += wide + 10
    if line:
        yield element("g", *line)


def _sign(key: Key, x: float, y: float) -> str:
    class_ = key.kind or key.sign if key.color is None else f"c{key.color}"
    fill = None if key.color is None else FILLS[key.color]
    if key.sign == "mark":
        return element("path", d=f"M{x:g},{y + 1:g}h12l-6,10z", fill="#c93a32")
    if key.sign == "limit":
        return element(
            "line", x1=x, x2=x + 14, y1=y + 6, y2=y + 6, stroke="#c93a32", stroke_dasharray="2 3"
        )
    if key.sign in ("line", "dashed"):
        return element(
            "line",
            x1=x,
            x2=x + 14,
            y1=y + 6,
            y2=y + 6,
            class_="line",
            stroke="#2f6fd0",
            stroke_width=2.5,
            stroke_dasharray="5 3" if key.sign == "dashed" else None,
        )
    return element(
        "rect",
        x=x,
        y=y,
        width=12,
        height=12,
        rx=2,
        class_=class_,
        fill=fill,
        fill_opacity=0.28 if key.sign == "range" else None,
    )


def _when(review: Review, name: str) -> str:
    refused = review.why_not_known(DRAWN[name].key)
    if refused:
        return sentence(not_checked(refused, review.names))
    when = days(review.period)
    if name == "projection":
        when = f"{month_of(review.now).start:%B %Y}, as of {minute(review.now)}"
    if name == "hours":
        when = f"The week up to {minute(review.now)}"
    if name == "months":
        when = f"As of {minute(review.now)}; months are UTC"
    lacks = review.left_out(DRAWN[name].key)
    return f"{when}. {sentence(not_looked_at(lacks, review.names))}" if lacks else when
