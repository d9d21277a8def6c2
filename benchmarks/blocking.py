"""A blocking read in a loop: against the official client's blocking one, and against our own."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable

import openai

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin

from .clients import KEY
from .measure import Figure
from .server import Server

_CALLS = 300
_ids = itertools.count()  # global: no two runs may ask for the same project


def figures(server: Server, *, rounds: int) -> list[Figure]:
    """The figures of the blocking client."""
    official = openai.OpenAI(admin_api_key=KEY, base_url=server.base_url)
    with OpenAIAdmin(KEY, base_url=server.base_url) as ours, official:
        works = {
            "ours": lambda: ours.projects.retrieve(f"proj_{next(_ids)}"),
            "official": lambda: official.admin.organization.projects.retrieve(f"proj_{next(_ids)}"),
        }
        times: dict[str, list[float]] = {name: [] for name in [*works, "async"]}
        for _ in range(rounds):
            for name, work in works.items():
                times[name].append(_loop(work))
            times["async"].append(asyncio.run(_async_loop(server.base_url)))
    per_call = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    above = per_call["ours"] - per_call["async"]
    return [
        Figure("blocking read", "official", per_call["ours"], per_call["official"], "ms", 0.6),
        Figure("blocking read, above the async one", "0.3 ms", above, 0.3, "ms", 1.0),
    ]


def _loop(work: Callable[[], object]) -> float:
    work()
    begin = time.perf_counter()
    for _ in range(_CALLS):
        work()
    return (time.perf_counter() - begin) / _CALLS


async def _async_loop(base_url: str) -> float:
    async with AsyncOpenAIAdmin(KEY, base_url=base_url) as client:
        await client.projects.retrieve("proj_first")
        begin = time.perf_counter()
        for _ in range(_CALLS):
            await client.projects.retrieve(f"proj_{next(_ids)}")
        return (time.perf_counter() - begin) / _CALLS
