"""Print what faults do to us and to the official client: ``python -m benchmarks.faults``.

``--out`` writes the figures as JSON too.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import attrs

from . import cancellation, dead_service, doubt, neighbours, virtual_time
from .measure import machine, verdict, write
from .rate_limits import PROJECTS, Case, Run, in_real_time, in_virtual_time

_CASES = [
    Case(),
    Case(headers=True),
    Case(count="sliding"),
    Case(count="bucket"),
    Case(then=4),
    Case(then=16),
]


@attrs.frozen
class Line:
    """One line of the table.

    Attributes:
        work: what was done.
        figure: what is counted.
        ours: our figure.
        official: the official client's, where it ran.
        bound: the most that ours may be, if there is a bound.
    """

    work: str
    figure: str
    ours: float
    official: float | None = None
    bound: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept; ``None`` without one."""
        return None if self.bound is None else self.ours <= self.bound


def _limited(work: str, ours: Run, official: Run | None = None) -> list[Line]:
    theirs = None if official is None else official.failed
    share = None if official is None else official.share
    return [
        Line(work, f"failed of {2 * PROJECTS} listings", ours.failed, theirs, 0),
        Line(work, "refused share of requests", ours.share, share, 1 / 6),
        Line(work, "time against the best possible", ours.ratio, None, 1.25),
    ]


def _beside_one_another() -> list[Line]:
    """What is limited together, and what is not, in virtual time."""
    n = neighbours
    costs = n.figures()
    refused, stray = f"one of {n.PATHS} paths always refused", f"a stray 429 among {n.STRAY_OF}"
    hung, two = f"one request of {n.HUNG_OF} hangs", "two processes on one key, 8 a minute"
    shared = f"{len(n.SHARING)} endpoints share 8 a minute"
    return [
        Line(refused, "seconds that it costs the others", costs.refused_path, None, 3.0),
        Line(stray, "seconds that it costs", costs.stray, None, 3.0),
        Line(hung, "the others' median, to none hung", costs.hung, None, 1.2),
        Line(two, "of the limit, not got by the slower", 1 - costs.least, None, 0.65),
        Line(two, "of the limit, got by neither", 1 - costs.together, None, 0.1),
        Line(shared, "time against the best possible", costs.shared, None, 1.5),
        Line(shared, "refused share of requests", costs.shared_refused, None, 1 / 6),
    ]


async def _in_real_time() -> list[Line]:
    lines: list[Line] = []
    for case in _CASES:
        case = attrs.evolve(case, window=1.0)
        lines += _limited(f"8 a second, {case}", *await in_real_time(case))
    ours, official = await doubt.both_clients()
    work = f"{doubt.CREATIONS} creations, {doubt.LOST:.0%} of answers lost"
    lines += [
        Line(work, "made twice", ours.duplicates, official.duplicates, 0),
        Line(work, "not made, and no error", ours.missing, official.missing, 0),
        Line(work, "in doubt, and found by reconcile()", ours.found),
        Line(work, "errors that say nothing", ours.failed + ours.nothing, official.failed, 0),
    ]
    requests = await dead_service.both_clients()
    work = f"{dead_service.TASKS} tasks, a dead service"
    return [*lines, Line(work, "requests", *requests, 1.1 * dead_service.TASKS)]


def figures() -> list[Line]:
    """Run everything."""
    lines: list[Line] = []
    for case in _CASES:
        run = virtual_time.run(in_virtual_time(case, seed=0))
        lines += _limited(f"8 a minute, {case} (virtual time)", run)
    lines += _beside_one_another()
    ends = virtual_time.run(cancellation.cancel_many(seed=7))
    work = f"{cancellation.CALLS} calls cancelled at random awaits"
    lines += [Line(work, f"{thing} left", count, None, 0) for thing, count in ends.left.items()]
    return lines + asyncio.run(_in_real_time())


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def main() -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    lines = figures()
    print(machine())
    print(f"{'work':<58} {'figure':<36} {'ours':>7} {'official':>8} {'bound':>8}")
    for line in lines:
        print(
            f"{line.work:<58} {line.figure:<36} {_number(line.ours):>7}"
            f" {_number(line.official):>8} {_number(line.bound):>8} {verdict(line.met)}"
        )
    if options.out:
        write(options.out, [attrs.asdict(line) | {"met": line.met} for line in lines])
    return 0


if __name__ == "__main__":
    sys.exit(main())
