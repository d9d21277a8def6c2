"""Rows of usage in columns, instead of the models that they were decoded into."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, cast, overload

import anyio.to_thread
import attrs

from .._wire.rows import Row
from ..resources.usage.results import Cost, CostAmount, UsageBucket
from .columns import SLICE, Column
from .segments import Index, Segment, segment_of, spread

Buckets = Sequence[UsageBucket[Any]]

_FEW = 1000  # rows that are packed where they are: a worker would take longer

_AMOUNT = ("amount", "currency")


@attrs.frozen(eq=False)
class Packed:
    """The rows of an endpoint, by their fields.

    Attributes:
        row: the class of the rows.
        columns: by field, an amount's currency in one of its own.
    """

    row: type[Row]
    columns: Mapping[str, Column]

    def rows(self, start: int, stop: int) -> Iterator[Any]:
        """The rows from one number up to another, made anew."""
        names = list(self.columns)
        parts = [chain.from_iterable(c.cut(start, stop)) for c in self.columns.values()]
        for values in zip(*parts, strict=True):
            fields = dict(zip(names, values, strict=True))
            if self.row is Cost:
                value, currency = (fields.pop(name) for name in _AMOUNT)
                known = value is not None or currency is not None
                fields["amount"] = CostAmount(value=value, currency=currency) if known else None
            yield self.row(**fields)


class PackedRows(Sequence[Any]):
    """The rows of a bucket, each made when it is asked for."""

    __slots__ = ("packed", "start", "stop")

    def __init__(self, packed: Packed, start: int, stop: int) -> None:
        self.packed, self.start, self.stop = packed, start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[Any]:
        return self.packed.rows(self.start, self.stop)

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        return list(self)[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | PackedRows):
            return NotImplemented
        return list(self) == list(other)

    # It is equal to lists, which have no hash either.
    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return PackedRows, (self.packed, self.start, self.stop)


class Packer:
    """Puts rows into columns; texts of all that it packs are kept once."""

    def __init__(self) -> None:
        self._indexes: dict[str, Index] = {}
        self._lock = threading.Lock()  # the indexes are of all windows, which come at once

    async def pack(self, row: type[Row], buckets: Buckets) -> list[UsageBucket[Any]]:
        """The same buckets, with their rows packed; in a worker where they are many."""
        if sum(len(bucket.results) for bucket in buckets) < _FEW:
            return self.packed(row, buckets)
        return await anyio.to_thread.run_sync(self.packed, row, buckets)

    def packed(self, row: type[Row], buckets: Buckets) -> list[UsageBucket[Any]]:
        """The same buckets, with their rows packed."""
        rows = list(chain.from_iterable(bucket.results for bucket in buckets))
        with self._lock:
            packed = self.columns(row, rows)
        made, start = [], 0
        for bucket in buckets:
            stop = start + len(bucket.results)
            results = cast("list[Any]", PackedRows(packed, start, stop))
            made.append(
                UsageBucket(start_time=bucket.start_time, end_time=bucket.end_time, results=results)
            )
            start = stop
        return made

    def columns(self, row: type[Row], rows: Sequence[Any]) -> Packed:
        """Rows in columns."""
        names = [name for name in row.__struct_fields__ if name != "object"]
        read = attrgetter(*names)
        if row is Cost:
            names.append("currency")
        segments: dict[str, list[Segment]] = {name: [] for name in names}
        for at in range(0, len(rows), SLICE):
            values = list(zip(*map(read, rows[at : at + SLICE]), strict=True))
            if row is Cost:
                amounts = values[names.index("amount")]
                values[names.index("amount")] = tuple([a and a.value for a in amounts])
                values.append(tuple([a and a.currency for a in amounts]))
            for name, column in zip(names, values, strict=True):
                segments[name].append(segment_of(column, partial(self._index, name)))
        return Packed(row, {name: Column(parts) for name, parts in segments.items()})

    def _index(self, name: str) -> Index:
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = Index()
        return index


def runs(row: type[Row], buckets: Buckets) -> list[tuple[Packed, int, int]]:
    """The packed rows of buckets, in as few stretches as they are in; others are packed."""
    packer = Packer()
    found: list[tuple[Packed, int, int]] = []
    for is_packed, group in groupby(buckets, lambda bucket: _are_packed(bucket.results)):
        if not is_packed:
            rows = list(chain.from_iterable(bucket.results for bucket in group))
            found.append((packer.columns(row, rows), 0, len(rows)))
            continue
        for bucket in group:
            part = cast("PackedRows", bucket.results)
            if found and found[-1][0] is part.packed and found[-1][2] == part.start:
                found[-1] = (part.packed, found[-1][1], part.stop)
            else:
                found.append((part.packed, part.start, part.stop))
    return found


def _are_packed(rows: Any) -> bool:
    return isinstance(rows, PackedRows)


def by_bucket(values: Iterable[Any], buckets: Buckets) -> Column:
    """A value of each bucket beside each of its rows."""
    return Column([spread(list(values), [len(bucket.results) for bucket in buckets])])
