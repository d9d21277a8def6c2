"""Tables of text: columns aligned, as wide as they need to be, page after page."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any, NamedTuple

from rich.cells import cell_len, set_cell_size

from .terminal import is_terminal, paint, printable

_GAP = "  "
_NARROWEST = 20  # what text may be cut to


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: its heading.
        text: returns its cell of a row.
        right: whether it is aligned to the right, as numbers and money are.
        firm: whether it is never cut, as ids are, which people copy.
    """

    title: str
    text: Callable[[Any], str]
    right: bool = False
    firm: bool = False


class TextTable:
    """Writes rows under headings; the first page decides how wide the columns are.

    On a terminal that is too narrow, the widest columns are cut, with an ellipsis to show it, and
    if that is not enough the last columns are left out, which a line on standard error says.

    Args:
        file: where to.
        columns: the columns.
        all_columns: whether to leave none out, as when they were asked for by name.
    """

    def __init__(
        self, file: IO[str], columns: Sequence[Column], *, all_columns: bool = False
    ) -> None:
        self._file = file
        self._columns = list(columns)
        self._all_columns = all_columns
        self._widths: list[int] = []

    def page(self, items: Sequence[Any]) -> None:
        """Write some rows, the headings before the first."""
        rows = [[printable(column.text(item)) for column in self._columns] for item in items]
        if not self._widths:
            self._widths = self._fit(rows)
            rows = [row[: len(self._columns)] for row in rows]
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
        screen = shutil.get_terminal_size().columns
        if not self._all_columns:
            self._leave_out(widths, screen)
        least = [self._least(i, width) for i, width in enumerate(widths)]
        while _total(widths) > screen and widths != least:
            room = [width - narrow for width, narrow in zip(widths, least, strict=True)]
            widths[max(range(len(widths)), key=lambda i: (room[i] > 0, widths[i]))] -= 1
        return widths

    def _least(self, i: int, width: int) -> int:
        """How narrow a column may be cut; a number, a time or an id is never cut."""
        column = self._columns[i]
        return width if column.firm or column.right else min(width, _NARROWEST)

    def _leave_out(self, widths: list[int], screen: int) -> None:
        """Leave out the last columns until the rest fits, cut or not."""
        left_out: list[str] = []
        while len(widths) > 1 and _total([self._least(*w) for w in enumerate(widths)]) > screen:
            widths.pop()
            left_out.insert(0, self._columns.pop().title)
        if left_out:
            names = ", ".join(left_out)
            print(f"Too wide for this terminal, see --columns: {names}.", file=sys.stderr)

    def _line(self, cells: Sequence[str]) -> str:
        made = []
        for column, width, text in zip(self._columns, self._widths, cells, strict=True):
            over = cell_len(text) - width
            if over > 0 and not column.firm and is_terminal(self._file):
                text = set_cell_size(text, width - 1) + "…"
            space = " " * max(width - cell_len(text), 0)
            made.append(space + text if column.right else text + space)
        return _GAP.join(made).rstrip()


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)
