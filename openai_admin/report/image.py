"""A chart by itself, as an image."""

from __future__ import annotations

from typing import Any

from .._extras import require
from ..insights import Review, month_of
from ..insights.not_known import not_checked, not_looked_at, sentence
from ..insights.text import days, minute
from .charts import DRAWN, altair, specification

_WIDTH = 720
_INK, _FAINT = "#1c2128", "#8b919b"


def to_svg(review: Review, name: str = "projects") -> str:
    """A chart as SVG.

    Args:
        review: what was found.
        name: one of `CHARTS`.

    Raises:
        InvalidInputError: there is no such chart.
        ConfigurationError: the extra ``report`` is not installed.
    """
    convert, spec, version = _prepared(review, name)
    image: str = convert.vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[])
    return image


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
    convert, spec, version = _prepared(review, name)
    image: bytes = convert.vegalite_to_png(
        spec, vl_version=version, scale=scale, allowed_base_urls=[]
    )
    return image


def _prepared(review: Review, name: str) -> tuple[Any, dict[str, Any], str]:
    alone = specification(review, name, width=_WIDTH)
    convert = require("vl_convert", extra="report")
    spec = alone | {
        "title": {"text": DRAWN[name].heading, "subtitle": _when(review, name), "anchor": "start"},
        "background": "white",
        "padding": 16,
        "config": {
            "font": "Helvetica Neue, Helvetica, Arial, DejaVu Sans, sans-serif",
            "view": {"stroke": None},
            "axis": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 12, "labelLimit": 260}
            | {"gridColor": "#e3e6ea", "domainColor": _FAINT, "tickColor": _FAINT},
            "legend": {"labelColor": _INK, "titleColor": _INK, "labelLimit": 220},
            "title": {"color": _INK, "subtitleColor": "#59616d", "fontSize": 15},
        },
    }
    return convert, spec, library_version()


def _when(review: Review, name: str) -> str:
    refused = review.why_not_known(DRAWN[name].key)
    if refused:
        return sentence(not_checked(refused, review.names))
    when = days(review.period)
    if name == "projection":
        when = f"{month_of(review.now).start:%B %Y}, as of {minute(review.now)}"
    lacks = review.left_out(DRAWN[name].key)
    return f"{when}. {sentence(not_looked_at(lacks, review.names))}" if lacks else when


def library_version() -> str:
    """The version of Vega-Lite that Altair writes for, as vl-convert names it."""
    major, minor, *_ = altair().SCHEMA_VERSION.lstrip("v").split(".")
    return f"{major}.{minor}"
