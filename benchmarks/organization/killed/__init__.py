"""``org apply`` killed at random requests, with answers lost and a slow pace, and run again."""

from __future__ import annotations

import asyncio
import time

from benchmarks.workflows.killed import Launcher

from ..drift.trial import Tally
from .trial import LOSSY, SPEED, Kills, tried

DESCRIPTION = f"'org apply' killed at random requests, {LOSSY.name}, and run again"
_COUNT = 100


async def _measure(count: int) -> list[str]:
    tally, kills, begin = Tally(), Kills(), time.perf_counter()
    async with Launcher(SPEED) as launcher:
        for seed in range(count):
            found = len(tally.wrong)
            await tried(launcher, seed, tally, kills)
            for what in tally.wrong[found:]:
                print(what, flush=True)
    seconds = time.perf_counter() - begin
    print(
        f"{tally.organizations:,} organizations, {tally.by_hand.total():,} changes by hand;"
        f" {kills.runs:,} runs, of which {kills.killed:,} were killed and {kills.unfinished:,} did"
        f" not come to the end; {kills.requests:,} requests, of which {kills.lost:,} lost their"
        f" answer; {seconds:.1f} s; {len(tally.wrong):,} violations"
    )
    return tally.wrong


def measure(sample: int | None) -> list[str]:
    """Kill, run again, print; what did not hold."""
    return asyncio.run(_measure(sample or _COUNT))
