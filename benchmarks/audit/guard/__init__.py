"""False alarms of the leak guard in quiet months, and how soon it finds bursts."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from .scoring import (
    Planted,
    Watched,
    average_spend,
    minutes_until_found,
    planted,
    usual_spend,
)
from .world import Key, first_minute, organization

SEEDS, DAYS = 20, 90
WITHIN = 5
"""Minutes after a burst's first minute is reported in which it must be found."""
MOST = 1
"""False alarms that an organization may have in all of its quiet days."""
_HELD = "10 times the usual spend"
"""The kind of bursts that must all be found within `WITHIN` minutes."""
_BURSTS: Mapping[str, tuple[float, int, Callable[[Key, int], float]]] = {
    _HELD: (10.0, 40, usual_spend),
    "5 times the usual spend": (5.0, 10, usual_spend),
    "10 times the average of the hour of the week, silent minutes too": (10.0, 20, average_spend),
}
"""Of each kind of bursts how many times what they are, and how many in an organization."""


def run(arguments: Sequence[str]) -> int:
    """Measure, print, and say what is missed; 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit guard", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many organizations")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first")
    parser.add_argument("--days", type=int, default=DAYS, help="quiet days of each")
    options = parser.parse_args(arguments)

    waits = {kind: Counter[int | None]() for kind in _BURSTS}
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
        for kind, (times, number, usual_of) in _BURSTS.items():
            of = planted(
                world.keys, options.days, seed, number=number, times=times, usual_of=usual_of
            )
            for leak in of:
                wait = minutes_until_found(world, leak, random.Random(leak.at))
                waits[kind][wait] += 1
                if kind == _HELD and (wait is None or wait > WITHIN):
                    missed.append(_late(seed, leak, wait))
    days = options.seeds * options.days
    print(
        f"\nfalse alarms: {alarms} in {days:,} days of {options.seeds} organizations, {keys} keys"
    )
    for kind, waited in waits.items():
        print(_told(f"bursts of {kind}", waited))
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
