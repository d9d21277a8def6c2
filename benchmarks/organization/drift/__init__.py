"""Organizations that drift by hand, and are brought back by their file."""

from __future__ import annotations

import asyncio
import time

from .trial import Tally, tried

DESCRIPTION = "200 organizations, changed by the official client and brought back by their file"
_COUNT = 200


async def _measure(count: int) -> list[str]:
    tally, begin = Tally(), time.perf_counter()
    for seed in range(count):
        found = len(tally.wrong)
        await tried(seed, tally)
        for what in tally.wrong[found:]:
            print(what, flush=True)
    seconds = time.perf_counter() - begin
    print(
        f"{tally.organizations:,} organizations, {tally.by_hand.total():,} changes by hand of"
        f" {len(tally.by_hand)} kinds (and {tally.refused:,} that the API refused),"
        f" {tally.steps:,} steps, of which {tally.removals:,} removals; {tally.forced:,} plans had"
        f" to be forced; {tally.archived:,} archived projects and {tally.unpinned:,} pins of what"
        f" was removed were taken out of the file; {tally.lacking:,} files with some sections"
        " lacked what was removed outside of them;"
        f" {tally.kept:,} organizations compared as a whole; {seconds:.1f} s;"
        f" {len(tally.wrong):,} violations"
    )
    return tally.wrong


def measure(sample: int | None) -> list[str]:
    """Drift, bring back, print; what did not hold."""
    return asyncio.run(_measure(sample or _COUNT))
