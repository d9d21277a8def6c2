"""A column of a table, kept in segments that take few bytes, its values made when asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, overload

from .segments import Coded, Exact, Index, Listed, Same, Segment, Whole, segment_of

SLICE = 8192
"""The most rows that are worked on at once: a column of them takes a millisecond or so."""

MANY = 20_000
"""Rows that are worth importing Arrow for, which takes as long as adding up so many by hand."""

_SHOWN = 20  # values in a repr


class Column(Sequence[Any]):
    """The values of a column, in order. It is read as a list is, and cannot be changed.

    Args:
        segments: they have the values.
    """

    __slots__ = ("_ends", "_segments")

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._segments = [segment for segment in segments if len(segment)]
        self._ends = list(accumulate(map(len, self._segments)))

    @classmethod
    def of(cls, values: Sequence[Any]) -> Column:
        """Any values as a column."""
        return values if isinstance(values, Column) else cls([Listed(values)])

    @classmethod
    def packed(cls, values: Sequence[Any]) -> Column:
        """Values of one kind, null among them, in few bytes."""
        index = Index()
        slices = (values[n : n + SLICE] for n in range(0, len(values), SLICE))
        return cls(segment_of(part, lambda: index) for part in slices)

    @property
    def segments(self) -> Sequence[Segment]:
        """What it is made of; none of them is empty."""
        return self._segments

    @property
    def ends(self) -> Sequence[int]:
        """The number of the row after each segment."""
        return self._ends

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self._segments)

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError("the column has no such row")
        number = bisect_right(self._ends, at)
        return self._segments[number][at - (self._ends[number - 1] if number else 0)]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str | bytes) or not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    # It is equal to lists, which have no hash either.
    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self._segments,)

    def __repr__(self) -> str:
        if len(self) <= _SHOWN:
            return repr(list(self))
        return f"<Column of {len(self):,} values: {', '.join(map(repr, self[:3]))}, …>"

    def sample(self) -> Any:
        """A value that is not null; ``None`` if there is none."""
        return next((v for s in self._segments for v in s.distinct() if v is not None), None)

    def cut(self, start: int, stop: int) -> Iterator[Segment]:
        """The segments from one row up to another."""
        number = bisect_right(self._ends, start)
        while start < stop:
            segment, end = self._segments[number], self._ends[number]
            begin, until = end - len(segment), min(end, stop)
            whole = start == begin and until == end
            yield segment if whole else segment.cut(start - begin, until - begin)
            start, number = until, number + 1

    def mapped(self, function: Callable[[Any], Any]) -> Column:
        """A column of what a function makes of each value; it is called for few of those alike."""
        lists: dict[int, list[Any]] = {}  # segments have lists of values in common
        made: list[Segment] = []
        for segment in self._segments:
            if not isinstance(segment, Coded):
                made.append(segment.mapped(function))
                continue
            place = id(segment.values)
            if place not in lists:
                lists[place] = list(map(function, segment.values))
            made.append(Coded(segment.codes, lists[place]))
        return Column(made)

    def only(self, rows: Sequence[int]) -> Column:
        """A column of some rows, by their numbers."""
        values = list(self)
        return Column.packed([values[n] for n in rows])


def only(column: Sequence[Any], rows: Sequence[int]) -> Sequence[Any]:
    """Some rows of a column, by their numbers."""
    return column.only(rows) if isinstance(column, Column) else [column[n] for n in rows]


def mapped(column: Sequence[Any], function: Callable[[Any], Any]) -> Sequence[Any]:
    """What a function makes of each value of a column."""
    return column.mapped(function) if isinstance(column, Column) else list(map(function, column))


def blocks(columns: Sequence[Column]) -> Iterator[tuple[int, int]]:
    """Where to cut columns of one length, so that each piece of each is in one segment."""
    borders = sorted({end for column in columns for end in column.ends})
    for start, stop in pairwise([0, *borders]):
        for at in range(start, stop, SLICE):
            yield at, min(at + SLICE, stop)


def present(column: Sequence[Any]) -> bytes:
    """A byte for each value of a column: 0 for null, else 1."""
    return b"".join([segment.present() for segment in Column.of(column).segments])


def filled(column: Column, where: bytes, value: Any) -> Column:
    """A column with a value in place of its nulls.

    Args:
        column: the column.
        where: a byte for each value, 0 where null stays.
        value: the value.
    """
    made: list[Segment] = []
    at = 0
    for segment in column.segments:
        part = where[at : at + len(segment)]
        at += len(segment)
        if isinstance(segment, Whole) and value == 0:
            made.append(segment.known_too(part))
        elif isinstance(segment, Exact):
            pairs = zip(segment.texts(), part, strict=True)
            made.append(Exact.of_texts([t or (str(value) if so else t) for t, so in pairs]))
        elif any(part):
            rows = zip(segment, part, strict=True)
            values = [value if old is None and so else old for old, so in rows]
            made += Column.packed(values).segments
        else:
            made.append(segment)
    return Column(made)


def same(value: Any, count: int) -> Column:
    """A column of one value."""
    return Column([Same(value, count)])


def joined(columns: Iterable[Sequence[Any]]) -> Column:
    """One column after another."""
    return Column(segment for column in columns for segment in Column.of(column).segments)
