"""What totals are computed with where Arrow is installed."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .._wire.scalars import INT64
from .columns import SLICE, Column, same
from .kernels import ByHand, Codes
from .money import tidied
from .segments import Exact, Same, Whole

_DIGITS = {38: pa.decimal128, 76: pa.decimal256}
"""The most digits of Arrow's decimals, and what makes the type with so many."""

_FEW = 8
"""Rows of a group, from which on finding pairs first is faster than a look at each row."""


class ByArrow(ByHand):
    """Computes with Arrow's kernels, and by hand what they would not add up exactly."""

    def _translate(self, codes: array[int], table: array[int], to: array[int]) -> None:
        types = {1: pa.uint8(), 2: pa.uint16(), 4: pa.uint32()}
        numbers = _wrapped(codes, types[codes.itemsize])
        to.frombytes(_bytes(_wrapped(table).take(numbers)))

    def _paired(
        self, first: array[int], count: int, second: Codes
    ) -> tuple[array[int], array[int], array[int]]:
        many = len(second.values)
        encoded = _pairs(first, second.numbers, many).dictionary_encode()
        pairs = encoded.dictionary
        left = pc.divide(pairs, many)
        right = pc.subtract(pairs, pc.multiply(left, many))
        return _unwrapped(encoded.indices), _unwrapped(left), _unwrapped(right)

    def of_groups(
        self, groups: array[int], count: int, column: Codes, where: bytes | None = None
    ) -> tuple[array[int], dict[int, set[int]]]:
        if count > len(groups) // _FEW:
            return super().of_groups(groups, count, column, where)
        # The same, for each pair of a group and a code once; those that do not count are left out.
        nothing = len(column.values)
        codes = column.numbers
        if where is not None and 0 in where:
            flags = pa.Array.from_buffers(pa.uint8(), len(where), [None, pa.py_buffer(where)])
            flags = flags.cast(pa.bool_())
            groups, codes = (_unwrapped(_wrapped(a).filter(flags)) for a in (groups, codes))
        if not groups:
            return self.repeated(nothing, count), {}
        _, left, right = self._paired(groups, count, Codes(codes, column.values))
        return super().of_groups(left, count, Codes(right, column.values))

    def picked(self, numbers: array[int], places: array[int]) -> array[int]:
        return _unwrapped(_wrapped(numbers).take(_wrapped(places)))

    def sums(
        self, columns: Mapping[str, Sequence[Any]], groups: array[int], count: int
    ) -> dict[str, Column]:
        arrays = {name: _addable(Column.of(each)) for name, each in columns.items()}
        by_arrow = {name: each for name, each in arrays.items() if each is not None}
        found = super().sums({n: c for n, c in columns.items() if n not in by_arrow}, groups, count)
        if by_arrow:
            table = pa.table([_wrapped(groups), *by_arrow.values()], ["", *by_arrow])
            added = table.group_by("", use_threads=False).aggregate([(n, "sum") for n in by_arrow])
            # Groups are numbered in the order of their first rows, which is Arrow's as well.
            for name in by_arrow:
                found[name] = _column(added.column(f"{name}_sum").combine_chunks())
        return {name: found[name] for name in columns}

    def ordered(self, column: Column, order: array[int]) -> Column:
        if len(column.segments) != 1 or not isinstance(column.segments[0], Whole):
            return super().ordered(column, order)
        places = _wrapped(order)
        places = pc.if_else(pc.equal(places, len(column)), None, places)
        return _column(column.segments[0].exact_arrow(pa, pa.int64()).take(places))


def _wrapped(numbers: array[int], type: Any = None) -> Any:
    """Numbers as an Arrow array, without a copy."""
    buffers = [None, pa.py_buffer(numbers)]
    return pa.Array.from_buffers(type or pa.uint32(), len(numbers), buffers)


def _bytes(values: Any) -> memoryview:
    """The bytes of the numbers of an Arrow array, none of which is null."""
    width = values.type.bit_width // 8
    data = memoryview(values.buffers()[1]) if len(values) else memoryview(b"")
    return data[values.offset * width : (values.offset + len(values)) * width]


def _unwrapped(values: Any) -> array[int]:
    numbers = array("I")
    numbers.frombytes(_bytes(values.cast(pa.uint32())))
    return numbers


def _pairs(first: array[int], second: array[int], many: int) -> Any:
    """Two numbers of each row as one."""
    left = pc.multiply(_wrapped(first).cast(pa.int64()), many)
    return pc.add(left, _wrapped(second).cast(pa.int64()))


def _addable(column: Column) -> Any:
    """A column whose sums Arrow holds exactly, as an Arrow array; ``None`` for all others."""
    kinds = {type(s) for s in column.segments if not (isinstance(s, Same) and s.value is None)}
    samples = {type(s.value) for s in column.segments if isinstance(s, Same)} - {type(None)}
    if kinds <= {Whole, Same} and samples <= {int} and kinds:
        return _whole(column)
    if kinds <= {Exact, Same} and samples <= {Decimal} and kinds:
        return _exact(column)
    return None


def _whole(column: Column) -> Any:
    kind = pa.int64()
    try:
        parts = [
            s.exact_arrow(pa, kind) if isinstance(s, Whole) else s.arrow(pa, kind)
            for s in column.segments
        ]
    except OverflowError:
        return None
    made = pa.chunked_array(parts, type=kind)
    ends = pc.min_max(made).as_py()
    largest = max(abs(ends["min"]), abs(ends["max"]))
    return made if largest * len(column) <= INT64[1] else None


def _exact(column: Column) -> Any:
    """Decimals of as many digits as the sum of all may have, at the most."""
    parts = []
    for segment in column.segments:
        if isinstance(segment, Exact):
            parts.append(segment.text_array(pa))
        elif isinstance(segment, Same):
            text = None if segment.value is None else f"{segment.value:f}"
            parts.append(pa.repeat(pa.scalar(text, type=pa.string()), segment.count))
    made = pa.chunked_array(parts, type=pa.string())
    lengths, dots = pc.binary_length(made), pc.find_substring(made, ".")
    is_whole = pc.less(dots, 0)
    before = pc.max(pc.if_else(is_whole, lengths, dots)).as_py()
    places = pc.max(pc.if_else(is_whole, 0, pc.subtract(pc.subtract(lengths, dots), 1))).as_py()
    needed = before + places + len(str(len(column)))
    for digits, kind in _DIGITS.items():
        if needed <= digits:
            return made.cast(kind(digits, places))
    return None


def _column(values: Any) -> Column:
    """Sums as a column."""
    if values.null_count == len(values):
        return same(None, len(values))
    if pa.types.is_decimal(values.type):
        return _decimals(values)
    known = None
    if values.null_count:
        known = bytes(_bytes(values.is_valid().cast(pa.uint8())))
        values = values.fill_null(0)
    numbers = array("q")
    numbers.frombytes(_bytes(values))
    return Column([Whole(numbers, known)])


def _decimals(values: Any) -> Column:
    """Decimals as text in normal form."""
    texts = values.cast(pa.string()).fill_null("")
    if values.type.scale:
        scientific = pc.match_substring(texts, "E")
        odd = [f"{tidied(Decimal(t)):f}" for t in texts.filter(scientific).to_pylist()]
        plain = pc.ascii_rtrim(pc.ascii_rtrim(texts, characters="0"), characters=".")
        texts = pc.replace_with_mask(plain, scientific, pa.array(odd, type=pa.string()))
    ends = [*range(0, len(texts), SLICE), len(texts)]
    slices = pc.binary_join(pa.ListArray.from_arrays(ends, texts), ",").to_pylist()
    return Column(Exact(t, b - a) for t, (a, b) in zip(slices, pairwise(ends), strict=True))
