"""Columns fitted to a screen: what is shortened first, what is left out, what gets another line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import attrs
from rich.cells import cell_len

from .shorten import Distinct, Shorten, at_end, in_middle, narrowest

GAP = "  "
INDENT = "  "
"""What begins a row's second and further lines."""

_WIDE_NAME = 32  # what names may take before details are left out for them
_NARROW_NAME = 16
_NARROW_ID = 13
_DAY = len("2026-11-26")

Kind = Literal["measure", "name", "time", "id", "detail"]


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: its heading.
        text: returns its cell of a row.
        right: whether it is aligned to the right, as numbers and money are.
        kind: what it is, and so what becomes of it where there is little room: a ``measure`` (or
            its unit) is never touched, a ``name`` is shortened, a ``time`` shows its day alone, an
            ``id`` is shortened and then left out, a ``detail`` is left out.
        beside: the title of the column of names that says what a row is about: without one, times
            and ids are left whole.
        unit: the title of the column that says what a number counts: there are both or neither.
        ends: whether texts say as much with their end as with their beginning.
    """

    title: str
    text: Callable[[Any], str]
    right: bool = False
    kind: Kind = "name"
    beside: str | None = None
    unit: str | None = None
    ends: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its cells are words, which may be shortened, not numbers, times or ids."""
        is_id = self.title == "id" or self.title.endswith("_id")
        is_worded = self.kind == "name" or (self.kind == "detail" and not self.beside)
        return is_worded and not self.right and not is_id


@attrs.define(eq=False)
class Shown:
    """A column as it is shown.

    Attributes:
        column: the column.
        index: its number among all columns.
        texts: its cells on the first page.
        heading: the lines of its heading.
        width: how wide it is.
        least: how narrow it may become.
        shortened: how a text becomes narrower.
    """

    column: Column
    index: int
    texts: Sequence[str]
    heading: list[str]
    width: int
    least: int
    shortened: Shorten

    @classmethod
    def of(cls, index: int, column: Column, rows: Sequence[Sequence[str]]) -> Shown:
        """A column as wide as its heading and its cells on the first page."""
        texts = [row[index] for row in rows]
        width = max(map(cell_len, (column.title, *texts)))
        return cls(column, index, texts, [column.title], width, width, lambda text, _: text)

    def break_heading(self) -> None:
        """Give the heading several lines where it is wider than the cells."""
        cells = max(map(cell_len, self.texts), default=0)
        parts = re.findall(r"[^_ ]*[_ ]?", self.column.title)
        room = max(cells, *map(cell_len, parts), cell_len(self.column.title) // 2 + 1)
        self.heading = [""]
        for part in parts:
            if cell_len(self.heading[-1] + part) > room:
                self.heading.append("")
            self.heading[-1] += part
        self.width = self.least = max(cells, *map(cell_len, self.heading))

    def shorten(self, to: int, *ways: Shorten) -> None:
        """Let it become narrower, though not so that two of its texts look the same."""
        to = max(to, *map(cell_len, self.heading))
        self.least, shorten = narrowest(self.texts, self.width, to, ways)
        self.shortened = Distinct(shorten)

    def shorten_to_days(self) -> None:
        """Show the days of times alone."""
        self.shortened = lambda text, _: text[:_DAY]
        self.width = self.least = max(_DAY, *map(cell_len, self.heading))


class Fitted(NamedTuple):
    """Columns that fit a screen.

    Attributes:
        lines: those in each line of a row.
        left_out: those that are not shown.
    """

    lines: list[list[Shown]]
    left_out: list[Column]


def fit(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    screen: int | None,
    *,
    asked_for: bool = False,
) -> Fitted:
    """Fit columns to a screen.

    Long headings are broken first. Then ids with a name beside are shortened, and times to their
    days; beside measures such ids are left out before anything else is touched. Then details are
    left out, names shortened, and at last rows take several lines: measures stay.

    Args:
        columns: the columns.
        rows: their cells on the first page, which decides.
        screen: how many columns of text there are; ``None`` is any number.
        asked_for: whether the columns were asked for by name: then none is left out, and ids are
            whole.
    """
    shown = [Shown.of(i, column, rows) for i, column in enumerate(columns)]
    if screen is None or _width(shown) <= screen:
        return Fitted([shown], [])
    for each in shown:
        each.break_heading()
    kept = list(shown)
    if not asked_for:
        _shorten_known(kept, screen)
    for each in kept:
        if each.column.is_text:
            each.shorten(_NARROW_NAME, *([] if each.column.ends else [at_end]), in_middle)
    if not asked_for:
        kept = _without_details(kept, screen)
        for each in _replaceable(kept):
            if _least(kept) > screen:
                kept.remove(each)
    lines = _lines(kept, screen)
    for i, line in enumerate(lines):
        _narrow(line, screen - (len(INDENT) if i else 0))
    return Fitted(lines, [each.column for each in shown if each not in kept])


def _shorten_known(kept: list[Shown], screen: int) -> None:
    """Shorten ids and times, or leave ids out, where names say what a row is about."""
    for each in kept:
        if _width(kept) > screen and each.column.kind == "id" and each.column.beside:
            each.shorten(_NARROW_ID, in_middle)
            each.width = each.least
    for each in kept:
        if _width(kept) > screen and each.column.kind in ("time", "detail") and each.column.beside:
            each.shorten_to_days()
    if _has_measure(kept):
        for each in _replaceable(kept):
            if _width(kept) > screen:
                kept.remove(each)


def _without_details(kept: Sequence[Shown], screen: int) -> list[Shown]:
    """The columns up to the first detail that would take the room of names."""
    found = [s for s in kept if s.column.kind != "detail"]
    for each in kept:
        if each not in found:
            more = [
                s for s in kept if s in found or s is each or s.column.title == each.column.unit
            ]
            if _total([max(s.least, min(s.width, _WIDE_NAME)) for s in more]) > screen:
                break
            found = more
    return found


def _replaceable(kept: Sequence[Shown]) -> list[Shown]:
    """The ids that a name stands for: each of its rows has one, and no other id has the same."""
    by_title = {s.column.title: s for s in kept}
    found = []
    for each in reversed(kept):
        names = by_title.get(each.column.beside or "")
        if each.column.kind == "id" and names is not None:
            pairs = set(zip(names.texts, each.texts, strict=True))
            if len({name for name, _ in pairs}) == len(pairs) and all(n or not i for n, i in pairs):
                found.append(each)
    return found


def _has_measure(shown: Sequence[Shown]) -> bool:
    return any(s.column.kind == "measure" for s in shown)


def _lines(shown: list[Shown], screen: int) -> list[list[Shown]]:
    """The columns of each line of a row; if not all fit in one, measures have their own."""
    if _least(shown) <= screen:
        return [shown]
    lines: list[list[Shown]] = []
    for are_figures in (False, True):
        line: list[Shown] = []
        for each in shown:
            if (each.column.right or each.column.kind == "measure") == are_figures:
                if line and _least([*line, each]) > screen - len(INDENT):
                    lines.append(line)
                    line = []
                line.append(each)
        lines += [line] if line else []
    return lines


def _narrow(line: Sequence[Shown], room: int) -> None:
    """Make a line's widest columns narrower until it fits, or none may become narrower."""
    while _width(line) > room:
        wide = [each for each in line if each.width > each.least]
        if not wide:
            return
        max(wide, key=lambda each: each.width).width -= 1


def _width(line: Sequence[Shown]) -> int:
    return _total([each.width for each in line])


def _least(line: Sequence[Shown]) -> int:
    return _total([each.least for each in line])


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)
