"""Sums of columns by group: on Arrow's kernels where they are many and it is there, else by hand.

Both give the same numbers, to the last digit.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .._wire.scalars import INT64
from .columns import MANY, Column
from .money import MONEY, plus, tidied
from .segments import Exact, Same, Whole


def sums(
    columns: Mapping[str, Sequence[Any]], group_of: array[int], groups: int
) -> dict[str, list[Any]]:
    """The sum of each column for each group; ``None`` where it has only nulls.

    Texts (a currency, a unit) have no sum; the first of each group stands for it.

    Args:
        columns: the columns.
        group_of: the number of each row's group.
        groups: how many groups there are.
    """
    found = _by_arrow(columns, group_of, groups) if len(group_of) >= MANY else {}
    return {
        name: found[name] if name in found else _by_hand(column, group_of, groups)
        for name, column in columns.items()
    }


def _by_hand(column: Sequence[Any], group_of: array[int], groups: int) -> list[Any]:
    result: list[Any] = [None] * groups
    if isinstance(column, Column) and column.sample() is None:
        return result
    for group, value in zip(group_of, column, strict=True):
        before = result[group]
        if before is None:
            result[group] = value
        elif value is None:
            continue
        elif isinstance(value, Decimal):
            result[group] = plus(before, value)
        elif not isinstance(value, str):
            result[group] = before + value
    return [tidied(value) if isinstance(value, Decimal) else value for value in result]


def _by_arrow(
    columns: Mapping[str, Sequence[Any]], group_of: array[int], groups: int
) -> dict[str, list[Any]]:
    """The sums of those columns that Arrow adds up exactly."""
    try:
        import pyarrow as pa
        import pyarrow.compute as pc
    except ImportError:
        return {}
    arrays: dict[str, Any] = {}
    for name, column in columns.items():
        if isinstance(column, Column) and (made := _addable(pa, pc, column)) is not None:
            arrays[name] = made
    if not arrays:
        return {}
    numbers = pa.Array.from_buffers(pa.uint32(), len(group_of), [None, pa.py_buffer(group_of)])
    names = list(arrays)
    table = pa.table([numbers, *arrays.values()], ["", *names])
    added = table.group_by("", use_threads=False).aggregate([(name, "sum") for name in names])
    places = added.column("").to_pylist()
    found: dict[str, list[Any]] = {}
    for name in names:
        found[name] = [None] * groups
        for place, value in zip(places, added.column(f"{name}_sum").to_pylist(), strict=True):
            found[name][place] = tidied(value) if isinstance(value, Decimal) else value
    return found


def _addable(pa: Any, pc: Any, column: Column) -> Any:
    """A column whose sums Arrow holds exactly, as an Arrow array; ``None`` for all others."""
    kinds = {type(s) for s in column.segments if not (isinstance(s, Same) and s.value is None)}
    samples = {type(s.value) for s in column.segments if isinstance(s, Same)} - {type(None)}
    if Whole in kinds and kinds <= {Whole, Same} and samples <= {int}:
        type_, limit = pa.int64(), INT64[1]
    elif Exact in kinds and kinds <= {Exact, Same} and samples <= {Decimal}:
        type_, limit = pa.decimal128(*MONEY), 10 ** (MONEY[0] - MONEY[1])
    else:
        return None
    try:
        parts = [
            pa.array(list(s), type=type_) if isinstance(s, Same) else s.exact_arrow(pa, type_)  # type: ignore[attr-defined]
            for s in column.segments
        ]
    except pa.ArrowInvalid:  # it has more digits
        return None
    made = pa.chunked_array(parts, type=type_)
    ends = pc.min_max(made).as_py()
    largest = max(abs(ends["min"]), abs(ends["max"]))
    return made if largest * len(column) < limit else None
