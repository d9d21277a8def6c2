"""All keys of an organization watched: what came, judged key by key, without any request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Self

import attrs

from .bars import Floor
from .bursts import SETTLED, Burst, KeyWatch
from .history import History, Place
from .prices import Counts, Prices
from .reading import Stretch, Used, unknown_in
from .rhythm import Usual

DAY = 1440
_SLOW = 30
"""Minutes that an endpoint may be behind the others before its silence counts as such."""
_FILLING = 5
"""Minutes before the latest one in which counts may still rise."""
_TOKENS = 500_000
"""Tokens that are taken to be worth a dollar where nothing is known of costs."""
_LEAST_OVERLAP = 20

Model = str | None


@attrs.frozen
class Found:
    """A burst of a key.

    Attributes:
        place: the key and its project.
        burst: the burst.
        models: what was used of each model from its first to its last minute, as far as these
            minutes are still kept.
        lately: what was used in the last complete minutes.
        minutes: how many these are.
        is_new: whether the key has no history of its own.
    """

    place: Place
    burst: Burst
    models: Mapping[Model, Counts]
    lately: Mapping[Model, Counts]
    minutes: int
    is_new: bool


@attrs.define
class Watching:
    """What is known of an organization's keys, and the minutes that are being judged.

    Attributes:
        history: what is usual.
        prices: what use is worth.
        floor: what is worth a look.
        requests: what a request of each key is, in the unit of judging.
        old: keys that are known to be older than the history.
        newest: the latest minute that anything was reported for, by endpoint.
        overlap: how many minutes before the latest one must be asked for again, as learned.
    """

    history: History
    prices: Prices
    floor: Floor
    requests: Mapping[Place, float]
    old: set[Place] = attrs.field(factory=set)
    newest: dict[str, int] = attrs.field(factory=dict)
    overlap: int = _LEAST_OVERLAP
    _watches: dict[Place, KeyWatch] = attrs.field(factory=dict)
    _models: dict[Place, dict[int, Mapping[Model, Counts]]] = attrs.field(factory=dict)
    _endpoints: dict[Place, set[str]] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls, hours: Stretch, prices: Prices, *, first: int, until: int, k: float, least: float
    ) -> Self:
        """What hours say.

        Args:
            hours: usage of the last weeks by the hour.
            prices: what it is worth.
            first: the first hour.
            until: the hour before which they end.
            k: how many times the usual is too much.
            least: dollars an hour below which nothing is a burst.
        """
        weights = {
            place: {hour: weighed(prices, models) for hour, models in of.items()}
            for place, of in hours.used.items()
        }
        requests = {
            place: sum(weights[place].values()) / max(1, _requests(of))
            for place, of in hours.used.items()
        }
        floor = Floor(k=k, least=least * (1 if prices.token is not None else _TOKENS) / 60)
        history = History.of(weights, first=first, until=until, unknown=unknown_in(hours))
        return cls(history, prices, floor, requests)

    def renewed(self, other: Watching) -> None:
        """Go on with the history, prices and requests of a newer reading."""
        self.history, self.requests = other.history, other.requests
        if (self.prices.token is None) != (other.prices.token is None):
            self._watches.clear()  # what was learned is in another unit
        self.prices, self.floor = other.prices, other.floor
        for place, watch in self._watches.items():
            watch.floor, watch.request = self.floor, self._request(place)
            watch.renew(self._usual(place))

    @property
    def latest(self) -> int | None:
        """The latest minute that anything was reported for."""
        return max(self.newest.values(), default=None)

    def jobs(self, since: int) -> dict[int, list[Place]]:
        """Hours of jobs whose minutes should be studied, with the keys that did them.

        Args:
            since: an hour; what was done from then on is known by the minute.
        """
        found: dict[int, list[Place]] = {}
        for place, rhythm in self.history.keys.items():
            hour = rhythm.latest_job()
            if hour is not None and hour < since:
                found.setdefault(hour, []).append(place)
        return found

    def study(self, used: Used, hour: int) -> None:
        """Learn how jobs spread over an hour, of its minutes."""
        for place, minutes in used.items():
            values = {at: weighed(self.prices, models) for at, models in minutes.items()}
            if place in self.history.keys and values:
                self._watch(place).study(
                    {60 * hour + n: values.get(60 * hour + n, 0.0) for n in range(60)}
                )

    def take(self, stretch: Stretch, *, learning: bool = False) -> None:
        """Take in minutes as they are now.

        Args:
            stretch: usage by the minute.
            learning: whether it is the past that the guard begins with.
        """
        before = self.latest
        for endpoint, minute in stretch.newest.items():
            self.newest[endpoint] = max(minute, self.newest.get(endpoint, minute))
        for endpoint, places in stretch.places.items():
            for place in places:
                self._endpoints.setdefault(place, set()).add(endpoint)
        first = min((min(of) for of in stretch.used.values() if of), default=0)
        for place, minutes in stretch.used.items():
            watch = self._watch(place)
            values = {at: weighed(self.prices, models) for at, models in minutes.items()}
            changed = watch.put({first: 0.0, **values} if learning else values)
            if changed is not None and before is not None and changed <= before:
                self.overlap = min(SETTLED, max(self.overlap, 2 * (before - changed)))
            kept = self._models.setdefault(place, {})
            kept.update(minutes)
        self._forget()
        latest = self.latest
        if learning and latest is not None:
            for watch in self._watches.values():
                watch.learn(latest - SETTLED)

    def endpoints(self, place: Place) -> frozenset[str]:
        """The endpoints that a key is used with."""
        return frozenset(self._endpoints.get(place, ()))

    def lost(self, stretch: Stretch) -> int | None:
        """The first minute to ask for again: one that did not come of an endpoint that is used."""
        of = (min(at) for endpoint, at in stretch.unknown.items() if endpoint in self.newest)
        return min(of, default=None)

    def unknown(self) -> list[Place]:
        """The keys that are used and have no history."""
        return [p for p in self._watches if p not in self.history.keys and p not in self.old]

    def is_old(self, place: Place) -> None:
        """Say that a key is older than the history, in which it was silent."""
        self.old.add(place)
        if place in self._watches:
            self._watches[place].renew(self._usual(place))

    def found(self) -> list[Found]:
        """The bursts of the minutes that are kept."""
        latest = self.latest
        if latest is None:
            return []
        found = []
        for place, watch in self._watches.items():
            complete = self._complete(place, latest)
            for burst in watch.judge(latest + 1, complete):
                lately = range(max(burst.began, complete - 5), max(complete, burst.began + 1))
                found.append(
                    Found(
                        place,
                        burst,
                        self._sums(place, range(burst.began, burst.last + 1)),
                        self._sums(place, lately),
                        len(lately),
                        place not in self.history.keys,
                    )
                )
        return found

    def _complete(self, place: Place, latest: int) -> int:
        """The minute before which nothing is expected of a key any more."""
        of = self._endpoints.get(place) or self.newest.keys()
        reached = [max(self.newest[e], latest - _SLOW) for e in of if e in self.newest]
        return min(reached, default=latest) - _FILLING + 1

    def _sums(self, place: Place, minutes: Iterable[int]) -> dict[Model, Counts]:
        sums: dict[Model, Counts] = {}
        of = self._models.get(place, {})
        for at in minutes:
            for model, counts in of.get(at, {}).items():
                sums[model] = sums.get(model, Counts()) + counts
        return sums

    def _watch(self, place: Place) -> KeyWatch:
        watch = self._watches.get(place)
        if watch is None:
            watch = self._watches[place] = KeyWatch(
                self._usual(place), self.floor, self._request(place)
            )
        return watch

    def _usual(self, place: Place) -> partial[Usual]:
        return partial(self.history.usual, place, is_old=place in self.old)

    def _request(self, place: Place) -> float:
        return self.requests.get(place, 0.0)

    def _forget(self) -> None:
        latest = self.latest
        if latest is None:
            return
        for place, of in self._models.items():
            if len(of) > DAY:
                self._models[place] = {at: m for at, m in of.items() if at > latest - DAY}


def weighed(prices: Prices, models: Mapping[Model, Counts]) -> float:
    """What the use of some models counts in judging."""
    return sum(prices.weight(model, counts) for model, counts in models.items())


def _requests(of: Mapping[int, Mapping[Model, Counts]]) -> int:
    return sum(counts.requests for models in of.values() for counts in models.values())
