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

_CALLS = 50  # few, so that a busy machine is busy with each of them
_ROUNDS = 4  # for each round of the others


def figures(server: Server, *, rounds: int) -> list[Figure]:
    """The figures of the blocking client."""
    official = openai.OpenAI(admin_api_key=KEY, base_url=server.base_url)
    loop = asyncio.Runner()
    asynchronous = AsyncOpenAIAdmin(KEY, base_url=server.base_url)
    with OpenAIAdmin(KEY, base_url=server.base_url) as ours, official, loop:
        works: dict[str, Callable[[], None]] = {
            "ours": lambda: _blocking(ours.usage.completions),
            "async": lambda: loop.run(_awaited(asynchronous)),
            "official": lambda: _blocking(official.admin.organization.usage.completions),
        }
        times: dict[str, list[float]] = {name: [] for name in works}
        for work in works.values():
            work()
        for _ in range(_ROUNDS * rounds):
            for name, work in works.items():
                begin = time.perf_counter()
                work()
                times[name].append((time.perf_counter() - begin) / _CALLS)
        loop.run(asynchronous.close())
    per_call = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    pairs = zip(times["ours"], times["async"], strict=True)
    above = statistics.median(ours - awaited for ours, awaited in pairs) * 1e3
    return [
        Figure(
            "blocking read of usage", "official", per_call["ours"], per_call["official"], "ms", 0.5
        ),
        Figure("the same, above the async one", "0.1 ms", above, 0.1, "ms", 1.0),
    ]


def _blocking(read: Callable[..., object]) -> None:
    for number in range(_CALLS):
        read(**hours(number))


async def _awaited(client: AsyncOpenAIAdmin) -> None:
    for number in range(_CALLS):
        await client.usage.completions(**hours(number))
