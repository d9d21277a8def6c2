"""Answers how much was used, and what it cost, between any two instants.

The count of a stream's requests from midnight to a second of the day is an integer that never
falls, and a bucket's value is the difference between its ends. So minutes sum to hours and hours
to days exactly, and since groups and filters only add streams, so does every grouping.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from struct import Struct
from typing import Any

import attrs

from .bounded import Bounded
from .endpoints import COST_DIMENSIONS, Endpoint
from .prices import PICO, LineItem, line_items
from .shape import DAY, ONE, Shapes
from .stream import Stream

Dimension = str | bool | None
Key = tuple[Dimension, ...]
Filters = Mapping[str, Collection[Dimension]]
"""Dimension -> the values that are let through; an absent dimension lets all through."""

LANE = 64
"""Bits that each metric has in a packed count: a day of a large organization needs under 50."""

_SHIFT = ONE.bit_length() - 1


@attrs.frozen(eq=False)
class _Counter:
    """A stream, prepared for counting."""

    stream: Stream
    packed: int
    """The metrics of one request as one integer, so that one multiplication counts them all."""
    offset: int
    items: tuple[LineItem, ...]


@attrs.define(eq=False)
class _Total:
    """A sum of costs; its quantity means something where all of it is one line item."""

    unit: str | None
    pico: int = 0
    quantity: Decimal = Decimal(0)

    def add(self, count: int, item: LineItem | _Total) -> None:
        self.pico += count * item.pico
        self.quantity += count * item.quantity


class Meter:
    """The usage and costs of a set of streams, from a seed.

    Times are Unix seconds, days are counted from 1970 (UTC). Nothing after `now` has happened
    yet: what a bucket gets grows while `now` moves through it, and never changes after.
    """

    def __init__(self, streams: Sequence[Stream], *, endpoints: Mapping[str, Endpoint], seed: int):
        self.streams = tuple(streams)
        self._seed = seed
        self._shapes = Shapes(seed)
        self._counters: dict[str, list[_Counter]] = {name: [] for name in endpoints}
        for stream in self.streams:
            metrics = endpoints[stream.endpoint].metrics
            self._counters[stream.endpoint].append(_counter(stream, metrics, seed))
        # Thirteen months, so that going through all of it computes each day once: about 2 MB.
        self._volumes: Bounded[int, dict[str, list[int]]] = Bounded(400)

    def usage(
        self,
        endpoint: Endpoint,
        edges: Sequence[int],
        *,
        group_by: Sequence[str] = (),
        filters: Filters | None = None,
        now: int,
    ) -> list[list[dict[str, Any]]]:
        """Return the result rows of each bucket between two neighbouring `edges`.

        The edges increase, and no bucket spans midnight (UTC). Without `group_by` a bucket has
        at most one row; with it one for each combination that has usage, in a stable order.
        """
        rows: list[list[dict[str, Any]]] = []
        lanes = Struct(f"<{len(endpoint.metrics)}Q")
        fields = ("object", *endpoint.metrics, *endpoint.dimensions)
        for day, day_edges in _by_day(edges):
            sums = self._day(endpoint.name, day, day_edges, group_by, filters or {}, now)
            groups = []
            for key, counts in sorted(sums.items(), key=_order):
                grouped = dict(zip(group_by, key, strict=True))
                groups.append((counts, tuple(map(grouped.get, endpoint.dimensions))))
            for bucket in range(len(day_edges) - 1):
                results = []
                for counts, dimensions in groups:
                    if packed := counts[bucket]:
                        metrics = lanes.unpack(packed.to_bytes(lanes.size, "little"))
                        values = (endpoint.object, *metrics, *dimensions)
                        results.append(dict(zip(fields, values, strict=True)))
                rows.append(results)
        return rows

    def costs(
        self,
        days: Sequence[int],
        *,
        group_by: Sequence[str] = (),
        filters: Filters | None = None,
        now: int,
    ) -> list[list[dict[str, Any]]]:
        """Return the cost rows of each of these days, which are in order.

        `line_item` is a dimension here. Amounts are exact `Decimal` dollars; their sum is the same
        whatever the grouping.
        """
        filters = filters or {}
        bills = [
            (name, index, counter, _bill(counter, group_by, filters))
            for name, counters in self._counters.items()
            for index, counter in enumerate(counters)
            if _passes(counter.stream, filters, besides="line_item")
        ]
        result = []
        for day in days:
            sums: dict[Key, _Total] = {}
            if day * DAY < now:
                volumes = self._volumes.get(day, self._volumes_of)
                part = min(now - day * DAY, DAY)
                for name, index, counter, bill in bills:
                    count = self._count(counter, day, volumes[name][index], part)
                    if count:
                        for key, item in bill.items():
                            sums.setdefault(key, _Total(item.unit)).add(count, item)
            rows = sorted(sums.items(), key=_order)
            result.append([_cost_row(group_by, key, total) for key, total in rows])
        return result

    def line_items(self) -> set[str]:
        """Return the names of all lines that a bill of this organization can have."""
        return {
            item.name
            for counters in self._counters.values()
            for counter in counters
            for item in counter.items
        }

    def last_request(self, stream: Stream, *, now: int) -> int | None:
        """Return the last minute's beginning, in Unix seconds, in which the stream made a request.

        None if it made none in the thirteen months before `now`.
        """
        counter = next(c for c in self._counters[stream.endpoint] if c.stream is stream)
        last = now // DAY
        if stream.until is not None:
            last = min(last, stream.until - 1)
        for day in range(last, max(stream.since, last - 400) - 1, -1):
            volume = stream.volume(day, self._seed)
            if not self._count(counter, day, volume, min(now - day * DAY, DAY)):
                continue
            end = min(now - day * DAY, DAY)
            edges: list[int] = [*range(0, end, 60), end]
            parts = self._shapes.at(stream.shape, day, edges)
            counts = [(volume * part + counter.offset) >> _SHIFT for part in parts]
            minutes = range(len(edges) - 1)
            last_used = max(i for i in minutes if counts[i] < counts[i + 1])
            return day * DAY + edges[last_used]
        return None

    def _day(
        self,
        name: str,
        day: int,
        edges: Sequence[int],
        group_by: Sequence[str],
        filters: Filters,
        now: int,
    ) -> dict[Key, list[int]]:
        """The packed counts of each group in each bucket of one day."""
        midnight = day * DAY
        if edges[0] >= now:
            return {}
        seconds = [min(edge, now) - midnight for edge in edges]
        volumes = self._volumes.get(day, self._volumes_of)[name]
        parts: dict[str, list[int]] = {}
        sums: dict[Key, list[int]] = {}
        for counter, volume in zip(self._counters[name], volumes, strict=True):
            stream = counter.stream
            if not volume or not _passes(stream, filters):
                continue
            if stream.shape not in parts:
                parts[stream.shape] = self._shapes.at(stream.shape, day, seconds)
            key = tuple(stream.dimensions.get(field) for field in group_by)
            packed, offset = counter.packed, counter.offset
            counted = [packed * ((volume * p + offset) >> _SHIFT) for p in parts[stream.shape]]
            before = sums.get(key)
            sums[key] = (
                counted if before is None else [a + b for a, b in zip(before, counted, strict=True)]
            )
        return {key: [b - a for a, b in pairwise(counts)] for key, counts in sums.items()}

    def _count(self, counter: _Counter, day: int, volume: int, seconds: int) -> int:
        """The requests of a day's volume that came before this second of the day."""
        if seconds == DAY or not volume:
            return volume
        (part,) = self._shapes.at(counter.stream.shape, day, [seconds])
        return (volume * part + counter.offset) >> _SHIFT

    def _volumes_of(self, day: int) -> dict[str, list[int]]:
        return {
            name: [counter.stream.volume(day, self._seed) for counter in counters]
            for name, counters in self._counters.items()
        }


def _counter(stream: Stream, metrics: Sequence[str], seed: int) -> _Counter:
    unknown = stream.per_request.keys() - set(metrics)
    if unknown:
        raise ValueError(f"{stream.endpoint} has no metric {', '.join(sorted(unknown))}")
    packed = sum(stream.per_request.get(m, 0) << LANE * i for i, m in enumerate(metrics))
    return _Counter(stream, packed, stream.offset(seed), line_items(stream))


def _by_day(edges: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Each day with its edges; an edge at midnight ends one day and begins the next."""
    current: list[int] = []
    for start, end in pairwise(edges):
        if current and start // DAY != current[0] // DAY:
            yield current[0] // DAY, current
            current = []
        current = current or [start]
        current.append(end)
    if current:
        yield current[0] // DAY, current


def _passes(stream: Stream, filters: Filters, *, besides: str | None = None) -> bool:
    return all(
        stream.dimensions.get(field) in values
        for field, values in filters.items()
        if field != besides
    )


def _bill(counter: _Counter, group_by: Sequence[str], filters: Filters) -> dict[Key, _Total]:
    """What one request of the stream adds to each group."""
    wanted = filters.get("line_item")
    bill: dict[Key, _Total] = {}
    for item in counter.items:
        if wanted is None or item.name in wanted:
            key = tuple(
                item.name if field == "line_item" else counter.stream.dimensions.get(field)
                for field in group_by
            )
            bill.setdefault(key, _Total(item.unit)).add(1, item)
    return bill


def _cost_row(group_by: Sequence[str], key: Key, total: _Total) -> dict[str, Any]:
    itemized = "line_item" in group_by
    return {
        "object": "organization.costs.result",
        "amount": {"value": Decimal(total.pico).scaleb(-PICO), "currency": "usd"},
        **dict.fromkeys(COST_DIMENSIONS),
        **dict(zip(group_by, key, strict=True)),
        "quantity": total.quantity if itemized else None,
        "quantity_unit": total.unit if itemized else None,
    }


def _order(entry: tuple[Key, Any]) -> list[tuple[bool, str]]:
    return [(value is None, str(value)) for value in entry[0]]
