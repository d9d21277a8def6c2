"""False alarms of the leak guard in quiet months, and how soon it finds bursts."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence

from .scoring import Planted, Watched, minutes_until_found, planted
from .world import first_minute, organization

SEEDS, DAYS = 20, 90
WITHIN = 5
"""Minutes after a burst's first minute is reported in which it must be found."""
REQUESTS = 3
"""Requests a minute that a key usually makes, from which on that must hold: with fewer, ten times
the usual is a few requests, which may be chance."""
MOST = 1
"""False alarms that an organization may have in all of its quiet days."""
_TIMES = ((10.0, 40), (5.0, 10), (3.0, 10))


def run(arguments: Sequence[str]) -> int:
    """Measure, print, and say what is missed; 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit guard", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many organizations")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first")
    parser.add_argument("--days", type=int, default=DAYS, help="quiet days of each")
    options = parser.parse_args(arguments)

    waits = {times: Counter[int | None]() for times, _ in _TIMES}
    slow: Counter[int | None] = Counter()  # of keys with few requests
    missed: list[str] = []
    alarms = keys = 0
    took = 0.0
    for seed in range(options.first, options.first + options.seeds):
        world = Watched(organization(seed, days=options.days), options.days)
        keys += len(world.keys)
        began = time.process_time()
        found = [(key, burst) for key in world.keys for burst in world.quiet(key)]
        took += time.process_time() - began
        print(f"seed {seed}: {len(world.keys)} keys, {len(found)} false alarms", flush=True)
        for key, burst in found:
            day = (burst.began - first_minute()) / 1440
            spent = f"${burst.used:.2f} in {burst.minutes} min"
            print(f"  {key.id} ({key.kind}) on day {day:.2f}: {spent}")
        alarms += len(found)
        if len(found) > MOST:
            missed.append(f"seed {seed}: {len(found)} false alarms in {options.days} days")
        for times, number in _TIMES:
            for leak in planted(world.keys, options.days, seed, number=number, times=times):
                wait = minutes_until_found(world, leak, random.Random(leak.at))
                if times == 10 and leak.requests < REQUESTS:
                    slow[wait] += 1
                    continue
                waits[times][wait] += 1
                if times == 10 and (wait is None or wait > WITHIN):
                    missed.append(_late(seed, leak, wait))
    days = options.seeds * options.days
    print(
        f"\nfalse alarms: {alarms} in {days:,} days of {options.seeds} organizations, {keys} keys"
    )
    for times, waited in waits.items():
        print(_told(f"bursts of {times:g} times the usual spend", waited))
    print(_told(f"the same of 10 times, by keys with less than {REQUESTS} requests a minute", slow))
    print(f"judging took {took / days / max(1, keys / options.seeds) * 1e3:.1f} ms a key and day")
    print("\nmissed:\n" + "\n".join(missed) if missed else "\nall is kept")
    return 1 if missed else 0


def _late(seed: int, burst: Planted, wait: int | None) -> str:
    when = "not at all" if wait is None else f"after {wait} min"
    return (
        f"seed {seed}: {burst.key.id} ({burst.key.kind}, {burst.requests:.1f} requests a minute)"
        f" on day {burst.at / 1440:.2f}: found {when}"
    )


def _told(what: str, waited: Counter[int | None]) -> str:
    total = sum(waited.values())
    times = sorted(wait for wait in waited.elements() if wait is not None)
    within = sum(wait <= WITHIN for wait in times)
    middle = f"half within {times[len(times) // 2]} min" if times else "none"
    return (
        f"{what}: {within} of {total} found within {WITHIN} min, {middle},"
        f" {waited[None]} not in 40 min"
    )
