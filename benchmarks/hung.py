"""Forty reads at once of a new client, the first of which is never answered: what the others feel.

The median of the others' times, from the moment at which all were asked for.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from functools import partial

from .clients import START, Clients, cold
from .measure import Figure
from .server import Server

_WORK = "40 reads, one hung: the others' median"
_READS = 40
_DELAY = 0.05
_PATIENCE = 10.0  # seconds; a read that takes longer counts as that long


async def figures(server: Server, *, rounds: int) -> list[Figure]:
    """The figures of one hung request."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for one_hangs, medians in times.items():
            server.set(delay=_DELAY, hangs=START if one_hangs else 0)
            await cold(server.base_url, partial(_others, medians))()
    ms = {one_hangs: statistics.median(medians) * 1e3 for one_hangs, medians in times.items()}
    return [Figure(_WORK, "none hung", ms[True], ms[False], "ms", 1.2)]


async def _others(medians: list[float], clients: Clients) -> None:
    begin = time.perf_counter()

    async def timed(number: int) -> float:
        await clients.usage_read(number)
        return time.perf_counter() - begin

    _, *others = tasks = [asyncio.create_task(timed(number)) for number in range(_READS)]
    done, _ = await asyncio.wait(others, timeout=_PATIENCE)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    late = [_PATIENCE] * (len(others) - len(done))
    medians.append(statistics.median([*(task.result() for task in done), *late]))
