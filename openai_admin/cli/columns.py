"""Tables of text: columns aligned, as wide as they need to be, page after page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import IO, Any, NamedTuple

from rich.cells import cell_len, set_cell_size

from .terminal import is_terminal, paint, printable

_GAP = "  "
_NARROWEST = 12


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: its heading.
        text: gives its cell of a row.
        right: whether it is aligned to the right, as numbers and money are.
        firm: whether it is never cut, as ids are, which people copy.
    """

    title: str
    text: Callable[[Any], str]
    right: bool = False
    firm: bool = False


class TextTable:
    """Writes rows under headings; the first page decides how wide the columns are.

    On a terminal that is too narrow, the widest columns are cut, with an ellipsis to show it.
    """

    def __init__(self, file: IO[str], columns: Sequence[Column]) -> None:
        self._file = file
        self._columns = columns
        self._widths: list[int] = []

    def page(self, items: Sequence[Any]) -> None:
        """Write some rows, the headings before the first."""
        rows = [[printable(column.text(item)) for column in self._columns] for item in items]
        if not self._widths:
            self._widths = self._fit(rows)
            titles = [column.title for column in self._columns]
            self._file.write(paint(self._line(titles), "1", self._file) + "\n")
        self._file.writelines(self._line(row) + "\n" for row in rows)

    def _fit(self, rows: Sequence[Sequence[str]]) -> list[int]:
        widths = [
            max([cell_len(column.title), *(cell_len(row[i]) for row in rows)])
            for i, column in enumerate(self._columns)
        ]
        if not is_terminal(self._file):
            return widths
        room = shutil.get_terminal_size().columns - len(_GAP) * (len(widths) - 1)
        while sum(widths) > room:
            soft = [
                i
                for i, column in enumerate(self._columns)
                if not column.firm and not column.right and widths[i] > _NARROWEST
            ]
            if not soft:
                break
            widths[max(soft, key=widths.__getitem__)] -= 1
        return widths

    def _line(self, cells: Sequence[str]) -> str:
        made = []
        for column, width, text in zip(self._columns, self._widths, cells, strict=True):
            over = cell_len(text) - width
            if over > 0 and not column.firm and is_terminal(self._file):
                text = set_cell_size(text, width - 1) + "…"
            space = " " * max(width - cell_len(text), 0)
            made.append(space + text if column.right else text + space)
        return _GAP.join(made).rstrip()
