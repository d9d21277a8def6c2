"""Excel workbooks: numbers as numbers, times as dates, and texts that are never formulas."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from .._extras import require
from .._text.visible import visible
from ..usage.money import currency_code
from .errors import CommandError
from .fields import plain_cell, value_at

_MOST_ROWS = 1_048_576  # of a sheet, the header's among them
_MOST_CHARACTERS = 32_767  # of a cell
_EXACT = 2**53  # the first whole number that a cell's neighbour cannot be told from
_WIDEST = 60  # a column, in characters
_MONEY = "#,##0.00######"
_DAY, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


class Workbook:
    """Writes items as rows of a workbook's one sheet, under a header that stays in view.

    A number has the 15 digits that Excel has; a whole number with more is text. Times are UTC.

    Args:
        path: the file.
        names: the fields.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        xlsxwriter = require("xlsxwriter", extra="excel")
        self._book = xlsxwriter.Workbook(str(path), {"in_memory": True})
        self._sheet = self._book.add_worksheet("Data")
        self._names = names
        self._formats: dict[str, Any] = {}
        self._widths = [len(name) for name in names]
        self._row = 1
        self._cut = 0
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, name, self._book.add_format({"bold": True}))
        self._sheet.freeze_panes(1, 0)

    def page(self, items: Sequence[Any]) -> None:
        """Write some rows.

        Raises:
            CommandError: there are more than a sheet can have.
        """
        if self._row + len(items) > _MOST_ROWS:
            raise CommandError(
                f"A sheet of Excel has at most {_MOST_ROWS - 1:,} rows, and there are more: write"
                " .csv or .parquet.",
                code=1,
            )
        for item in items:
            for column, name in enumerate(self._names):
                value = value_at(item, name)
                if value is not None:
                    shown = self._write(column, value, self._format(item, name, value))
                    self._widths[column] = max(self._widths[column], len(shown))
            self._row += 1

    def record(self, item: Any) -> None:
        """Write the one row."""
        self.page([item])

    def end(self) -> None:
        """Do nothing: a list of rows needs no end."""

    def save(self) -> None:
        """Write the file."""
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, min(width, _WIDEST) + 2)
        if self._names:
            self._sheet.autofilter(0, 0, max(self._row - 1, 1), len(self._names) - 1)
        self._book.close()
        if self._cut:
            cells = "1 text was" if self._cut == 1 else f"{self._cut:,} texts were"
            print(
                f"{cells} longer than the {_MOST_CHARACTERS:,} characters of a cell, and cut.",
                file=sys.stderr,
            )

    def _write(self, column: int, value: Any, style: Any) -> str:
        """Write a cell; about what it shows."""
        at = self._row, column
        if isinstance(value, bool):
            self._sheet.write_boolean(*at, value)
            return "FALSE"
        if isinstance(value, Decimal | float) or (isinstance(value, int) and abs(value) < _EXACT):
            self._sheet.write_number(*at, value, style)
            return f"{value:,.2f}"
        if isinstance(value, datetime):
            self._sheet.write_datetime(*at, value.astimezone(UTC).replace(tzinfo=None), style)
            return _TIME
        if isinstance(value, date):
            self._sheet.write_datetime(*at, value, style)
            return _DAY
        text = visible(str(plain_cell(value)))
        if len(text) > _MOST_CHARACTERS:
            self._cut += 1
            text = f"{text[: _MOST_CHARACTERS - 1]}…"
        self._sheet.write_string(*at, text)
        return text

    def _format(self, item: Any, name: str, value: Any) -> Any:
        """How Excel shows a value; ``None`` for as it likes."""
        if name == "amount" and isinstance(value, Decimal):
            return self._made(_money(value_at(item, "currency")))
        if isinstance(value, date):
            return self._made(_TIME if isinstance(value, datetime) else _DAY)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._made("#,##0")
        return None

    def _made(self, number_format: str) -> Any:
        if number_format not in self._formats:
            made = self._book.add_format({"num_format": number_format})
            self._formats[number_format] = made
        return self._formats[number_format]


def _money(currency: Any) -> str:
    """The format of an amount, with its currency."""
    code = currency_code(currency) if isinstance(currency, str) else None
    if code == "usd":
        return f'"$"{_MONEY};-"$"{_MONEY}'
    if code is None or not (code.isascii() and code.isalpha()):
        return _MONEY
    return f'{_MONEY} "{code.upper()}"'
