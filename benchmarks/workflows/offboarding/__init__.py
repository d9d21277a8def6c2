"""Offboardings, killed at random and repeated until they say that they are done."""

from __future__ import annotations

import asyncio
import time
from random import Random

import attrs

from ..killed import Launcher, Place, Point, Run
from ..killed.points import WHENS
from ..killed.weather import WEATHERS, Weather
from .world import World

DESCRIPTION = "a person's offboarding, killed at random requests and writes, and again"
SPEED = 40.0
_COUNT = 50
_MOST_KILLS = 8
_MOST_RUNS = 6

LOSSY, *_ = WEATHERS
CALM = Weather("all is well", lambda emulator, launcher, chance: None)


@attrs.define
class Tally:
    """What was tried, and what did not hold."""

    organizations: int = 0
    refused: int = 0
    """Of these, how many would have lost their last owner."""
    taken: int = 0
    """Things that were taken away."""
    kills: int = 0
    runs: int = 0
    wrong: list[str] = attrs.field(factory=list)


async def tried(
    launcher: Launcher, seed: int, weather: Weather, tally: Tally, *, most_kills: int = _MOST_KILLS
) -> None:
    """Offboard the person of a seed: at one go, then again, cut off at random.

    Both must end alike. The first tells where the second can be cut off.
    """
    random = Random(f"kills/{seed}/{weather.name}")
    async with World(launcher, seed) as world:
        named = f"{seed} ({world.who.kind}, {weather.name})"
        await world.begin()
        run = await world.offboard()
        tally.wrong += [f"{named}, at one go: {what}" for what in await world.ended(run)]
        places = _places(run)

        await world.begin()
        weather.begin(world.emulator, launcher, random)
        kills = runs = 0
        while not world.is_over(run) or not runs:
            if runs > most_kills + _MOST_RUNS:
                tally.wrong.append(f"{named}: it never says that it is done: {run.stderr}")
                return
            place, most = random.choice(places)
            at = Point(place, random.randint(1, most), random.choice(WHENS[place]))
            run = await world.offboard(at if kills < most_kills else None)
            runs += 1
            kills += run.killed
        world.emulator.faults.clear()
        wrong = await world.ended(run)
        tally.wrong += [f"{named}, killed {kills} times: {what}" for what in wrong]
        tally.organizations += 1
        tally.refused += world.is_refused
        tally.taken += world.taken
        tally.kills += kills
        tally.runs += runs


def _places(run: Run) -> list[tuple[Place, int]]:
    """Where a run can be cut off, and how often it comes there: mostly requests, or writes."""
    requests: tuple[Place, int] = ("request", run.requests["request"])
    writes: tuple[Place, int] = ("write", len(run.writes))
    return [requests, requests, writes if run.writes else requests]


async def _measure(count: int) -> list[str]:
    wrong = []
    print(
        f"{'':<36}{'organizations':>14}{'refused':>9}{'taken away':>12}{'kills':>8}{'runs':>8}"
        f"{'seconds':>9}{'violations':>12}"
    )
    for weather in (CALM, LOSSY):
        tally, begin = Tally(), time.perf_counter()
        async with Launcher(SPEED) as launcher:
            for seed in range(count):
                await tried(launcher, seed, weather, tally)
        seconds = time.perf_counter() - begin
        counts = f"{tally.organizations:>14,}{tally.refused:>9,}{tally.taken:>12,}"
        counts += f"{tally.kills:>8,}{tally.runs:>8,}{seconds:>9.1f}{len(tally.wrong):>12,}"
        print(f"{weather.name:<36}{counts}", flush=True)
        wrong += tally.wrong
    return wrong


def measure(sample: int | None) -> list[str]:
    """Offboard, print; what did not hold."""
    return asyncio.run(_measure(sample or _COUNT))
