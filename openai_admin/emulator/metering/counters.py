"""The streams of an organization as they are counted: chosen by filters, a day's volume each."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import attrs

from .bounded import Bounded
from .endpoints import Endpoint
from .prices import LineItem, line_items
from .stream import Stream

Dimension = str | bool | None
Filters = Mapping[str, Collection[Dimension]]
"""Dimension -> the values that are let through; an absent dimension lets all through."""

LANE = 64
"""Bits that each metric has in a packed count: a day of a large organization needs under 50."""

_UNKNOWN = -1


@attrs.frozen(eq=False)
class Counter:
    """A stream, prepared for counting."""

    stream: Stream
    place: int
    """Its place among those of its endpoint."""
    packed: int
    """The metrics of one request as one integer, so that one multiplication counts them all."""
    offset: int
    items: tuple[LineItem, ...]


class Counters:
    """The counters of one endpoint.

    A filter is looked up: an organization of ten thousand keys has as many streams, and a query
    for one project is about five of them. A day's volumes are computed one by one as they are
    asked for, and kept for thirteen months, so that going through all of it computes each once.
    """

    def __init__(self, endpoint: Endpoint, streams: Iterable[Stream], seed: int) -> None:
        self.all = [_counter(endpoint, place, s, seed) for place, s in enumerate(streams)]
        self._seed = seed
        self._places: dict[str, dict[Dimension, list[int]]] = {}
        self._volumes: Bounded[int, array[int]] = Bounded(400)

    def chosen(self, filters: Filters) -> Sequence[Counter]:
        """Those whose streams pass the filters, in their order."""
        if not filters:
            return self.all
        rarest = min((self._of(*filter) for filter in filters.items()), key=len)
        return [self.all[place] for place in rarest if _passes(self.all[place].stream, filters)]

    def volumes(self, day: int) -> Callable[[Counter], int]:
        """How many requests each of them has on a day."""
        known = self._volumes.get(day, self._none_known)

        def volume(counter: Counter) -> int:
            requests = known[counter.place]
            if requests == _UNKNOWN:
                requests = known[counter.place] = counter.stream.volume(day, self._seed)
            return requests

        return volume

    def _none_known(self, _day: int) -> array[int]:
        return array("q", [_UNKNOWN]) * len(self.all)

    def _of(self, field: str, values: Collection[Dimension]) -> list[int]:
        """The places of those with one of these values in a field."""
        places = self._places.get(field)
        if places is None:
            places = self._places[field] = {}
            for counter in self.all:
                places.setdefault(counter.stream.dimensions.get(field), []).append(counter.place)
        return sorted(place for value in set(values) for place in places.get(value, ()))


def _counter(endpoint: Endpoint, place: int, stream: Stream, seed: int) -> Counter:
    unknown = stream.per_request.keys() - set(endpoint.metrics)
    if unknown:
        raise ValueError(f"{stream.endpoint} has no metric {', '.join(sorted(unknown))}")
    metrics = enumerate(endpoint.metrics)
    packed = sum(stream.per_request.get(m, 0) << LANE * i for i, m in metrics)
    return Counter(stream, place, packed, stream.offset(seed), line_items(stream))


def _passes(stream: Stream, filters: Filters) -> bool:
    return all(stream.dimensions.get(field) in values for field, values in filters.items())
