"""What one request, path, endpoint or process costs its neighbours, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import attrs
from aiohttp import web

from openai_admin import APIError
from openai_admin.emulator import Emulator, Latency, RateLimit, Status
from openai_admin.emulator.faults import Exchange, Fault

from . import virtual_time
from .rate_limits import furnish
from .seams import SeededClient

PATHS = 30
STRAY_OF = 300
HUNG_OF = 40
LIMIT = 8  # a minute
MINUTES = 20
EACH = 60
SHARING = ("projects.users.list", "projects.roles.list", "projects.rate_limits.list")

_TASKS = 32
_SLOW = Latency(seconds=0.05, jitter=0.25)
_EVEN = Latency(seconds=0.05)


@attrs.frozen
class Costs:
    """The figures.

    Attributes:
        refused_path: seconds that a path that is always refused costs 29 others.
        stray: seconds that one 429 costs 300 requests.
        hung: the median time of 39 others beside a request that hangs, against 40 without.
        least: the smaller of two processes' parts of their limit.
        together: both parts.
        shared: the time against the best possible, where three endpoints share a limit.
        shared_refused: the refused share of their requests.
    """

    refused_path: float
    stray: float
    hung: float
    least: float
    together: float
    shared: float
    shared_refused: float


@attrs.frozen(kw_only=True)
class RefusedPath(Fault):
    """Every request whose path has this part gets 429."""

    part: str

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.part in request.path

    async def apply(self, exchange: Exchange) -> web.Response:
        return await Status(status=429).apply(exchange)


@attrs.frozen(kw_only=True)
class SharedLimit(RateLimit):
    """A rate limit that counts the requests of all operations together."""

    async def apply(self, exchange: Exchange) -> web.Response:
        return await RateLimit.apply(self, attrs.evolve(exchange, operation="all"))


@contextlib.asynccontextmanager
async def _service(*faults: Fault, seed: int = 0) -> AsyncIterator[tuple[Emulator, list[str]]]:
    clock = asyncio.get_running_loop().time
    async with Emulator(state="empty", seed=seed, clock=clock) as emulator:
        projects = await furnish(emulator)
        for fault in faults:
            emulator.faults.add(fault)
        yield emulator, projects


def _client(emulator: Emulator, seed: int = 0) -> SeededClient:
    return SeededClient(emulator, seed=seed, clock=asyncio.get_running_loop().time)


async def _times(
    client: SeededClient, projects: Sequence[str], *, tasks: int, wanted: int | None = None
) -> list[float]:
    """List the users of projects; the seconds after which the wanted number of them was listed."""
    clock = asyncio.get_running_loop().time
    begin, jobs = clock(), iter(projects)
    times: list[float] = []
    enough = asyncio.Event()

    async def work() -> None:
        for project in jobs:
            await client.projects.users.list(project)
            times.append(clock() - begin)
            if len(times) == (wanted or len(projects)):
                enough.set()

    working = [asyncio.ensure_future(work()) for _ in range(tasks)]
    await enough.wait()
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    return times


async def _last(jobs: Callable[[list[str]], list[str]], *faults: Fault, wanted: int) -> float:
    """The seconds that it takes to list so many of the projects' users."""
    async with _service(_SLOW, *faults) as (emulator, projects), _client(emulator) as client:
        listed = jobs(projects)
        return (await _times(client, listed, tasks=PATHS, wanted=wanted))[-1]


async def _refused_path() -> float:
    """The seconds that a path that is always refused costs its neighbours."""
    async with _service(_SLOW) as (emulator, projects):
        emulator.faults.add(RefusedPath(match="projects.users.list", part=projects[PATHS // 2]))
        async with _client(emulator) as client:
            times = await _times(client, projects[:PATHS], tasks=PATHS, wanted=PATHS - 1)
    return times[-1] - await _last(lambda projects: projects[:PATHS], wanted=PATHS)


async def _stray() -> float:
    """The seconds that a single 429 costs."""

    def jobs(projects: list[str]) -> list[str]:
        return list(itertools.islice(itertools.cycle(projects), STRAY_OF))

    refusal = Status(match="projects.users.list", status=429, only=(20,))
    return await _last(jobs, refusal, wanted=STRAY_OF) - await _last(jobs, wanted=STRAY_OF)


async def _hung() -> float:
    """The median time beside a request that hangs, against the median without."""
    medians = []
    for faults in ([_EVEN, Latency(match="projects.users.list", seconds=30, only=(2,))], [_EVEN]):
        others = HUNG_OF - len(faults) + 1
        async with _service(*faults) as (emulator, projects), _client(emulator) as client:
            times = await _times(client, projects[:HUNG_OF], tasks=HUNG_OF, wanted=others)
        medians.append(statistics.median(times))
    return medians[0] / medians[1]


async def _two_processes() -> tuple[float, float]:
    """The smaller part of a limit that one of two processes gets, and both parts."""
    limit = RateLimit(match="projects.users.list", limit=LIMIT)
    granted = [0, 0]

    async def work(client: SeededClient, number: int, jobs: Iterator[str]) -> None:
        for project in jobs:
            with contextlib.suppress(APIError):
                await client.projects.users.list(project)
                granted[number] += 1

    async with _service(_SLOW, limit) as (emulator, projects), contextlib.AsyncExitStack() as stack:
        working = []
        for number in range(2):
            client = await stack.enter_async_context(_client(emulator, number))
            jobs = itertools.cycle(projects)
            working += [asyncio.ensure_future(work(client, number, jobs)) for _ in range(_TASKS)]
        await asyncio.sleep(60 * MINUTES)
        parts = [count / (LIMIT * MINUTES) for count in granted]
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    return min(parts), sum(parts)


async def _shared() -> tuple[float, float]:
    """The time of three endpoints with one limit against the best possible; what is refused."""
    clock = asyncio.get_running_loop().time
    async with _service(_SLOW) as (emulator, projects), _client(emulator) as client:
        emulator.faults.add(SharedLimit(match="projects.*.list", limit=LIMIT))
        emulator.requests.clear()
        jobs = iter([(name, project) for project in projects[:EACH] for name in SHARING])

        async def work() -> None:
            for name, project in jobs:
                await getattr(client.projects, name.split(".")[1]).list(project)

        begin = clock()
        await asyncio.gather(*(work() for _ in range(_TASKS)))
        seconds = clock() - begin
        requests = [request for request in emulator.requests if request.operation in SHARING]
    best = 60 * ((len(SHARING) * EACH - 1) // LIMIT)
    return seconds / best, sum(r.status == 429 for r in requests) / len(requests)


def figures() -> Costs:
    """Run everything."""
    least, together = virtual_time.run(_two_processes())
    shared, shared_refused = virtual_time.run(_shared())
    return Costs(
        refused_path=virtual_time.run(_refused_path()),
        stray=virtual_time.run(_stray()),
        hung=virtual_time.run(_hung()),
        least=least,
        together=together,
        shared=shared,
        shared_refused=shared_refused,
    )
