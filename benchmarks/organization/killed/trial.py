"""One organization that is brought back by a command which is killed again and again."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import attrs
from aiohttp import web

from benchmarks.workflows.killed import KilledAtRequest, Launcher, Point
from benchmarks.workflows.killed.weather import Weather
from openai_admin.emulator import Drop, Emulator, RateLimit
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.organization.document.model import ALL
from tests.furnished import furnish
from tests.organizations import Size, fill

from ..drift.trial import Tally, Trial
from ..drift.ways import Way
from ..drift.wire import unshown

SPEED = 60.0
_TINY = Size(people=3, groups=2, projects=2, roles=1, keys=1)
_CHANGES = 8
_MOST_KILLS = 4
_MOST_RUNS = 12
_UNTIL_SHOWN = 360  # seconds; what was asked for and does not appear is made again after that


@attrs.define
class Kills:
    """What was done to the command."""

    runs: int = 0
    killed: int = 0
    unfinished: int = 0
    """Runs that came to their end and said that not everything was done, or is known."""
    requests: int = 0
    lost: int = 0


@attrs.frozen(kw_only=True)
class _Lost(Drop):
    """A share of the answers to a command's requests is lost, after the effect."""

    launcher: Launcher
    share: float
    random: Random
    kills: Kills

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.launcher.running and self.random.random() < self.share

    async def apply(self, exchange: Exchange) -> web.Response:
        self.kills.lost += 1
        return await super().apply(exchange)


@attrs.frozen(kw_only=True)
class _Paced(RateLimit):
    """A pace for each endpoint, for a command's requests alone."""

    launcher: Launcher

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.launcher.running


LOSSY = Weather(
    "20 % of answers lost, 8 a minute of each endpoint",
    lambda emulator, launcher, random: None,
)


class KilledTrial(Trial):
    """An organization whose file is applied by a command."""

    def __init__(
        self,
        launcher: Launcher,
        seed: int,
        way: Way,
        tally: Tally,
        kills: Kills,
        *,
        most_kills: int = _MOST_KILLS,
    ) -> None:
        clock = launcher.clock
        now = clock.since(time.time())
        self.passed = 0  # seconds that nobody waited for
        emulator = Emulator(
            state="empty",
            seed=seed,
            now=lambda: now() + self.passed,
            clock=clock,
            sleep=clock.sleep,
        )
        fill(emulator, seed, size=_TINY)
        furnish(emulator, seed)
        super().__init__(seed, way, tally, emulator=emulator)
        self.launcher = launcher
        self.kills = kills
        self.most_kills = most_kills

    async def bring_back(self) -> None:
        """Have the command do it, cut off at random, and accept invites; then go on in peace."""
        emulator = self.emulator
        emulator.faults.add(KilledAtRequest(launcher=self.launcher))
        emulator.faults.add(_Paced(launcher=self.launcher, limit=8, window=60))
        emulator.faults.add(
            _Lost(
                launcher=self.launcher,
                share=0.2,
                random=self.random,
                kills=self.kills,
                after_effect=True,
            )
        )
        left = self.most_kills
        for _ in range(_MOST_RUNS):
            emulator.requests.clear()
            plan = await self.planned()
            if gone := self.pinned_to_nothing(plan):
                self.unpin(gone)
                emulator.requests.clear()
                plan = await self.planned()
            self.check(plan)
            reads = len(emulator.requests)
            emulator.requests.clear()
            at_most = int(1.4 * reads) + 2 * len(plan.steps)
            least = reads if self.random.random() < 0.7 else 1  # most are cut off while they write
            if left == self.most_kills:  # the first one at a request that is certain to come
                least, at_most = reads // 2, reads
            number = self.random.randint(least, at_most)
            at = Point("request", number, self.random.choice(("before", "after")))
            force = [word for each in plan.exceeded for word in ("--force", each.kind)]
            run = await self.launcher.run(
                ["org", "apply", self.path.name, "--yes", "--log", "log.jsonl", *force],
                {
                    "HOME": self.folder.name,
                    "OPENAI_ADMIN_KEY": emulator.admin_key,
                    "OPENAI_BASE_URL": emulator.base_url,
                },
                folder=Path(self.folder.name),
                at=at if left else None,
            )
            self.kills.runs += 1
            self.kills.killed += run.killed
            self.kills.requests += len(emulator.requests)
            left -= run.killed
            for request in unshown(emulator.requests, [plan]):
                self.wrong(f"not in the plan: {request}")
            if run.killed:
                continue
            if run.code == 0:
                break
            self.kills.unfinished += 1
            if "run it again after" in run.stderr:
                self.passed += _UNTIL_SHOWN
            if run.code != 1 or "Traceback" in run.stderr:
                self.wrong(f"exit code {run.code}: {run.stderr[-400:]}")
                return
        else:
            self.wrong(f"it does not come to an end: {run.stderr[-300:]}")
        emulator.faults.clear()
        if (plan := await self.planned()).steps:
            steps = [f"{step.operation} {step.subject}" for step in plan.steps]
            self.wrong(f"it said that it is done, and there is something left: {steps[:4]}")
        self.accept()
        await super().bring_back()


async def tried(
    launcher: Launcher, seed: int, tally: Tally, kills: Kills, *, most_kills: int = _MOST_KILLS
) -> None:
    """Try one organization."""
    random = Random(f"killed way/{seed}")
    way = Way(
        prune=random.choice(((ALL,), (ALL,), ())),
        pins=random.random() < 0.5,
        only=None,
        is_strict=False,
        is_alone=False,
        archives=False,
    )
    async with KilledTrial(launcher, seed, way, tally, kills, most_kills=most_kills) as trial:
        try:
            await trial.run(_CHANGES)
        except Exception as error:  # noqa: BLE001 - one organization costs itself
            trial.wrong(f"{type(error).__name__}: {error}")
