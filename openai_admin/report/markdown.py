"""A report as Markdown, for a chat or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .._text.markdown import escape
from .._text.visible import visible
from ..insights import Review
from ..insights.findings import Tone
from .document import Cell, Document, Section, Table, legend
from .parts import document
from .sparkline import sparkline

_SPACE = re.compile(r"\s+")
_SIGNS: Mapping[Tone | None, str] = {"bad": "🔴 ", "warn": "🟡 ", "good": "🟢 ", None: ""}


def to_markdown(review: Review, *, full: bool = False) -> str:
    """The report as GitHub's Markdown; names are escaped, so that they stay names.

    Tables that are only for looking things up are left out.

    Args:
        review: what was found.
        full: whether all rows are shown; by default those that matter most, the rest as one row.
    """
    return "\n".join(_lines(document(review, full=full))) + "\n"


def _lines(report: Document) -> Iterator[str]:
    yield f"# {escape(report.title)}"
    yield ""
    yield escape(report.subtitle)
    yield ""
    yield "| | | |"
    yield "|:--|--:|:--|"
    for tile in report.tiles:
        label = _SIGNS[tile.tone] + escape(tile.label)
        yield f"| {label} | **{escape(tile.value)}** | {escape(tile.note)} |"
    for part in report.parts:
        yield ""
        yield f"## {escape(part.title)}"
        for section in part.sections:
            yield from _section(section)
    yield ""
    yield "---"
    yield ""
    yield f"- {escape(legend(_SIGNS))}"
    for note in report.notes:
        yield f"- {escape(note)}"


def _section(section: Section) -> Iterator[str]:
    yield ""
    yield f"### {escape(section.title)}"
    if section.text:
        yield ""
        yield escape(" ".join(section.text))
    for table in (table for table in section.tables if not table.folded):
        yield ""
        if section.has_captions:
            yield f"**{escape(table.caption)}**"
            yield ""
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield _row(escape(column.title) for column in table.columns)
    yield _row("--:" if column.number else ":--" for column in table.columns)
    for row in (*table.rows, *filter(None, [table.rest])):
        yield _row(map(_cell, row))
    if table.total:
        yield _row(f"**{text}**" if (text := _cell(cell)) else "" for cell in table.total)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    text = escape(cell.text) if cell.text else sparkline(cell.series)
    text = _SIGNS[cell.tone] + text
    return f"{text} `{_code(cell.id)}`" if cell.id else text


def _code(text: str) -> str:
    return visible(_SPACE.sub(" ", text)).replace("`", "'").replace("|", "\\|")
