"""A report as one page that needs no network and no script: its charts and their data are in it.

Charts are drawn when the page is made, so that a mail client or a preview shows them. The page's
script only adds to them: what is pointed at, sorting, a filter, CSV. The page's own policy (CSP)
allows no request at all and no script but that one, so that even a name with markup in it, should
one slip through, could do nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from .._extras import require
from .._text.visible import visible
from ..insights import Review
from ..insights.findings import MOST
from .charts import chart
from .colors import DARK, LIGHT, OTHERS
from .cube import cube
from .document import SIGNS, Document, legend
from .figures import figures
from .parts import document
from .sparkline import Series, means
from .styles import HATCH, inks, narrow, quoted, swatches

_TEMPLATE = "page.html.j2"
_SCRIPTS = ("common", "pointing", "sorting", "csv", "filter")
_MOST_POINTS = 60  # of a sparkline; of a longer series each is the mean of several values


def to_html(review: Review, *, full: bool = False) -> str:
    """The report as an HTML page.

    The figures that it shows are in it as data, too: ``<script type="application/json"
    id="figures">``.

    Args:
        review: what was found.
        full: whether all rows are shown; by default those that matter most, the rest as one row.

    Raises:
        ConfigurationError: the extra ``report`` is not installed.
    """
    report = document(review, full=full)
    charts = {
        section.chart: chart(review, section.chart)
        for part in report.parts
        for section in part.sections
        if section.chart is not None
    }
    script = _script()
    safe = require("markupsafe", extra="report").Markup
    page: str = _template().render(
        report=report,
        period=review.period,
        policy=_policy(script),
        style=safe(_style(report)),
        script=safe(script),
        figures=safe(_json(figures(review, full=full))),
        charts=charts,
        cube=safe(_json(cube(review, most=None if full else MOST))),
        hatch=HATCH,
        safe=safe,
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
    environment.filters["quoted"] = lambda text: quoted(visible(text))
    environment.filters["longest"] = lambda text: max(map(len, text.split()), default=0)
    environment.globals.update(legend=legend, others=OTHERS, signs=SIGNS, spark=_Spark)
    return environment.from_string(_text(_TEMPLATE))


def _shown(value: Any) -> Any:
    """What a template shows of a value: texts with nothing in them that cannot be seen."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _policy(*scripts: str) -> str:
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _script() -> str:
    """What adds to a page that is whole without it; one function, so that its names are its own."""
    parts = "\n".join(_text(f"script/{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _style(report: Document) -> str:
    tables = (t for part in report.parts for section in part.sections for t in section.tables)
    columns = max((len(table.columns) for table in tables), default=0)
    light, dark = (inks(colors) + swatches(colors) for colors in (LIGHT, DARK))
    media = "@media screen and (prefers-color-scheme: dark)"
    return (
        f"{_text('page.css')}{light}\n{media}{{{dark}}}\n{narrow(_text('narrow.css'), columns)}\n"
    )


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _json(value: Any) -> str:
    """JSON that ends no element, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


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
