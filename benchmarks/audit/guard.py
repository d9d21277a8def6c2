"""The leak guard over quiet organizations, and over bursts in them."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import attrs
import numpy as np

from openai_admin.audit.guard.bursts import Burst, Floor, KeyWatch
from openai_admin.audit.guard.history import HOURS, History

from .guard_world import DAY, HISTORY, Key, first_minute, organization

DESCRIPTION = "false alarms in quiet months, and how soon bursts are found"
SEEDS, DAYS = 20, 90
WITHIN = 5
"""Minutes after a burst's first minute is reported in which it must be found."""
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
            hours = {}
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
        delay: minutes after which a minute is reported.
    """

    key: Key
    at: int
    times: float
    minutes: Sequence[float]
    delay: int


LENGTH = 40


def usual_spend(key: Key, at: int) -> float:
    """What a key usually spends in a minute: in that hour of the last four weeks, or on average, or
    in the last three hours, if that is more; of a key that does jobs, in a minute of them.
    """
    before = key.minutes[at - 28 * DAY : at]
    busy = before[before > 0]
    if key.kind in ("nightly", "weekly", "monthly", "cron"):
        return float(busy.mean()) if busy.size else 0.0
    same = [
        key.minutes[a - a % 60 : a - a % 60 + 60].mean() for a in range(at - 28 * DAY, at, 7 * DAY)
    ]
    return max(float(np.mean(same)), float(before.mean()), float(before[-180:].mean()))


def planted(
    keys: Sequence[Key], days: int, seed: int, *, number: int, times: float
) -> list[Planted]:
    """Bursts at random times of random keys, which cost enough to be worth a look."""
    rng = np.random.default_rng(seed + 1000)
    found: list[Planted] = []
    for _ in range(50 * number):
        if len(found) == number:
            break
        key = keys[int(rng.integers(len(keys)))]
        at = int(rng.integers(HISTORY * DAY, (HISTORY + days) * DAY - LENGTH - 60))
        usual = usual_spend(key, at)
        if at < key.born + 7 * DAY or times * usual < 2 * _FLOOR.least:
            continue
        requests = rng.poisson(times * usual / key.request, LENGTH)
        minutes = rng.gamma(requests * 0.8 + 1e-12, key.request / 0.8) * (requests > 0)
        found.append(Planted(key, at, times, [float(m) for m in minutes], int(rng.integers(1, 16))))
    return found


def minutes_until_found(world: Watched, burst: Planted, rng: random.Random) -> int | None:
    """Minutes from the first report of the burst's first minute until it is found; ``None`` if it
    is not. A minute is reported in parts: most of it after the delay, all of it some minutes later.
    """
    day = burst.at // DAY
    watch = world.watch(burst.key, day)
    start = first_minute()
    values = burst.key.minutes[day * DAY : burst.at + LENGTH + 20].astype(float).copy()
    offset = burst.at - day * DAY
    values[offset : offset + LENGTH] += burst.minutes
    parts = [rng.uniform(0.3, 1.0) for _ in values]
    whole_after = [rng.randint(0, 4) for _ in values]
    for now in range(offset - 2, offset + LENGTH):
        seen = {}
        for n in range(max(0, now - 60) if now > offset - 2 else 0, now + 1):
            age = now - n
            seen[start + day * DAY + n] = float(values[n]) * (
                1.0 if age >= whole_after[n] else parts[n]
            )
        watch.put(seen)
        at = start + day * DAY + now + 1
        if any(b.last >= start + burst.at for b in watch.judge(at, at - 5)):
            return now - offset
    return None


def measure(sample: int | None = None) -> list[str]:
    """Measure, print, and return what is missed."""
    seeds = range(SEEDS if sample is None else sample)
    alarms: list[tuple[int, Key, Burst]] = []
    missed: list[str] = []
    waits: dict[float, Counter[int | None]] = {10: Counter(), 5: Counter(), 3: Counter()}
    late: list[tuple[int, Planted, int | None]] = []
    took = 0.0
    for seed in seeds:
        world = Watched(organization(seed, days=DAYS), DAYS)
        began = time.process_time()
        found = [(seed, key, burst) for key in world.keys for burst in world.quiet(key)]
        took += time.process_time() - began
        alarms += found
        for times, waited in waits.items():
            number = 40 if times == 10 else 10
            for burst in planted(world.keys, DAYS, seed, number=number, times=times):
                wait = minutes_until_found(world, burst, random.Random(burst.at))
                waited[wait] += 1
                if times == 10 and (wait is None or wait > WITHIN):
                    w = world.watch(burst.key, burst.at // DAY)
                    u = usual_spend(burst.key, burst.at)
                    bb = w._bar((burst.at + first_minute()) // 60)
                    print(
                        burst.key.id,
                        "in usual: ",
                        {
                            a: round(getattr(bb, a) / u, 2)
                            for a in ("most", "height", "usual", "peak")
                        },
                        "peaks",
                        [[round(x / u, 1) for x in p] for p in w._peaks.values()],
                        "base",
                        w.usual((burst.at + first_minute()) // 60).base / u,
                        sum(burst.minutes[:6]) / u,
                        w.floor.least / u,
                    )
                    late.append((seed, burst, wait))
        print(f"  seed {seed}: {len(world.keys)} keys, {len(found)} false alarms in {DAYS} days")
    for seed, key, burst in alarms:
        print(
            f"  false: seed {seed} {key.id} {key.kind}: {burst.minutes} min, ratio {burst.ratio}, slow {burst.slow}, {burst.used:.2f} at {burst.began - first_minute()}"
        )
    for seed, burst, wait in late:
        print(
            f"  late: seed {seed} {burst.key.id} {burst.key.kind}, {wait} at {burst.at}, requests a minute {usual_spend(burst.key, burst.at) / burst.key.request:.2f}"
        )
    for times, waited in waits.items():
        print(times, sorted(waited.items(), key=lambda p: (p[0] is None, p[0])))
    print(f"  {took:.1f} s")
    return missed


if __name__ == "__main__":
    import sys

    measure(int(sys.argv[1]))
