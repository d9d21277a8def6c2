"""Blocking reads of usage in a loop: against the official client, and our asynchronous one."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

import openai

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin

from .clients import KEY, hours
from .measure import Figure
from .server import Server

_CALLS = 300


def figures(server: Server, *, rounds: int) -> list[Figure]:
    """The figures of the blocking client."""
    official = openai.OpenAI(admin_api_key=KEY, base_url=server.base_url)
    with OpenAIAdmin(KEY, base_url=server.base_url) as ours, official:
        works = {
            "ours": ours.usage.completions,
            "official": official.admin.organization.usage.completions,
        }
        times: dict[str, list[float]] = {name: [] for name in [*works, "async"]}
        for _ in range(rounds):
            for name, work in works.items():
                times[name].append(_loop(work))
            times["async"].append(asyncio.run(_async_loop(server.base_url)))
    per_call = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    above = per_call["ours"] - per_call["async"]
    return [
        Figure(
            "blocking read of usage", "official", per_call["ours"], per_call["official"], "ms", 0.5
        ),
        Figure("the same, above the async one", "0.1 ms", above, 0.1, "ms", 1.0),
    ]


def _loop(read: Callable[..., object]) -> float:
    read(**hours(0))
    begin = time.perf_counter()
    for number in range(_CALLS):
        read(**hours(number))
    return (time.perf_counter() - begin) / _CALLS


async def _async_loop(base_url: str) -> float:
    async with AsyncOpenAIAdmin(KEY, base_url=base_url) as client:
        await client.usage.completions(**hours(0))
        begin = time.perf_counter()
        for number in range(_CALLS):
            await client.usage.completions(**hours(number))
        return (time.perf_counter() - begin) / _CALLS
