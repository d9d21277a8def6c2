"""A plan on a terminal: grouped and aligned, what grants power and what is final marked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from rich.console import Console
from rich.text import Text

from ..organization.planning.model import Action
from ..organization.showing.model import SIGNS, Change, Group, Remarks, Row, Shown
from .terminal import has_colors, screen_width

_PIPE = 120  # columns, where there is no terminal to fit
_NARROW = 40  # columns; nothing is made to fit less
_INDENT = "  "
_GAP = "  "
_DEEPER = "      "
"""What begins the lines below a step's."""

_STYLES: Mapping[Action, str] = {"create": "green", "change": "yellow", "remove": "red"}
_VALUES = {"new": "green", "old": "red"}


def text_of(shown: Shown, screen: IO[str]) -> str:
    """A plan as wide as the terminal; what its encoding lacks becomes a question mark.

    Args:
        shown: the plan.
        screen: where it will be shown.
    """
    colors = has_colors(screen)
    width = max(_NARROW, screen_width(screen) or _PIPE)
    written = io.StringIO()
    console = Console(
        file=written,
        width=width,
        force_terminal=colors,
        color_system="standard" if colors else None,
        no_color=not colors,
        highlight=False,
        legacy_windows=False,
    )
    for line in _lines(shown, console, width):
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    encoding = getattr(screen, "encoding", None) or "utf-8"
    text = written.getvalue().encode(encoding, "replace").decode(encoding)
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n")[:-1])


def _lines(shown: Shown, console: Console, width: int) -> Iterator[Text]:
    for group in shown.groups:
        yield from _wrapped(Text(str(group.title), "bold"), _INDENT * 2, console, width)
        yield from _group(group, console, width)
        yield Text()
    summary = Text(shown.summary, "bold" if shown.groups else "")
    yield from _wrapped(summary, _INDENT, console, width)
    for remarks in shown.remarks:
        yield Text()
        yield from _remarks(remarks, console, width)


def _group(group: Group, console: Console, width: int) -> Iterator[Text]:
    most = width // 2 - len(_DEEPER)
    names = [Text(str(row.subject)).cell_len for row in group.rows]
    column = max((each for each in names if each <= most), default=0)
    for row in group.rows:
        yield from _row(row, column, console, width)


def _row(row: Row, column: int, console: Console, width: int) -> Iterator[Text]:
    style = _STYLES[row.action]
    head = Text.assemble(_INDENT, (SIGNS[row.action], style), " ", str(row.subject))
    start = len(_INDENT) + 2 + column + len(_GAP)
    changes = [*_changes(row.changes, width - start)]
    is_beside = head.cell_len + len(_GAP) <= start
    if not changes or not is_beside:
        yield from _wrapped(head, _INDENT + _GAP, console, width)
    for number, change in enumerate(changes):
        first = head.copy() if not number and is_beside else Text()
        first.append(" " * (start - first.cell_len))
        yield from _wrapped(first + change, " " * (start + 2), console, width)
    if row.power is not None:
        power = Text.assemble(_DEEPER, ("! grants power: ", "bold magenta"), row.power)
        yield from _wrapped(power, f"{_DEEPER}  ", console, width)
    if row.is_final:
        yield Text.assemble(_DEEPER, ("! cannot be undone", "bold red"))
    for note in row.notes:
        yield from _wrapped(Text(f"{_DEEPER}{note}", "dim"), _DEEPER, console, width)


def _changes(changes: Iterable[Change], room: int) -> Iterator[Text]:
    """What changes: on one line where there is room, else on one each."""
    texts = [*map(_change, changes)]
    one = Text(", ").join(texts)
    if len(texts) > 1 and one.cell_len <= room:
        yield one
    else:
        yield from texts


def _change(change: Change) -> Text:
    values = [Text(each.text, _VALUES[each.kind]) for each in change.values]
    field = f"{change.field} " if change.field else ""
    return Text(field) + Text(change.joint).join(values)


def _remarks(remarks: Remarks, console: Console, width: int) -> Iterator[Text]:
    title = Text(remarks.title, "bold red" if remarks.is_bad else "bold")
    yield from _wrapped(title, _INDENT * 2, console, width)
    for remark in remarks.rows:
        text = f"{remark.joint}{remark.text}" if remark.text else ""
        line = Text.assemble(_INDENT, (remark.what, "bold" if remarks.is_bad else ""), text)
        yield from _wrapped(line, _INDENT * 2, console, width)


def _wrapped(line: Text, indent: str, console: Console, width: int) -> Iterator[Text]:
    """A line, with what is too long for it on further ones, which are indented."""
    if line.cell_len <= width:
        yield line
        return
    first, *rest = line.wrap(console, width)
    yield first
    if rest:
        for each in rest:
            each.rstrip()
        left = Text(" ").join(rest)
        for part in left.wrap(console, width - len(indent)):
            yield Text(indent) + part
