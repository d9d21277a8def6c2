"""A report as one page that needs no network: its charts, their library and their data are in it.

The page's own policy (CSP) allows no request at all and no script but the two that it came with,
so that even a name with markup in it, should one slip through, could do nothing. The library is
compressed in it, to half of its size; the page's own script unpacks it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import subprocess
import sys
import threading
from functools import cache
from importlib.resources import files
from typing import Any

import attrs

from .._extras import require
from .._text.visible import visible
from ..insights import Review
from .charts import specification
from .document import SIGNS
from .figures import figures
from .groups import PALETTE
from .image import library_version
from .parts import document
from .sparkline import Series, means

_TEMPLATE = "page.html.j2"
_BUNDLE = """
import sys
_, version, *sys.path = sys.argv
import vl_convert
sys.stdout.buffer.write(vl_convert.javascript_bundle(vl_version=version).encode())
"""
_MOST_POINTS = 60  # of a sparkline; of a longer series each is the mean of several values


def to_html(review: Review, *, full: bool = False) -> str:
    """The report as an HTML page.

    The figures that it shows are in it as data, too: ``<script type="application/json"
    id="figures">``. Making it takes a second of CPU, the first time three: where others wait for
    the event loop, call it in a thread.

    Args:
        review: what was found.
        full: whether all rows are shown; by default those that matter most, the rest as one row.

    Raises:
        ConfigurationError: the extra ``report`` is not installed.
    """
    report = document(review, full=full)
    charts = {
        section.chart: _spec(review, section.chart)
        for part in report.parts
        for section in part.sections
        if section.chart is not None
    }
    script, library = _text("page.js"), _library()
    safe = require("markupsafe", extra="report").Markup
    page: str = _template().render(
        report=report,
        period=review.period,
        policy=_policy(script, library.script),
        style=safe(_text("page.css")),
        script=safe(script),
        library=library.packed,
        figures=safe(_json(figures(review, full=full))),
        charts=safe(_json(charts)),
    )
    return page


@cache
def _template() -> Any:
    """The page's template: what it is given is escaped, and a name it does not know is an error."""
    jinja2 = require("jinja2", extra="report")
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["zip"] = lambda columns, cells: zip(columns, cells, strict=True)
    environment.globals.update(palette=PALETTE, signs=SIGNS, spark=_Spark)
    return environment.from_string(_text(_TEMPLATE))


def _shown(value: Any) -> Any:
    """What a template shows of a value: texts with nothing in them that cannot be seen."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@attrs.frozen
class _Library:
    """What draws the charts; private, a name for its two forms.

    Attributes:
        script: the program itself.
        packed: the same, compressed by gzip and written in Base64.
    """

    script: str
    packed: str


@cache  # putting the library together takes seconds, and it is the same for every page
def _library() -> _Library:
    bundle = _bundle(library_version())
    packed = gzip.compress(bundle.encode(), mtime=0)
    return _Library(bundle, base64.b64encode(packed).decode("ascii"))


def _bundle(version: str) -> str:
    """The library as vl-convert puts it together, which holds all threads for seconds.

    So on any but the main thread that is done by another process: others are waiting then.
    """
    convert = require("vl_convert", extra="report")
    if threading.current_thread() is threading.main_thread() or not sys.executable:
        bundle: str = convert.javascript_bundle(vl_version=version)
        return bundle
    done = subprocess.run(  # noqa: S603 - this interpreter, and a constant
        [sys.executable, "-c", _BUNDLE, version, *sys.path], capture_output=True, check=True
    )
    return done.stdout.decode()


def _policy(*scripts: str) -> str:
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _json(value: Any) -> str:
    """JSON that ends no element, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _spec(review: Review, name: str) -> dict[str, Any]:
    """A chart that takes its colours from the page's style, and its width from its place."""
    return specification(review, name, width="container") | {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": None,
        "padding": {"left": 0, "right": 4, "top": 14, "bottom": 4},
        "config": {
            "view": {"stroke": None},
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 260},
            "axisY": {"labelLimit": 260, "domain": False, "ticks": False, "labelPadding": 6},
            "text": {"fontSize": 12},
            "legend": {"disable": True},  # the table below has the colours
        },
    }


class _Spark:
    """A sparkline; private, a name for what the template draws it with."""

    width, height = 100, 24  # of its view box

    @classmethod
    def path(cls, series: Series) -> str:
        """Its line as SVG has it, with gaps where a value is not known."""
        values = means(series, _MOST_POINTS)
        most = max((value for value in values if value is not None), default=0.0)
        step = cls.width / max(1, len(values) - 1)
        drawn = []
        begins = True
        for i, value in enumerate(values):
            if value is not None:
                height = max(0.0, value) / most if most > 0 else 0.0
                y = cls.height - 1 - height * (cls.height - 2)
                # A line to where it is shows a day that has none beside it.
                drawn.append(f"{'M' if begins else 'L'}{i * step:.1f},{y:.1f}{'h0' * begins}")
            begins = value is None
        return " ".join(drawn)
