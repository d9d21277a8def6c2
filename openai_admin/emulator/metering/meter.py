"""Answers how much was used, and what it cost, between any two instants.

The count of a stream's requests from midnight to a second of the day is an integer that never
falls, and a bucket's value is the difference between its ends. So minutes sum to hours and hours
to days exactly, and since groups and filters only add streams, so does every grouping.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import pairwise
from operator import add
from typing import Any

import attrs

from .bounded import Bounded
from .bursts import Added, Burst
from .counters import Counter, Counters, Dimension, Filters
from .endpoints import Endpoint
from .prices import LineItem
from .rows import UNIT, CostRows, UsageRows, array, read
from .shape import DAY, ONE, Shapes
from .stream import Stream

_Key = tuple[Dimension, ...]
_Asked = tuple[str, tuple[str, ...], tuple[tuple[str, frozenset[Dimension]], ...]]
"""Of what, grouped by what, and with which filters."""
_Parts = Callable[[str], list[int]]
_QUERIES = 6
_SHIFT = ONE.bit_length() - 1


@attrs.frozen(eq=False)
class _Share:
    """What one request of a counter adds to one group of costs."""

    group: int
    pico: int
    quantity: int
    """In `UNIT`."""


_Bill = tuple[Counters, list[tuple[Counter, list[_Share]]]]
"""The counters of an endpoint, each with what one request adds."""


class Meter:
    """The usage and costs of a set of streams, from a seed.

    Times are Unix seconds, days are counted from 1970 (UTC). Nothing after `now` has happened
    yet: what a bucket gets grows while `now` moves through it, and never changes after. `bursts`
    are what some keys use beside that.

    Rows are JSON text; `usage` and `costs` read what `usage_json` and `costs_json` write.
    """

    def __init__(self, streams: Sequence[Stream], *, endpoints: Mapping[str, Endpoint], seed: int):
        self.streams = tuple(streams)
        self._shapes = Shapes(seed)
        by_endpoint: dict[str, list[Stream]] = {name: [] for name in endpoints}
        for stream in self.streams:
            by_endpoint[stream.endpoint].append(stream)
        self._counters = {
            name: Counters(endpoints[name], streams, seed) for name, streams in by_endpoint.items()
        }
        self._counter_of = {c.stream: c for each in self._counters.values() for c in each.all}
        self._rows = {name: UsageRows(endpoint) for name, endpoint in endpoints.items()}
        # A query is asked page by page, and beside a few others.
        self._groups: Bounded[_Asked, list[tuple[bytes, list[Counter]]]] = Bounded(_QUERIES)
        self._billed: Bounded[_Asked, tuple[list[CostRows], list[_Bill]]] = Bounded(_QUERIES)

    def usage(
        self,
        endpoint: Endpoint,
        edges: Sequence[int],
        *,
        group_by: Sequence[str] = (),
        filters: Filters | None = None,
        now: int,
        bursts: Sequence[Burst] = (),
    ) -> list[list[dict[str, Any]]]:
        """Return the result rows of each bucket between two neighbouring `edges`.

        The edges increase, and no bucket spans midnight (UTC). Without `group_by` a bucket has
        at most one row; with it one for each combination that has usage, in a stable order.
        """
        texts = self.usage_json(
            endpoint, edges, group_by=group_by, filters=filters, now=now, bursts=bursts
        )
        return [read(text) for text in texts]

    def usage_json(
        self,
        endpoint: Endpoint,
        edges: Sequence[int],
        *,
        group_by: Sequence[str] = (),
        filters: Filters | None = None,
        now: int,
        bursts: Sequence[Burst] = (),
    ) -> list[bytes]:
        """Return what `usage` does, each bucket's rows as a JSON array."""
        counters, rows = self._counters[endpoint.name], self._rows[endpoint.name]
        asked = _asked(endpoint.name, group_by, filters)
        groups = self._groups.get(asked, self._usage_groups)
        texts: list[bytes] = []
        for day, day_edges in _by_day(edges):
            buckets: list[list[bytes]] = [[] for _ in day_edges[1:]]
            if day_edges[0] < now:
                volume = counters.volumes(day)
                seconds = [min(edge, now) - day * DAY for edge in day_edges]
                parts, added = self._parts(day, seconds), self._added(bursts, day, seconds)
                for tail, members in groups:
                    packed, counts = _counted(members, volume, parts, added)
                    heads = rows.heads(packed)
                    for bucket, times in zip(buckets, counts, strict=False):
                        if times:
                            bucket.append(heads[times] + tail)
            texts += map(array, buckets)
        return texts

    def costs(
        self,
        days: Sequence[int],
        *,
        group_by: Sequence[str] = (),
        filters: Filters | None = None,
        now: int,
        bursts: Sequence[Burst] = (),
    ) -> list[list[dict[str, Any]]]:
        """Return the cost rows of each of these days, which are in order.

        `line_item` is a dimension here. Amounts are exact dollars (`Decimal`, or `int` where they
        are whole); their sum is the same whatever the grouping.
        """
        texts = self.costs_json(days, group_by=group_by, filters=filters, now=now, bursts=bursts)
        return [read(text) for text in texts]

    def costs_json(
        self,
        days: Sequence[int],
        *,
        group_by: Sequence[str] = (),
        filters: Filters | None = None,
        now: int,
        bursts: Sequence[Burst] = (),
    ) -> list[bytes]:
        """Return what `costs` does, each day's rows as a JSON array."""
        groups, bills = self._billed.get(_asked("costs", group_by, filters), self._bills)
        texts = []
        for day in days:
            rows: list[bytes] = []
            if day * DAY < now:
                pico, quantity = [0] * len(groups), [0] * len(groups)
                seconds = [min(now - day * DAY, DAY)]
                parts, added = self._parts(day, seconds), self._added(bursts, day, seconds)
                for counters, shares in bills:
                    volume = counters.volumes(day)
                    for counter, of_one in shares:
                        (part,) = parts(counter.stream.shape)
                        count = (volume(counter) * part + counter.offset) >> _SHIFT
                        count += sum(added.to(counter) or ())
                        if count:
                            for share in of_one:
                                pico[share.group] += count * share.pico
                                quantity[share.group] += count * share.quantity
                totals = zip(groups, pico, quantity, strict=True)
                rows = [group.row(spent, count) for group, spent, count in totals if count]
            texts.append(array(rows))
        return texts

    @cached_property
    def line_items(self) -> frozenset[str]:
        """The names of all lines that a bill of this organization can have."""
        return frozenset(
            item.name
            for counters in self._counters.values()
            for counter in counters.all
            for item in counter.items
        )

    @cached_property
    def key_ids(self) -> frozenset[str]:
        """The ids of all keys that something is counted for."""
        ids = (stream.dimensions.get("api_key_id") for stream in self.streams)
        return frozenset(id for id in ids if isinstance(id, str))

    def last_request(self, stream: Stream, *, now: int) -> int | None:
        """Return the last minute's beginning, in Unix seconds, in which the stream made a request.

        None if it made none in the thirteen months before `now`.
        """
        counter = self._counter_of[stream]
        last = now // DAY
        if stream.until is not None:
            last = min(last, stream.until - 1)
        for day in range(last, max(stream.since, last - 400) - 1, -1):
            end = min(now - day * DAY, DAY)
            count = partial(self._count, counter, day)
            total = count(end)
            if total:
                minutes = range(0, end, 60)
                # Before the last minute that had a request there were fewer than in all.
                return day * DAY + minutes[bisect_left(minutes, total, key=count) - 1]
        return None

    def _count(self, counter: Counter, day: int, second: int) -> int:
        """The requests of a day that came before this second of it."""
        return self._counts(day, counter, [second])[0]

    def _counts(self, day: int, counter: Counter, seconds: Sequence[int]) -> list[int]:
        """The requests of a day that came before each of these seconds of it."""
        volume = self._counters[counter.stream.endpoint].volumes(day)(counter)
        parts = self._shapes.at(counter.stream.shape, day, seconds)
        return [(volume * part + counter.offset) >> _SHIFT for part in parts]

    def _added(self, bursts: Sequence[Burst], day: int, seconds: Sequence[int]) -> Added:
        return Added(bursts, day, seconds, partial(self._counts, day))

    def _parts(self, day: int, seconds: Sequence[int]) -> _Parts:
        """The part of a day's volume before each of these seconds, by shape."""
        return cache(lambda shape: self._shapes.at(shape, day, seconds))

    def _usage_groups(self, asked: _Asked) -> list[tuple[bytes, list[Counter]]]:
        """The end of each group's rows, and who is in the group, in the order of the rows."""
        name, group_by, filters = asked
        groups: dict[_Key, list[Counter]] = {}
        for counter in self._counters[name].chosen(dict(filters)):
            key = tuple(map(counter.stream.dimensions.get, group_by))
            groups.setdefault(key, []).append(counter)
        tail = self._rows[name].tail
        return [
            (tail(dict(zip(group_by, key, strict=True))), groups[key])
            for key in sorted(groups, key=_order)
        ]

    def _bills(self, asked: _Asked) -> tuple[list[CostRows], list[_Bill]]:
        """The groups in the order of their rows, and what each counter adds to which of them."""
        _, group_by, filters = asked
        others = dict(filters)
        wanted = others.pop("line_item", None)
        units: dict[_Key, str | None] = {}
        bills: list[tuple[Counters, list[tuple[Counter, list[tuple[_Key, LineItem]]]]]] = []
        for counters in self._counters.values():
            of_counters = []
            for counter in counters.chosen(others):
                items = [i for i in counter.items if wanted is None or i.name in wanted]
                dimensions = dict(counter.stream.dimensions)
                keyed = []
                for item in items:
                    dimensions["line_item"] = item.name
                    keyed.append((tuple(map(dimensions.get, group_by)), item))
                    units.setdefault(keyed[-1][0], item.unit)
                of_counters.append((counter, keyed))
            bills.append((counters, of_counters))
        ordered = sorted(units, key=_order)
        places = {key: place for place, key in enumerate(ordered)}
        groups = [CostRows(dict(zip(group_by, key, strict=True)), units[key]) for key in ordered]
        return groups, [
            (
                counters,
                [(counter, _shares(keyed, places)) for counter, keyed in of_counters],
            )
            for counters, of_counters in bills
        ]


def _shares(keyed: Iterable[tuple[_Key, LineItem]], places: Mapping[_Key, int]) -> list[_Share]:
    """What one request adds to each group that it adds to."""
    shares: dict[int, _Share] = {}
    for key, item in keyed:
        group, pico, quantity = places[key], item.pico, int(item.quantity * UNIT)
        if group in shares:
            pico, quantity = pico + shares[group].pico, quantity + shares[group].quantity
        shares[group] = _Share(group, pico, quantity)
    return list(shares.values())


def _counted(
    members: Iterable[Counter], volume: Callable[[Counter], int], parts: _Parts, added: Added
) -> tuple[int, list[int]]:
    """What a group used in each bucket of one day: so many times some packed metrics.

    These are those of one request where the requests are all of one kind, else one, and the
    times are packed. There are none if it is not active.
    """
    active = [(counter, requests) for counter in members if (requests := volume(counter))]
    kinds = {counter.packed for counter, _ in active}
    alike = len(kinds) == 1
    sums: list[int] = []
    for counter, requests in active:
        offset = counter.offset
        passed = [(requests * part + offset) >> _SHIFT for part in parts(counter.stream.shape)]
        if (more := added.to(counter)) is not None:
            passed = list(map(add, passed, more))
        times = [end - start for start, end in pairwise(passed)]
        if not alike:
            times = [counter.packed * count for count in times]
        sums = list(map(add, sums, times)) if sums else times
    return kinds.pop() if alike else 1, sums


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


def _asked(name: str, group_by: Sequence[str], filters: Filters | None) -> _Asked:
    chosen = ((field, frozenset(values)) for field, values in (filters or {}).items())
    return name, tuple(group_by), tuple(chosen)


def _order(key: _Key) -> list[tuple[bool, str]]:
    return [(value is None, str(value)) for value in key]
