"""Rows of usage as JSON in few bytes, each made again when it is asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Self, overload

import msgspec

Row = dict[str, Any]

_BLOCK = 128  # rows that are packed together: an answer has a few hundred
_FASTEST = 1  # of zlib's levels; rows differ in little, and the best is not a third shorter
_OVERHEAD = 100  # bytes of an object that holds a block
_encode = msgspec.json.Encoder().encode


class PackedRows(Sequence[Row]):
    """Rows, or those of them from one number up to another.

    Args:
        blocks: all rows, packed.
        start: the number of the first.
        stop: the number after the last.
    """

    __slots__ = ("_blocks", "_start", "_stop")

    def __init__(self, blocks: Sequence[bytes], start: int, stop: int) -> None:
        self._blocks, self._start, self._stop = blocks, start, stop

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Rows, packed."""
        blocks = (rows[n : n + _BLOCK] for n in range(0, len(rows), _BLOCK))
        return cls([zlib.compress(_encode(block), _FASTEST) for block in blocks], 0, len(rows))

    @property
    def size(self) -> int:
        """The bytes that all rows take."""
        return sum(len(block) + _OVERHEAD for block in self._blocks)

    def __len__(self) -> int:
        return self._stop - self._start

    def __iter__(self) -> Iterator[Row]:
        first = self._start // _BLOCK
        rows = chain.from_iterable(map(_unpacked, islice(self._blocks, first, None)))
        return islice(rows, self._start - first * _BLOCK, self._stop - first * _BLOCK)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> PackedRows: ...

    def __getitem__(self, index: int | slice) -> Row | PackedRows:
        numbers = range(self._start, self._stop)[index]
        if isinstance(numbers, int):
            return next(iter(PackedRows(self._blocks, numbers, numbers + 1)))
        return PackedRows(self._blocks, numbers.start, numbers.stop)


def _unpacked(block: bytes) -> Iterable[Row]:
    rows: list[Row] = msgspec.json.decode(zlib.decompress(block))
    return rows
