"""Rows of usage in columns, instead of the models that they were decoded into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, groupby, islice
from typing import Any, cast, overload

import anyio
import attrs
from msgspec.structs import astuple

from .._transport.aside import Aside
from .._transport.concurrency import LANE
from ..resources.usage.results import Cost, CostAmount, UsageBucket
from .columns import SLICE, Column
from .endpoints import Endpoint
from .folding import PartOf, folded
from .segments import Index, Segment, segment_of, spread

Buckets = Sequence[UsageBucket[Any]]

_FEW = 1000  # rows that are packed where they are: a worker would take longer

_BLOCK = 256  # rows: with more of them, garbage is collected while they are read

_AMOUNT = ("amount", "currency")


@attrs.frozen(eq=False)
class Packed:
    """The rows of an endpoint, by their fields.

    Attributes:
        row: the class of the rows.
        columns: by field, an amount's currency in one of its own.
    """

    row: type
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
    """Puts rows into columns; texts of all that it packs are kept once.

    Args:
        aside: where many rows are packed, in turn with the decoding of others.
        part_of: the part of time that a bucket is counted to, where its rows are to be added up
            (see `folded`).
    """

    def __init__(self, aside: Aside | None = None, part_of: PartOf | None = None) -> None:
        self._aside = aside or Aside()
        self._part_of = part_of
        self._indexes: dict[str, Index] = {}
        self._lock = anyio.Lock()  # the indexes are of all windows, which come at once

    async def pack(
        self, endpoint: Endpoint, buckets: list[UsageBucket[Any]]
    ) -> list[UsageBucket[Any]]:
        """The same buckets, with their rows packed; in a worker where they are many.

        Args:
            endpoint: whose they are.
            buckets: the buckets, whose list is emptied, so that rows are freed in the worker.
        """
        async with self._lock:
            if sum(len(bucket.results) for bucket in buckets) < _FEW:
                return self._packed(endpoint, buckets)
            # In turns of its own: what was decoded must not wait for all that came to be decoded.
            lane = LANE.set(self)
            try:
                return cast("list[Any]", await self._aside.run(self._packed, endpoint, buckets))
            finally:
                LANE.reset(lane)

    def _packed(
        self, endpoint: Endpoint, buckets: list[UsageBucket[Any]]
    ) -> list[UsageBucket[Any]]:
        if self._part_of is not None:
            buckets = folded(self._part_of, endpoint, buckets)
        spans: list[tuple[datetime, datetime, int]] = []
        last: datetime | None = None
        for bucket in buckets:
            # Times of their own: those of the answer lie in memory between its rows, which they
            # would keep from being given back.
            start = bucket.start_time.replace() if bucket.start_time != last else last
            last = bucket.end_time.replace()
            spans.append((start, last, len(bucket.results)))
        packed = self.columns(endpoint.row, [bucket.results for bucket in buckets])
        while buckets:  # only now, so that what is kept is not in between what is freed
            buckets.pop()
        made, at = [], 0
        for start, end, count in spans:
            results = cast("list[Any]", PackedRows(packed, at, at + count))
            made.append(UsageBucket(start_time=start, end_time=end, results=results))
            at += count
        return made

    def columns(self, row: type, lists: Iterable[Iterable[Any]]) -> Packed:
        """The rows of several lists in columns."""
        names = _names(row)
        fields = len(names)
        if row is Cost:
            names.append("currency")
        segments: dict[str, list[Segment]] = {name: [] for name in names}
        rows = chain.from_iterable(lists)
        while any(values := _transposed(rows, fields)):
            if row is Cost:
                at = names.index("amount")
                values.append([amount and amount.currency for amount in values[at]])
                values[at] = [amount and amount.value for amount in values[at]]
            for name, column in zip(names, values, strict=True):
                segments[name].append(segment_of(column, partial(self._index, name)))
        return Packed(row, {name: Column(parts) for name, parts in segments.items()})

    def _index(self, name: str) -> Index:
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = Index()
        return index


def _names(row: type) -> list[str]:
    struct: Any = row
    return list(struct.__struct_fields__)


def _transposed(rows: Iterator[Any], fields: int) -> list[list[Any]]:
    """The values of each field of the next `SLICE` rows, in lists that are empty at the end."""
    columns: list[list[Any]] = [[] for _ in range(fields)]
    for _ in range(SLICE // _BLOCK):
        block = zip(*map(astuple, islice(rows, _BLOCK)), strict=True)
        for column, values in zip(columns, block, strict=False):  # at the end there is no block
            column.extend(values)
    return columns


def runs(row: type, buckets: Buckets) -> list[tuple[Packed, int, int]]:
    """The packed rows of buckets, in as few stretches as they are in; others are packed."""
    packer = Packer()
    found: list[tuple[Packed, int, int]] = []
    for is_packed, group in groupby(buckets, lambda bucket: _are_packed(bucket.results)):
        if not is_packed:
            lists = [bucket.results for bucket in group]
            found.append((packer.columns(row, lists), 0, sum(map(len, lists))))
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
