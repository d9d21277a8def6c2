"""Calls under faults, cancelled at any await, at any moment: what they leave behind."""

from __future__ import annotations

import asyncio
import gc
import random
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from openai_admin import APIError
from openai_admin._transport.connection import Timeout
from openai_admin.emulator import Drop, Emulator, Latency, RateLimit, Status
from openai_admin.emulator.faults import Reset, Stall, Truncate

from .seams import SeededClient

CALLS = 5_000
TASKS = 48
PLACES = 6


class CancelledAt:
    """Awaits a coroutine, and cancels the running task in its n-th suspension.

    It is cancelled so many turns of the event loop after the suspension began: with none before
    anything else can happen, with one or more in the middle of what it waits for.
    """

    def __init__(self, work: Coroutine[Any, Any, Any], *, at: int, turns: int) -> None:
        self._work = work
        self._at = at
        self._turns = turns

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._work.__await__()
        suspensions = 0
        send: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                waits_for = send()
            except StopIteration as end:
                return end.value
            suspensions += 1
            if suspensions == self._at:
                self._cancel_after(self._turns)
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - it is passed on
                send = partial(steps.throw, error)
            else:
                send = partial(next, steps)

    def _cancel_after(self, turns: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        if turns:
            asyncio.get_running_loop().call_soon(_cancel_later, task, turns - 1)
        else:
            task.cancel()


def _cancel_later(task: asyncio.Task[Any], turns: int) -> None:
    if turns:
        asyncio.get_running_loop().call_soon(_cancel_later, task, turns - 1)
    else:
        task.cancel()


def _place(error: asyncio.CancelledError) -> str:
    """The innermost function of the client that a cancellation came up from."""
    names = [
        f"{Path(frame.f_code.co_filename).name} {frame.f_code.co_name}"
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if "openai_admin" in frame.f_code.co_filename
    ]
    return names[-1] if names else ""


Work = Callable[[SeededClient, random.Random], Coroutine[Any, Any, Any]]


async def _walk(client: SeededClient, rng: random.Random) -> list[Any]:
    return [user async for user in client.users.list(limit=rng.choice([10, 100]))]


async def _retrieve(client: SeededClient, rng: random.Random) -> Any:
    return await client.users.retrieve(f"user-{rng.randrange(4)}")  # few: reads are shared


async def _create(client: SeededClient, rng: random.Random) -> Any:
    return await client.groups.create(name=f"group {rng.random()}")


async def _first_page(client: SeededClient, rng: random.Random) -> Any:
    return (await client.projects.list(limit=5)).data


async def _collect(client: SeededClient, rng: random.Random) -> Any:
    start = (int(time.time()) // 86_400 - 50) * 86_400
    return await client.usage.collect(
        ["completions", "embeddings"], start_time=start, end_time=start + 40 * 86_400
    )


WORKS: list[Work] = [_walk, _retrieve, _create, _first_page, _collect]


def _break(emulator: Emulator) -> None:
    """Everything that makes a call wait or try again."""
    emulator.faults.add(Latency(seconds=0.01, jitter=0.2))
    emulator.faults.add(RateLimit(match="projects.list", limit=20, window=1))
    emulator.faults.add(Status(status=503, rate=0.05))
    emulator.faults.add(Status(status=429, rate=0.02))
    emulator.faults.add(Drop(rate=0.03, after_effect=True))
    emulator.faults.add(Reset(rate=0.03))
    emulator.faults.add(Truncate(rate=0.02))
    emulator.faults.add(Stall(rate=0.02))


@attrs.define
class Ends:
    """How the calls ended.

    Attributes:
        cancelled: in which function of the client they were waiting then.
        done: how many had already ended.
        errors: what the others raised.
        swallowed: those that were cancelled and went on.
        left: what was still held when all had ended, and after the client was closed.
    """

    cancelled: Counter[str] = attrs.field(factory=Counter)
    done: int = 0
    errors: Counter[str] = attrs.field(factory=Counter)
    swallowed: list[str] = attrs.field(factory=list)
    left: dict[str, int] = attrs.field(factory=dict)


async def _one(client: SeededClient, rng: random.Random, ends: Ends) -> None:
    work = rng.choice(WORKS)
    turns = rng.choice([0, 0, 1, 2, 3, 5])
    call = CancelledAt(work(client, rng), at=1 + int(rng.expovariate(0.4)), turns=turns)
    task = asyncio.ensure_future(_awaited(call))
    await asyncio.wait((task,))
    try:
        task.result()
    except asyncio.CancelledError as error:
        ends.cancelled[_place(error)] += 1
    except APIError as error:
        ends.errors[type(error).__name__] += 1
    else:
        ends.done += 1
    if task.cancelling() and not task.cancelled():
        ends.swallowed.append(f"{work.__name__}: {task!r}")


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


async def cancel_many(seed: int, calls: int = CALLS) -> Ends:
    """Cancel so many calls of one client, in virtual time, and see that it still works."""
    rng = random.Random(seed)
    clock = asyncio.get_running_loop().time
    ends = Ends()
    async with Emulator(state="demo", seed=seed, clock=clock) as emulator:
        _break(emulator)
        before = asyncio.all_tasks()
        timeout = Timeout(attempt=5, read=2, total=60)
        client = SeededClient(emulator, seed=seed, clock=clock, places=PLACES, timeout=timeout)

        async def work() -> None:
            while ends.cancelled.total() < calls:
                await _one(client, rng, ends)

        await asyncio.gather(*(work() for _ in range(TASKS)))
        await _settled(emulator)
        session = client.session
        ends.left = {
            "places": PLACES - session.limiter.free + session.limiter.waiting,
            "pace tickets": client.rate_limiter.in_flight + client.rate_limiter.waiting,
            "shared reads": len(session._reads),
            "requests": emulator.in_flight,
        }
        emulator.faults.clear()
        if not (await _first_page(client, rng) and await _walk(client, rng)):
            raise AssertionError("the client no longer works")
        await client.close()
        await _settled(emulator)
        ends.left["connections"] = emulator.connections
        ends.left["tasks"] = len(asyncio.all_tasks() - before)
    gc.collect()  # what was dropped without being closed warns now, while the reason is known
    return ends


async def _settled(emulator: Emulator) -> None:
    """Wait until the emulator has noticed what the client dropped."""
    for _ in range(100):
        if not emulator.in_flight:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
