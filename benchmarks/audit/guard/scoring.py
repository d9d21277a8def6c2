"""The leak guard let loose on quiet organizations, and on bursts in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import attrs
import numpy as np

from openai_admin.audit.guard.bars import Floor
from openai_admin.audit.guard.bursts import Burst, KeyWatch
from openai_admin.audit.guard.history import HOURS, History, Place

from .world import DAY, HISTORY, Key, first_minute

_FLOOR = Floor(least=1 / 60)  # a dollar an hour, as the guard has it unless told otherwise


@attrs.define
class Watched:
    """An organization as the guard sees it, day by day."""

    keys: Sequence[Key]
    days: int
    histories: dict[int, History] = attrs.field(factory=dict)
    _start: int = attrs.field(factory=first_minute)

    def history(self, day: int) -> History:
        """What is known on the morning of a day."""
        if day not in self.histories:
            until = self._start // 60 + day * 24
            hours: dict[Place, dict[int, float]] = {}
            for key in self.keys:
                by_hour = key.minutes.reshape(-1, 60).sum(axis=1)
                first = max(0, day * 24 - HOURS)
                known = by_hour[first : day * 24]
                hours[key.id, key.project] = {
                    self._start // 60 + first + int(at): float(known[at])
                    for at in np.flatnonzero(known)
                }
            self.histories[day] = History.of(hours, first=until - HOURS, until=until)
        return self.histories[day]

    def watch(self, key: Key, day: int) -> KeyWatch:
        """A guard of a key that was started on the morning of a day, and knows the day before."""
        watch = KeyWatch(
            partial(self.history(day).usual, (key.id, key.project)), _FLOOR, key.request
        )
        rhythm = self.history(day).keys.get((key.id, key.project))
        if rhythm is not None and (hour := rhythm.latest_job()) is not None:
            first = 60 * hour - self._start
            watch.study({60 * hour + n: float(key.minutes[first + n]) for n in range(60)})
        self.put(watch, key, day - 1)
        watch.learn(self._start + day * DAY)
        return watch

    def put(self, watch: KeyWatch, key: Key, day: int) -> None:
        """Hand over a day's minutes."""
        of_day = key.minutes[day * DAY : (day + 1) * DAY]
        first = self._start + day * DAY
        watch.put(
            {first: float(of_day[0])}
            | {first + int(at): float(of_day[at]) for at in np.flatnonzero(of_day)}
        )

    def quiet(self, key: Key) -> Iterator[Burst]:
        """What is found with a key in all of its quiet days."""
        watch = self.watch(key, HISTORY)
        told: set[int] = set()
        for day in range(HISTORY, HISTORY + self.days):
            watch.renew(partial(self.history(day).usual, (key.id, key.project)))
            self.put(watch, key, day)
            until = self._start + (day + 1) * DAY
            for burst in watch.judge(until, until):
                if burst.began not in told:
                    told.add(burst.began)
                    yield burst


@attrs.frozen
class Planted:
    """A burst: a key used by somebody else, beside its own use.

    Attributes:
        key: the key.
        at: its first minute, from the beginning of the history.
        times: how many times the usual it is.
        minutes: what each minute of it cost.
        usual: what the key usually spends in a minute.
    """

    key: Key
    at: int
    times: float
    minutes: Sequence[float]
    usual: float

    @property
    def requests(self) -> float:
        """Requests that the key usually makes in a minute."""
        return self.usual / self.key.request


LENGTH = 40


def usual_spend(key: Key, at: int) -> float:
    """What a key usually spends in a minute that it is used in.

    That is its average at that hour of the week, or over the minutes that it was used in,
    whichever is more: ten times what it spends while it is silent is nothing, and less than one
    of its own jobs may be is no burst. Of the last four weeks, or of the last one, in which it may
    have grown.
    """
    hour = at - at % 60
    is_free = [(at // DAY - HISTORY - n) % 7 >= 5 for n in range(8)]
    alike = [n for n in range(1, 8) if is_free[n] == is_free[0]]
    return max(
        average_spend(key, at),
        _mean_of(key, hour, alike),
        _mean_in_use(key.minutes[at - 28 * DAY : at]),
        _mean_in_use(key.minutes[at - 7 * DAY : at]),
    )


def average_spend(key: Key, at: int) -> float:
    """What a key spent on average in that hour of the week, its silent minutes too."""
    return _mean_of(key, at - at % 60, [7, 14, 21, 28])


def _mean_of(key: Key, hour: int, days: Sequence[int]) -> float:
    return float(np.mean([key.minutes[hour - n * DAY : hour - n * DAY + 60].mean() for n in days]))


def _mean_in_use(minutes: Any) -> float:
    used = minutes[minutes > 0]
    return float(used.mean()) if used.size else 0.0


def planted(
    keys: Sequence[Key],
    days: int,
    seed: int,
    *,
    number: int,
    times: float,
    usual_of: Callable[[Key, int], float] = usual_spend,
) -> list[Planted]:
    """Bursts at random times of random keys: such that cost twice what is worth a look at least."""
    rng = np.random.default_rng(seed + 1000)
    found: list[Planted] = []
    for _ in range(50 * number):
        if len(found) == number:
            break
        key = keys[int(rng.integers(len(keys)))]
        at = int(rng.integers(HISTORY * DAY, (HISTORY + days) * DAY - LENGTH - 60))
        usual = usual_of(key, at)
        if at < key.born + 7 * DAY or times * usual < 2 * _FLOOR.least:
            continue
        requests = rng.poisson(times * usual / key.request, LENGTH)
        minutes = rng.gamma(requests * 0.8 + 1e-12, key.request / 0.8) * (requests > 0)
        found.append(Planted(key, at, times, [float(m) for m in minutes], usual))
    return found


def minutes_until_found(world: Watched, burst: Planted, rng: random.Random) -> int | None:
    """Minutes from the first report of the burst's first minute until it is found; ``None`` if it
    is not in all of its minutes.

    Each look comes a minute after the one before. Minutes are reported with a delay of 1 to 15,
    each in parts: some of its use first, all of it up to four minutes later.
    """
    day = burst.at // DAY
    watch = world.watch(burst.key, day)
    delay = rng.randint(1, 15)
    first = first_minute() + day * DAY
    begins = burst.at - day * DAY
    values = burst.key.minutes[day * DAY : burst.at + LENGTH].astype(float).copy()
    values[begins:] += burst.minutes
    parts = [rng.uniform(0.3, 1.0) for _ in values]
    whole = [rng.randint(0, 4) for _ in values]
    is_first = True
    for look in range(begins + delay, begins + delay + LENGTH):
        newest = look - delay
        since = 0 if is_first else max(0, newest - 30)
        is_first = False
        watch.put(
            {
                first + n: float(values[n]) * (1.0 if newest - n >= whole[n] else parts[n])
                for n in range(since, newest + 1)
            }
        )
        found = watch.judge(first + newest + 1, first + newest - 4)
        if any(b.last >= first + begins for b in found):
            return look - begins - delay
    return None
