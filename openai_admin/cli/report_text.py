"""A report on a terminal: tables with bars and sparklines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import StringIO
from typing import IO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text

from ..insights import Review
from ..insights.findings import Tone
from ..report import Cell, Document, Section, Table, document
from ..report.document import SIGNS, legend
from ..report.sparkline import sparkline
from .terminal import has_colors, printable, screen_width

_WIDE = 110  # columns; from here on there is room for everything
_PIPE = 160  # columns, where there is no terminal to fit
_BAR = 10
_BAR_COLOR = "#3b7dd8"  # to be seen on white and on black
_SPARK = 15
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STYLES: Mapping[Tone | None, str] = {"bad": "red", "warn": "yellow", "good": "green", None: ""}


def write_report(
    review: Review, file: IO[str], *, full: bool = False, screen: IO[str] | None = None
) -> None:
    """Write a report as wide as the terminal; what its encoding lacks becomes a question mark.

    Args:
        review: what was found.
        file: where to.
        full: whether all rows are shown; by default those that matter most, the rest as one row.
        screen: the stream that it will be shown on, where that is not `file`.
    """
    screen = screen or file
    width = screen_width(screen) or _PIPE
    written = StringIO()
    console = Console(
        file=written,
        width=width,
        force_terminal=has_colors(screen),
        color_system="truecolor" if has_colors(screen) else None,
        no_color=not has_colors(screen),
        highlight=False,
        legacy_windows=False,
    )
    for each in _renderables(document(review, full=full), wide=width >= _WIDE):
        console.print(each)
    encoding = getattr(screen, "encoding", None) or "utf-8"
    text = written.getvalue().encode(encoding, "replace").decode(encoding)
    file.writelines(line.rstrip() + "\n" for line in text.splitlines())


def _renderables(report: Document, *, wide: bool) -> Iterator[RenderableType]:
    yield Text(report.title, "bold")
    yield Text(report.subtitle, "dim")
    yield Text()
    tiles = RichTable.grid(padding=(0, 2))
    tiles.add_column()
    tiles.add_column(justify="right", no_wrap=True)
    tiles.add_column()
    for tile in report.tiles:
        value = Text(SIGNS[tile.tone] + tile.value, "bold")
        value.stylize(_STYLES[tile.tone])
        tiles.add_row(Text(tile.label), value, Text(tile.note, "dim"))
    yield tiles
    for part in report.parts:
        yield Text()
        yield Rule(Text(part.title, "bold"), align="left")
        for section in part.sections:
            yield _section(section, wide=wide)
    yield Text()
    yield Text(printable(legend(SIGNS)), "dim")
    for note in report.notes:
        yield Text(printable(note), "dim")


def _section(section: Section, *, wide: bool) -> RenderableType:
    shown: list[RenderableType] = [Text(), Text(section.title, "bold")]
    shown += [Text(printable(" ".join(section.text)))] if section.text else []
    for table in (table for table in section.tables if not table.folded):
        if section.has_captions:
            shown += [Text(), Text(table.caption, "underline")]
        shown.append(Padding(_table(table, wide=wide), (0, 0, 0, 2)))
    return Group(*shown)


def _table(table: Table, *, wide: bool) -> RichTable:
    made = RichTable(box=None, padding=(0, 2, 0, 0), header_style="dim", show_footer=False)
    kept = [i for i, column in enumerate(table.columns) if wide or not column.minor]
    has_bar = {i for i in kept if any(row[i].part is not None for row in table.rows)}
    for i in kept:
        column = table.columns[i]
        made.add_column(
            Text(column.title),
            justify="right" if column.number else "left",
            no_wrap=column.number or bool(i),
            overflow="fold" if not i else "ellipsis",
        )
        if i in has_bar:
            made.add_column("", no_wrap=True)
    for row in table.rows:
        made.add_row(*_row(row, kept, has_bar))
    if table.rest:
        made.add_row(*_row(table.rest, kept, has_bar), style="dim italic")
    if table.total:
        made.add_row(*_row(table.total, kept, has_bar), style="bold")
    return made


def _row(row: tuple[Cell, ...], kept: list[int], has_bar: set[int]) -> Iterator[Text]:
    for i in kept:
        yield _cell(row[i], with_id=i == 0)
        if i in has_bar:
            yield Text(_bar(row[i].part), _BAR_COLOR)


def _cell(cell: Cell, *, with_id: bool) -> Text:
    text = Text()
    if cell.series:
        return text.append(sparkline(cell.series, _SPARK), _BAR_COLOR)
    text.append(SIGNS[cell.tone] + printable(cell.text), _STYLES[cell.tone])
    if cell.id and with_id:
        text.append(f" {printable(cell.id)}", "dim")
    return text


def _bar(part: float | None) -> str:
    """A bar of up to ten characters, to an eighth of one."""
    eighths = round((part or 0.0) * _BAR * 8)
    whole, rest = divmod(eighths, 8)
    return (_EIGHTHS[8] * whole + (_EIGHTHS[rest] if rest else "")).ljust(_BAR)
