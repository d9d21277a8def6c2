"""A report as one page that needs no network: its charts, their library and their data are in it.

The page's own policy (CSP) allows no request at all and no script but the two that it came with,
so that even a name with markup in it, should one slip through, could do nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from .._extras import require
from ..insights import Review
from .charts import chart
from .document import Cell, Column, Document, Section, Table, Tile
from .figures import figures
from .groups import PALETTE
from .image import library_version
from .parts import document
from .text import means

_TONES: Mapping[str, str] = {"bad": "▲ ", "warn": "● ", "good": "✓ "}
_SPARK = (100, 24)  # the view box of a sparkline
_MOST_POINTS = 60  # of a sparkline; of a longer series each is the mean of several values


def to_html(review: Review) -> str:
    """The report as an HTML page.

    The figures are in it as data, too: ``<script type="application/json" id="figures">``.

    Raises:
        ConfigurationError: the extra ``report`` is not installed.
    """
    report = document(review)
    charts = {
        section.chart: _spec(review, section.chart)
        for part in report.parts
        for section in part.sections
        if section.chart is not None
    }
    scripts = (_library(), _text("page.js"))
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="robots" content="noindex">',
        '<link rel="icon" href="data:,">',
        f"<title>{escape(report.title)}: {escape(str(review.period))}</title>",
        f"<style>{_text('page.css')}</style>",
        "</head>",
        "<body>",
        *_body(report),
        f'<script type="application/json" id="figures">{_json(figures(review))}</script>',
        f'<script type="application/json" id="charts">{_json(charts)}</script>',
        *(f"<script>{script}</script>" for script in scripts),
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


@cache  # putting the library together takes seconds, and it is the same for every page
def _library() -> str:
    bundle: str = require("vl_convert", extra="report").javascript_bundle(
        vl_version=library_version()
    )
    # An end tag in a text of the library would end its element.
    return bundle.replace("</script", "<\\/script")


def _policy(scripts: tuple[str, ...]) -> str:
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
    spec: dict[str, Any] = chart(review, name).properties(width="container").to_dict()
    return spec | {
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


def _body(report: Document) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>{escape(report.title)}</h1>"
    yield f"<p>{escape(report.subtitle)}</p>"
    yield '<nav aria-label="Main figures"><ul class="tiles">'
    yield from map(_tile, report.tiles)
    yield "</ul></nav>"
    yield "</header>"
    yield "<main>"
    for part in report.parts:
        yield f"<h2>{escape(part.title)}</h2>"
        for section in part.sections:
            yield from _section(section)
    yield "</main>"
    yield "<footer><ul>"
    for note in report.notes:
        yield f"<li>{escape(note)}</li>"
    yield "</ul></footer>"


def _tile(tile: Tile) -> str:
    tone = f" {tile.tone}" if tile.tone else ""
    sign = _TONES.get(tile.tone or "", "")
    return (
        f'<li><a href="#{tile.target}"><span class="label">{escape(tile.label)}</span>'
        f'<span class="value{tone}">{sign}{escape(tile.value)}</span>'
        f'<span class="note">{escape(tile.note)}</span></a></li>'
    )


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{section.key}" aria-labelledby="{section.key}-title">'
    yield f'<h3 id="{section.key}-title">{escape(section.title)}</h3>'
    if section.text:
        yield f"<p>{escape(' '.join(section.text))}</p>"
    if section.chart is not None:
        # Vega gives the drawing its role and its description.
        yield f'<figure><div class="chart" data-chart="{section.chart}">'
        yield "<noscript>The chart needs scripts; its figures are in the table.</noscript>"
        yield "</div></figure>"
    named = sum(not table.folded for table in section.tables) > 1
    for table in section.tables:
        yield from _table(table, named=named)
    yield "</section>"


def _table(table: Table, *, named: bool) -> Iterator[str]:
    if table.folded:
        yield f"<details><summary>{escape(table.caption)}</summary>"
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
    quiet = "" if named and not table.folded else ' class="quiet"'
    yield f"<table><caption{quiet}>{escape(table.caption)}</caption>"
    yield "<thead><tr>"
    for column in table.columns:
        yield f'<th scope="col"{_classes(column)}>{escape(column.title)}</th>'
    yield "</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        yield _row(table, row)
    yield "</tbody>"
    if table.total:
        yield f"<tfoot>{_row(table, table.total)}</tfoot>"
    yield "</table></div>"
    if table.folded:
        yield "</details>"


def _row(table: Table, row: tuple[Cell, ...]) -> str:
    cells = []
    for i, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        tag, scope = ("td", "") if i else ("th", ' scope="row"')
        cells.append(f"<{tag}{scope}{_classes(column)}>{_cell(cell)}</{tag}>")
    return f"<tr>{''.join(cells)}</tr>"


def _classes(column: Column) -> str:
    names = ["number" if column.number else "name", *(["minor"] if column.minor else [])]
    return f' class="{" ".join(names)}"'


def _cell(cell: Cell) -> str:
    if cell.series:
        return _sparkline(cell.series)
    # `bdi` keeps a name that is written from right to left from turning what stands beside it.
    text = f"<bdi>{escape(cell.text)}</bdi>" if cell.text else ""
    if cell.tone:
        text = f'<span class="{cell.tone}">{_TONES[cell.tone]}{text}</span>'
    if cell.color is not None:
        text = f'<span class="swatch" style="background:{PALETTE[cell.color]}"></span>{text}'
    if cell.id:
        text += f'<span class="id">{escape(cell.id)}</span>'
    if cell.part is not None:
        text += f'<span class="part"><span style="width:{cell.part:.1%}"></span></span>'
    return text


def _sparkline(series: tuple[float, ...]) -> str:
    width, height = _SPARK
    series = means(series, _MOST_POINTS)
    most = max(*series, 0.0) or 1.0
    step = width / max(1, len(series) - 1)
    points = " ".join(
        f"{i * step:.1f},{height - 1 - max(0.0, value) / most * (height - 2):.1f}"
        for i, value in enumerate(series)
    )
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        f'aria-hidden="true"><path d="M{points}"/></svg>'
    )
