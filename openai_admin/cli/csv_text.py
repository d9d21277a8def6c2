"""CSV: exact for programs, guarded for people, who open it in a spreadsheet or look at it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import IO, Any

from .._text.spreadsheet import BOM, guarded
from .fields import plain_cell, value_at
from .options import CsvDialect
from .terminal import is_terminal, printable


class CSVWriter:
    """Writes items as rows of CSV under a header.

    Args:
        file: where to; on a terminal, what cannot be seen is shown as an escape.
        names: the fields.
        dialect: ``plain`` has every text as it is; ``excel`` is for spreadsheets: it begins with a
            byte order mark, its lines end as Windows has them, and no text is a formula.
    """

    def __init__(self, file: IO[str], names: Sequence[str], dialect: CsvDialect) -> None:
        self._file = file
        self._names = names
        self._guard = dialect == "excel"
        self._show = is_terminal(file)
        self._writer = csv.writer(file, lineterminator="\r\n" if self._guard else "\n")
        self._begun = False

    def page(self, items: Sequence[Any]) -> None:
        """Write some rows, the header before the first."""
        if not self._begun:
            if self._guard:
                self._file.write(BOM)
            self._writer.writerow(self._names)
            self._begun = True
        for item in items:
            self._writer.writerow([self._cell(value_at(item, name)) for name in self._names])
        self._file.flush()

    def record(self, item: Any) -> None:
        """Write the one row."""
        self.page([item])

    def end(self) -> None:
        """Write the header where there was no row."""
        self.page([])

    def _cell(self, value: Any) -> Any:
        written = "" if value is None else plain_cell(value)
        if isinstance(written, str):
            written = guarded(written) if self._guard else written
            written = printable(written) if self._show else written
        return written
