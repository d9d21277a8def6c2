"""The tables of the warehouse: columns declared up front, rows as Arrow tables.

A table is made of parts that are replaced as a whole: a day, a project's listing, a whole listing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs
import pyarrow as pa
from dlt.common.data_types import TDataType
from dlt.common.schema.typing import TColumnSchema

from ...export.schema import Kinds, arrow_type
from ...export.unreadable import json_of
from ...usage.export import arrow_array
from ...usage.money import MONEY, tidied

TableFormat = Literal["delta", "iceberg"]

PART = "part"
"""The column that says which part of the table a row is of."""

ROW_ID = "row_id"
"""The column with the part and the row's number in it, which is unique."""

REMOVED = "removed"
FETCHED_AT = "fetched_at"
EXTRA = "extra"
_EXACT = "_exact"

_DATA_TYPES: Mapping[type, TDataType] = {
    bool: "bool",
    int: "bigint",
    float: "double",
    date: "date",
    datetime: "timestamp",
    Decimal: "decimal",
}
_WHOLE, _PLACES = MONEY[0] - MONEY[1], MONEY[1]


@attrs.frozen
class Table:
    """A table of the warehouse.

    Attributes:
        name: its name.
        columns: the columns of its contents and their kinds, as an export has them.
        in_parts: whether it is made of parts; the rows of others are recognized by their ``id``.
    """

    name: str
    columns: Kinds
    in_parts: bool = True

    @property
    def kinds(self) -> dict[str, type]:
        """All columns, those that say where a row belongs among them."""
        kinds: dict[str, type] = {PART: str, ROW_ID: str} if self.in_parts else {}
        for name, kind in self.columns.items():
            kinds[name] = kind
            if kind is Decimal:
                kinds[name + _EXACT] = str
        kinds |= {EXTRA: str, FETCHED_AT: datetime}
        return kinds | ({REMOVED: bool} if self.in_parts else {})

    @property
    def schema(self) -> pa.Schema:
        """The columns as Arrow has them."""
        keys = self.keys
        return pa.schema(
            pa.field(name, arrow_type(kind), nullable=name not in keys)
            for name, kind in self.kinds.items()
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that are never null."""
        return (PART, ROW_ID) if self.in_parts else ("id",)

    def hints(self) -> list[TColumnSchema]:
        """The columns as dlt declares them."""
        return [self._hint(name, kind) for name, kind in self.kinds.items()]

    def _hint(self, name: str, kind: type) -> TColumnSchema:
        hint: TColumnSchema = {
            "name": name,
            "data_type": _DATA_TYPES.get(kind, "text"),
            "nullable": name not in self.keys,
        }
        if kind is Decimal:
            hint["precision"], hint["scale"] = MONEY
        if name == ROW_ID:
            hint["unique"] = True
        if name == REMOVED:
            hint["hard_delete"] = True
        return hint

    def rows(
        self, columns: Mapping[str, Sequence[Any]], parts: Sequence[str], fetched_at: datetime
    ) -> pa.Table:
        """Rows as an Arrow table.

        Args:
            columns: values by the name of their column; what is not declared goes to ``extra``.
            parts: the part that each row is of; the rows of one are all there, in their order.
            fetched_at: when they were asked for.

        Raises:
            InvalidInputError: a number has too many digits; the column is named.
        """
        found: dict[str, Sequence[Any]] = {
            **{name: values for name, values in columns.items() if name in self.columns},
            EXTRA: _extra({n: values for n, values in columns.items() if n not in self.columns}),
            FETCHED_AT: [fetched_at] * len(parts),
            PART: parts,
            ROW_ID: _numbered(parts),
        }
        for name, kind in self.columns.items():
            if kind is Decimal and found.get(name):
                found[name], found[name + _EXACT] = _split(found[name])
        return self._made(found, len(parts))

    def removed(
        self, before: Mapping[str, int], now: Mapping[str, int], fetched_at: datetime
    ) -> pa.Table:
        """What takes rows out of the warehouse that parts had, and have no more.

        Args:
            before: how many rows each part had.
            now: how many it has; none where it is not named.
            fetched_at: when that was found.
        """
        gone = [
            (part, number)
            for part, count in before.items()
            for number in range(now.get(part, 0), count)
        ]
        found: dict[str, Sequence[Any]] = {
            PART: [part for part, _ in gone],
            ROW_ID: [_row_id(part, number) for part, number in gone],
            FETCHED_AT: [fetched_at] * len(gone),
            REMOVED: [True] * len(gone),
        }
        return self._made(found, len(gone))

    def _made(self, columns: Mapping[str, Sequence[Any]], count: int) -> pa.Table:
        arrays = [
            arrow_array(field.name, columns.get(field.name) or [None] * count, field.type)
            for field in self.schema
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _numbered(parts: Sequence[str]) -> list[str]:
    """The ids of rows, numbered within their parts."""
    numbers: Counter[str] = Counter()
    ids = []
    for part in parts:
        ids.append(_row_id(part, numbers[part]))
        numbers[part] += 1
    return ids


def _row_id(part: str, number: int) -> str:
    return f"{part}#{number}"


def counted(parts: Sequence[str], ids: Sequence[str]) -> dict[str, int]:
    """How many rows parts have, by the parts and ids of their rows."""
    counts: dict[str, int] = {}
    for part, id in zip(parts, ids, strict=True):
        number = int(id.removeprefix(f"{part}#"))
        counts[part] = max(counts.get(part, 0), number + 1)
    return counts


def _extra(columns: Mapping[str, Sequence[Any]]) -> list[str | None]:
    """What is not declared, as a JSON object for each row that has any of it."""
    if not columns:
        return []
    rows = zip(*columns.values(), strict=True)
    found = [{n: v for n, v in zip(columns, row, strict=True) if v is not None} for row in rows]
    return [json_of(fields) if fields else None for fields in found]


def _split(
    numbers: Sequence[Decimal | None],
) -> tuple[list[Decimal | None], list[str | None]]:
    """Numbers as far as a column holds them, and the digits of those that it does not."""
    fits = [number is None or _fits(number) for number in numbers]
    exact = [
        None if number is None or fit else f"{tidied(number):f}"
        for number, fit in zip(numbers, fits, strict=True)
    ]
    held = [None if number is None or number.adjusted() >= _WHOLE else number for number in numbers]
    return held, exact


def _fits(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_PLACES and number.adjusted() < _WHOLE
