"""Files that try to pass the thresholds, and to touch what is protected."""

from __future__ import annotations

import asyncio
import time

from .attempts import Tally, tried

DESCRIPTION = "files that try to get past the thresholds and what they protect"
_COUNT = 100


async def _measure(count: int) -> list[str]:
    tally, begin = Tally(), time.perf_counter()
    for seed in range(count):
        found = len(tally.wrong)
        await tried(seed, tally)
        for what in tally.wrong[found:]:
            print(what, flush=True)
    seconds = time.perf_counter() - begin
    print(
        f"{tally.attempts:,} attempts in {count:,} organizations: {tally.impossible:,} were"
        f" impossible, {tally.exceeded:,} passed a threshold and were refused without --force,"
        f" {tally.harmless:,} passed none; {tally.protected:,} had something protected;"
        f" {seconds:.1f} s; {len(tally.wrong):,} got past"
    )
    print(", ".join(f"{kind}: {number:,}" for kind, number in tally.kinds.most_common()))
    return tally.wrong


def measure(sample: int | None) -> list[str]:
    """Try, print; what got past."""
    return asyncio.run(_measure(sample or _COUNT))
