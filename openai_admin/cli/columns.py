"""Tables of text: columns aligned, as wide as they need to be, page after page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from rich.cells import cell_len

from .fit import GAP, INDENT, Column, Fitted, Shown, fit
from .terminal import paint, printable, screen_width

__all__ = ["Column", "TextTable"]


class TextTable:
    """Writes rows under headings; the first page decides how wide the columns are.

    Where the screen is too narrow, columns are fitted to it (see `fit`); a line on standard error
    names those that are left out.

    Args:
        file: where to.
        columns: the columns.
        all_columns: whether to leave none out, as when they were asked for by name.
        strong: says which rows are in bold, such as totals.
    """

    def __init__(
        self,
        file: IO[str],
        columns: Sequence[Column],
        *,
        all_columns: bool = False,
        strong: Callable[[Any], bool] = lambda _: False,
    ) -> None:
        self._file = file
        self._columns = list(columns)
        self._all_columns = all_columns
        self._strong = strong
        self._fitted: Fitted | None = None
        self._seen: set[str] = set()

    def page(self, items: Sequence[Any]) -> None:
        """Write some rows, the headings before the first."""
        rows = [[printable(column.text(item)) for column in self._columns] for item in items]
        if self._fitted is None:
            self._fitted = self._fit(rows)
            for line in _headings(self._fitted):
                self._file.write(paint(line, "1", self._file) + "\n")
        for item, row in zip(items, rows, strict=True):
            text = self._row(row, self._fitted)
            style = "1" if self._strong(item) else ""
            self._file.write((paint(text, style, self._file) if style else text) + "\n")

    def _fit(self, rows: Sequence[Sequence[str]]) -> Fitted:
        screen = screen_width(self._file)
        fitted = fit(self._columns, rows, screen, asked_for=self._all_columns)
        if fitted.left_out:
            names = ", ".join(column.title for column in fitted.left_out)
            print(f"Too wide for {screen} columns, see --columns: {names}.", file=sys.stderr)
        return fitted

    def _row(self, row: Sequence[str], fitted: Fitted) -> str:
        """A row's lines; ids that are left out follow where another row looks the same without."""
        text = "\n".join(_line(i, line, row) for i, line in enumerate(fitted.lines))
        ids = [
            cell
            for column, cell in zip(self._columns, row, strict=True)
            if column in fitted.left_out and column.kind == "id"
        ]
        if ids and text in self._seen:
            return GAP.join((text, *ids))
        if ids:
            self._seen.add(text)
        return text


def _line(number: int, line: Sequence[Shown], row: Sequence[str]) -> str:
    cells = []
    for each in line:
        text = row[each.index]
        cells.append(text if cell_len(text) <= each.width else each.shortened(text, each.width))
    return _aligned(number, line, cells)


def _headings(fitted: Fitted) -> Iterator[str]:
    for number, line in enumerate(fitted.lines):
        most = max(len(each.heading) for each in line)
        for i in range(most):
            cells = [["", *each.heading][max(i - most + len(each.heading) + 1, 0)] for each in line]
            yield _aligned(number, line, cells)


def _aligned(number: int, line: Sequence[Shown], cells: Sequence[str]) -> str:
    made = []
    for each, text in zip(line, cells, strict=True):
        space = " " * max(each.width - cell_len(text), 0)
        made.append(space + text if each.column.right else text + space)
    return ((INDENT if number else "") + GAP.join(made)).rstrip()
