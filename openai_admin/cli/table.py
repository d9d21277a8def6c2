"""Items as a table for people: which fields are columns, and how much each matters."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from ..usage.names import NAME_COLUMNS
from ..usage.table import COMPLETE
from .columns import Column, TextTable
from .fields import cell, is_plain, leaves, value_at
from .terminal import paint, printable

IN_PART = "of what came"
"""What stands in the column `complete` where a part of the figures is missing."""
TOTAL = "total"
"""The field of a row that says that it adds up the others; no column has it."""

PART = "part"
"""The field of a row of a period that the range cuts, with what to show; no column has it."""

UNIT_OF = {"amount": "currency", "quantity": "quantity_unit"}
"""The columns that say what the number in another counts."""

_DETAILS = re.compile("(input|output)_.+_tokens|quantity|quantity_unit")
_NAMES = ("name", "email", "title", "display_name", "model")


class TableWriter:
    """Writes items as a table.

    Args:
        file: where to.
        named: the columns asked for; with none, those that have something to show.
        names: the fields.
        zeros: whether columns are shown that have nothing but zeros.
        measures: the fields that the table is about, if these are known.
        foremost: the one of them that is shown whatever room there is.
    """

    def __init__(
        self,
        file: IO[str],
        named: Sequence[str],
        names: Sequence[str],
        *,
        zeros: bool,
        measures: Collection[str] = (),
        foremost: str | None = None,
    ) -> None:
        self._foremost = foremost
        self._file = file
        self._named = named
        self._names = names
        self._zeros = zeros
        self._measures = measures
        self._table: TextTable | None = None

    def page(self, items: Sequence[Any]) -> None:
        """Write some items of a list."""
        if self._table is None and items:
            self._table = TextTable(
                self._file,
                self._columns(items),
                all_columns=bool(self._named),
                strong=lambda item: isinstance(item, dict) and bool(item.get(TOTAL)),
            )
        if self._table is not None:
            self._table.page(items)
        self._file.flush()

    def _columns(self, items: Sequence[Any]) -> list[Column]:
        shown = self._named or [
            name
            for name in _ordered(self._names)
            if name != COMPLETE
            and _worth_a_column(items, name, zeros=self._zeros or name == self._foremost)
        ]
        kinds = _Kinds(items, shown, self._measures, self._foremost)
        columns = [kinds.column(name) for name in shown]
        is_told = COMPLETE in self._names and not self._named
        if is_told and any(value_at(item, COMPLETE) is not None for item in items):
            columns.append(Column("", _so_far, kind="measure"))
        return columns

    def record(self, item: Any) -> None:
        """Write a single item, a line for each field."""
        pairs = (
            [(name, value_at(item, name)) for name in self._named]
            if self._named
            else list(leaves(item))
        )
        width = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            text = printable(cell(value, name))
            label = paint(name.ljust(width), "1", self._file)
            self._file.write(f"{label}  {text}".rstrip() + "\n")

    def end(self) -> None:
        """Say it where there was nothing."""
        if self._table is None:
            print("There is nothing to list.", file=sys.stderr)


def _ordered(names: Sequence[str]) -> list[str]:
    """The names with those that identify an item first, and the rest of its key last."""
    first = [n for n in ("id", "name", "email") if n in names]
    last = [n for n in ("redacted_value",) if n in names]
    return [*first, *(n for n in names if n not in (*first, *last)), *last]


def _worth_a_column(items: Sequence[Any], name: str, *, zeros: bool) -> bool:
    values = [v for v in (value_at(item, name) for item in items) if v is not None]
    if not zeros and not any(values):
        return False
    return bool(values) and all(is_plain(v) for v in values)


class _Kinds:
    """What the fields of a table are, judged by the items of its first page."""

    def __init__(
        self,
        items: Sequence[Any],
        names: Sequence[str],
        measures: Collection[str],
        foremost: str | None,
    ) -> None:
        self._foremost = {foremost, UNIT_OF.get(foremost or "")}
        self._items = items
        self._names = names
        self._measures = measures
        self._known_by = next((n for n in _NAMES if n in names), None)
        self._first_time: str | None = None

    def column(self, name: str) -> Column:
        """How a field is shown."""
        values = [v for v in (value_at(item, name) for item in self._items) if v is not None]
        if name == "change_percent":
            return Column(name, _percent, right=True, kind="measure")
        numbers = bool(values) and all(_is_number(v) for v in values)
        days = bool(values) and all(isinstance(v, datetime) and _is_midnight(v) for v in values)

        def text(item: Any) -> str:
            value = value_at(item, name)
            if days and isinstance(value, datetime) and _is_midnight(value):
                return value.strftime("%Y-%m-%d")
            if name == "change" and value is not None:
                return _signed(value)
            if name in ("amount", "previous") and isinstance(value, Decimal):
                return money(value)
            return cell(value, name)

        made = Column(name, text, right=numbers, ends=name in ("line_item", "model"))
        if numbers or name in self._measures or name in UNIT_OF.values():
            unit = UNIT_OF.get(name)
            is_detail = name not in self._foremost and bool(_DETAILS.fullmatch(name))
            return made._replace(kind="detail" if is_detail else "measure", unit=unit)
        if values and all(isinstance(v, date) for v in values):
            beside = None if self._measures else self._known_by
            is_first = self._first_time in (None, name)
            self._first_time = self._first_time or name
            return made._replace(kind="time" if is_first or not beside else "detail", beside=beside)
        if name == "id" or name.endswith("_id"):
            beside = self._name_of(name)
            if beside is not None or not self._is_detail(name):
                return made._replace(kind="id", beside=beside)
        return made._replace(kind="detail") if self._is_detail(name) else made

    def _name_of(self, ids: str) -> str | None:
        """The column that says what the ids in one are called."""
        if ids == "id":
            return self._known_by
        name = NAME_COLUMNS.get(ids, f"{ids.removesuffix('_id')}_name")
        return name if name in self._names else None

    def _is_detail(self, name: str) -> bool:
        """Whether rows are neither known by a field nor kept apart by it."""
        is_listing = not self._measures and self._known_by is not None
        return is_listing and name != "id" and name not in _NAMES


def money(amount: Decimal) -> str:
    """An amount to the cent; one that is smaller, but not zero, says so."""
    if amount and abs(amount) < Decimal("0.005"):
        return "<0.01" if amount > 0 else ">-0.01"
    return f"{amount or 0:,.2f}"


def _so_far(row: Any) -> str:
    is_dict = isinstance(row, dict)
    complete = value_at(row, COMPLETE)
    if is_dict and row.get(TOTAL):
        return ""
    if complete == IN_PART:
        return IN_PART
    if complete is not False:
        return ""
    return row.get(PART, "so far") if is_dict else "so far"


def _signed(change: Any) -> str:
    text = money(change) if isinstance(change, Decimal) else f"{change:,}"
    return f"+{text}" if change > 0 and not text.startswith("<") else text


def _percent(row: Any) -> str:
    """A change in percent; ``new`` where there was nothing before."""
    value = value_at(row, "change_percent")
    if value is not None:
        return f"{value:+,.1f} %"
    return "new" if value_at(row, "previous") == 0 and value_at(row, "change") else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)
