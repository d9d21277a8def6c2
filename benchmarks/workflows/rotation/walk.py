"""Walking over every point at which a rotation can be killed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import attrs

from ..killed import Point, Run
from ..killed.weather import Weather
from .kinds import Kind
from .world import World

_MOST = 10  # runs until a rotation must have ended
_MOST_KILLS = 3
_PAUSE = 10.0  # seconds before the next run in bad weather
_DAY = 86_400


@attrs.frozen
class Way:
    """How a key is rotated.

    Attributes:
        name: as the table has it.
        options: those of each run.
        phases: the seconds by which the clock moves before each part; between parts both keys are
            valid.
    """

    name: str
    options: tuple[str, ...]
    phases: tuple[int, ...]


WAYS = (Way("at once", ("--finish",), (0,)), Way("overlap", ("--overlap", "24h"), (0, 2 * _DAY)))
SINKS = ("file", "command", "moto")


@attrs.frozen
class Case:
    """A combination that is walked."""

    kind: Kind
    sink: str
    way: Way

    def __str__(self) -> str:
        return f"{self.kind.name}, {self.sink}, {self.way.name}"


@attrs.define
class Tally:
    """What a walk came to.

    Attributes:
        points: at how many points the command was killed; in a weather, how many rotations were
            tried.
        kills: how often it was killed; at most points, it is killed again when it goes on.
        runs: how often it ran.
        wrong: what did not hold, each with the point.
    """

    points: int = 0
    kills: int = 0
    runs: int = 0
    wrong: list[str] = attrs.field(factory=list)


class Walk:
    """Walks one case.

    Args:
        world: where.
        case: what.
        seed: decides where the command is killed again.
    """

    def __init__(self, world: World, case: Case, *, seed: int = 0) -> None:
        self._world = world
        self._case = case
        self._random = random.Random(f"{seed} {case}")
        self.tally = Tally()

    async def all(self, sample: int | None = None) -> Tally:
        """Kill the command at every point, or at a sample of them, and have it finish."""
        points = await self._points()
        walked = [(phase, at) for phase, found in enumerate(points) for at in found]
        if sample is not None and sample < len(walked):
            chosen = self._random.sample(range(len(walked)), sample)
            walked = [walked[index] for index in sorted(chosen)]
        for phase, at in walked:
            again = self._random.choice(points[phase])
            await self._walk(phase, at, again)
        return self.tally

    async def _points(self) -> list[list[Point]]:
        """The points of each part of a rotation that nothing happens to; none if it fails."""
        await self._begin()
        points = []
        for number in range(len(self._case.way.phases)):
            started = self._world.started
            run = await self._part(number)
            if run.code:
                return []
            points.append(list(run.points(started=self._world.started - started)))
        self._end("without a kill")
        return points

    async def _walk(self, phase: int, at: Point, again: Point) -> None:
        await self._begin()
        for number in range(phase):
            await self._part(number)
        said = f"part {phase + 1}, killed at {at}, then at {again}"
        await self._part(phase, kills=(at, again), said=said)
        for number in range(phase + 1, len(self._case.way.phases)):
            await self._part(number, said=said)
        self._end(said)

    async def through(self, weather: Weather, trials: int) -> Tally:
        """Rotate so often in a weather, killed at random points and run until it has finished."""
        points = await self._points()
        for trial in range(trials if points else 0):
            chance = random.Random(f"{self._case} {weather.name} {trial}")
            self.tally.points += 1
            await self._begin()
            self._world.meet(weather, chance)
            for number, possible in enumerate(points):
                kills = chance.sample(possible, chance.randrange(_MOST_KILLS + 1))
                said = f"{weather.name}, trial {trial}, part {number + 1}, killed at {kills}"
                await self._part(number, kills=kills, said=said, is_fair=False)
            self._end(said)
        return self.tally

    async def _begin(self) -> None:
        await self._world.begin(self._case.kind, self._case.sink)

    async def _part(
        self, number: int, *, kills: Sequence[Point] = (), said: str = "", is_fair: bool = True
    ) -> Run:
        """One part of the rotation, run until it has come to its end.

        Args:
            number: which.
            kills: where it is killed, in one run after the other.
            said: what was done, for what is told.
            is_fair: whether the next run must come to the end.
        """
        world = self._world
        world.later(self._case.way.phases[number])
        for index, at in enumerate(kills):
            run = await self._run(at)
            if not run.killed and is_fair:
                break  # it came to its end before that point
            self.tally.kills += run.killed
            self.tally.points += is_fair and run.killed and index == 0
        run = await self._ended(is_fair=is_fair)
        if number < len(self._case.way.phases) - 1:
            world.check_overlap()
        self._collect(said or f"part {number + 1}, without a kill")
        return run

    async def _ended(self, *, is_fair: bool) -> Run:
        """The run that came to the end of a part."""
        for _ in range(_MOST):
            run = await self._run()
            if run.code == 0:
                return run
            if is_fair or run.code != 1:
                self._world.wrong.append(f"exit code {run.code}: {run.stderr.strip()}")
            if not is_fair:
                await self._world.pause(_PAUSE)
        self._world.wrong.append(f"not finished after {_MOST} runs: {run.stderr.strip()}")
        return run

    async def _run(self, at: Point | None = None) -> Run:
        self.tally.runs += 1
        return await self._world.rotate(*self._case.way.options, at=at)

    def _end(self, said: str) -> None:
        self._world.ended()
        self._collect(said)

    def _collect(self, said: str) -> None:
        wrong = dict.fromkeys(self._world.wrong)
        self.tally.wrong += [f"{self._case}: {said}: {what}" for what in wrong]
        self._world.wrong.clear()
