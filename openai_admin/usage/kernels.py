"""What totals are computed with, column by column: Arrow where rows are many and it is there.

Either way gives the same numbers, to the last digit, and groups in the order of their first rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, compress
from operator import add
from typing import Any

import attrs

from .columns import MANY, SLICE, Column, same
from .money import plus, tidied
from .segments import Coded, Exact, Index, Listed, Same, Whole


@attrs.frozen(eq=False)
class Codes:
    """A column by numbers.

    Attributes:
        numbers: the number of each row's value.
        values: the values, each once; a few may have no row.
    """

    numbers: array[int]
    values: Sequence[Any]


@attrs.frozen(eq=False)
class Combined:
    """The combinations of values that rows have, numbered in the order of their first rows.

    Attributes:
        numbers: the number of each row's combination.
        parts: the codes of each combination, for each of the columns.
        count: how many combinations there are.
    """

    numbers: array[int]
    parts: Sequence[array[int]]
    count: int


def kernels_for(rows: int) -> ByHand:
    """What so many rows are computed with."""
    if rows < MANY:
        return ByHand()
    try:
        from .arrow_kernels import ByArrow
    except ImportError:
        return ByHand()
    return ByArrow()


class ByHand:
    """Computes in plain Python."""

    def coded(self, column: Sequence[Any]) -> Codes:
        """A column by numbers."""
        index = Index()
        numbers = array("I")
        tables: dict[int, array[int]] = {}  # segments have lists of values in common
        for segment in Column.of(column).segments:
            if isinstance(segment, Same):
                numbers.extend(array("I", [index[segment.value]]) * len(segment))
            elif isinstance(segment, Coded):
                table = tables.get(id(segment.values))
                if table is None:
                    table = array("I", map(index.__getitem__, segment.values))
                    tables[id(segment.values)] = table
                self._translate(segment.codes, table, numbers)
            else:
                numbers.extend(map(index.__getitem__, segment))
        return Codes(numbers, index.values_seen)

    def _translate(self, codes: array[int], table: array[int], to: array[int]) -> None:
        """Add to some numbers those that a table has for codes."""
        to.extend(map(table.__getitem__, codes))

    def combined(self, columns: Sequence[Codes], rows: int) -> Combined:
        """The combinations that rows have of columns; without columns one, of nothing."""
        if columns and not rows:
            return Combined(array("I"), [array("I") for _ in columns], 0)
        numbers, count = self.repeated(0, rows), 1
        parts: list[array[int]] = []
        for column in columns:
            if len(column.values) == 1:
                parts.append(self.repeated(0, count))
                continue
            numbers, left, right = self._paired(numbers, count, column)
            parts = [self.picked(part, left) for part in parts]
            parts.append(right)
            count = len(right)
        return Combined(numbers, parts, count)

    def _paired(
        self, first: array[int], count: int, second: Codes
    ) -> tuple[array[int], array[int], array[int]]:
        """The number of each row's pair of numbers, and both numbers of each pair."""
        many = len(second.values)
        index = Index()
        pairs = second.numbers if count == 1 else _pairs(first, count, second.numbers, many)
        numbers = array("I", map(index.__getitem__, pairs))
        seen = index.values_seen
        return (
            numbers,
            array("I", [pair // many for pair in seen]),
            array("I", [pair % many for pair in seen]),
        )

    def repeated(self, number: int, count: int) -> array[int]:
        """A number, a number of times."""
        return array("I", [number]) * count

    def picked(self, numbers: array[int], places: array[int]) -> array[int]:
        """The numbers at some places."""
        return array("I", map(numbers.__getitem__, places))

    def of_groups(
        self, groups: array[int], count: int, column: Codes, where: bytes | None = None
    ) -> tuple[array[int], dict[int, set[int]]]:
        """A code of each group, and all codes of those groups that have several.

        The code is the number after the last where a group has none.

        Args:
            groups: the number of each row's group.
            count: how many groups there are.
            column: the codes.
            where: a byte for each row, 0 for rows that do not count.
        """
        codes = column.numbers
        if where is not None and 0 in where:
            groups = array("I", compress(groups, where))
            codes = array("I", compress(codes, where))
        found = self.repeated(len(column.values), count)
        for group, code in zip(groups, codes, strict=True):
            found[group] = code
        several: dict[int, set[int]] = {}
        expected = self.picked(found, groups)
        if expected.tobytes() != codes.tobytes():
            _, left, right = self._paired(groups, count, Codes(codes, column.values))
            for group, code in zip(left, right, strict=True):
                if code != found[group]:
                    several.setdefault(group, {found[group]}).add(code)
        return found, several

    def sums(
        self, columns: Mapping[str, Sequence[Any]], groups: array[int], count: int
    ) -> dict[str, Column]:
        """The sum of each column for each group; null where it has only nulls.

        Texts have no sum; the first of each group stands for it.

        Args:
            columns: the columns.
            groups: the number of each row's group.
            count: how many groups there are.
        """
        return {name: _sums(Column.of(each), groups, count) for name, each in columns.items()}

    def ordered(self, column: Column, order: array[int]) -> Column:
        """The values at some places; null where a place is the one after the last."""
        kinds = set(map(type, column.segments))
        if column.sample() is None:
            return same(None, len(order))
        if kinds == {Coded} and len(column.segments) == 1:
            (one,) = column.segments
            return self._ordered_codes(one, order)  # type: ignore[arg-type]
        if kinds == {Exact}:
            texts = [*chain.from_iterable(s.texts() for s in column.segments), ""]  # type: ignore[attr-defined]
            picked = [texts[place] for place in order]
            slices = range(0, len(picked), SLICE)
            return Column(Exact.of_texts(picked[n : n + SLICE]) for n in slices)
        values = [*column, None]
        return packed([values[place] for place in order])

    def _ordered_codes(self, segment: Coded, order: array[int]) -> Column:
        codes = array("I", segment.codes)
        codes.append(len(segment.values))
        return Column([Coded(self.picked(codes, order), [*segment.values, None])])


def packed(values: Sequence[Any]) -> Column:
    """Values in few bytes where they are of one kind."""
    kinds = set(map(type, values)) - {type(None)}
    return Column.packed(values) if len(kinds) < 2 else Column([Listed(values)])


def _pairs(first: array[int], count: int, second: array[int], many: int) -> Iterator[int]:
    """Two numbers of each row as one."""
    return map(add, map(range(0, count * many, many).__getitem__, first), second)


def _sums(column: Column, groups: array[int], count: int) -> Column:
    if column.sample() is None:
        return same(None, count)
    if all(isinstance(s, Whole) or (type(s) is Same and s.value is None) for s in column.segments):
        return _whole_sums(column, groups, count)
    result: list[Any] = [None] * count
    for group, value in zip(groups, column, strict=True):
        before = result[group]
        if before is None:
            result[group] = value
        elif value is None:
            continue
        elif isinstance(value, Decimal):
            result[group] = plus(before, value)
        elif not isinstance(value, str):
            result[group] = before + value
    return packed([tidied(value) if isinstance(value, Decimal) else value for value in result])


def _whole_sums(column: Column, groups: array[int], count: int) -> Column:
    """Sums of whole numbers: a null is kept as 0, which adds nothing."""
    result = [0] * count
    known = bytearray(count)
    at = 0
    for segment in column.segments:
        part = groups[at : at + len(segment)]
        at += len(segment)
        if isinstance(segment, Whole):
            for group, number in zip(part, segment.numbers, strict=True):
                result[group] += number
            for group in set(part if segment.known is None else compress(part, segment.known)):
                known[group] = 1
    try:
        return Column([Whole(array("q", result), None if all(known) else bytes(known))])
    except OverflowError:
        pairs = zip(result, known, strict=True)
        return packed([number if is_known else None for number, is_known in pairs])
