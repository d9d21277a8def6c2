"""Rotations that are killed at every point; see `walk`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..killed import Launcher
from ..killed.store import Store
from ..killed.weather import WEATHERS
from .kinds import KINDS, ServiceAccounts
from .walk import SINKS, WAYS, Case, Tally, Walk
from .world import World

DESCRIPTION = "a key's rotation, killed at every request and at every write, and again"
_SPEED = 20.0  # a minute in 3 s
_TRIALS = 10
_SEVERAL_POINTS = 60  # of those at which the rotation of several is killed
CASES = tuple(Case(kind, sink, way) for kind in KINDS for sink in SINKS for way in WAYS)
SEVERAL = tuple(Case(ServiceAccounts(), "file", way) for way in WAYS)


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[World]:
    """A world to walk in; the options are a launcher's."""
    async with (
        Launcher(_SPEED, **options) as launcher,
        Store(launcher) as store,
        World(launcher, store) as world,
    ):
        yield world


async def _measure(sample: int | None) -> list[str]:
    wrong = []
    print(f"{'':<36}{'points':>9}{'kills':>9}{'runs':>9}{'seconds':>9}{'violations':>12}")
    async with opened() as world:
        for case in CASES:
            begin = time.perf_counter()
            tally = await Walk(world, case).all(sample)
            _show(str(case), tally, time.perf_counter() - begin)
            wrong += tally.wrong
        for case in SEVERAL:
            begin = time.perf_counter()
            points = _SEVERAL_POINTS if sample is None else min(sample, _SEVERAL_POINTS)
            tally = await Walk(world, case).all(points)
            _show(str(case), tally, time.perf_counter() - begin)
            wrong += tally.wrong
        trials = _TRIALS if sample is None else min(sample, _TRIALS)
        for weather in WEATHERS:
            print(f"{weather.name}: {trials} rotations of each")
            for case in (*CASES, *SEVERAL):
                begin = time.perf_counter()
                tally = await Walk(world, case).through(weather, trials)
                _show(str(case), tally, time.perf_counter() - begin)
                wrong += tally.wrong
    return wrong


def _show(name: str, tally: Tally, seconds: float) -> None:
    counts = f"{tally.points:>9,}{tally.kills:>9,}{tally.runs:>9,}"
    print(f"{name:<36}{counts}{seconds:>9.1f}{len(tally.wrong):>12,}", flush=True)


def measure(sample: int | None) -> list[str]:
    """Walk, print; what did not hold."""
    return asyncio.run(_measure(sample))
