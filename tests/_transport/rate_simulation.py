"""A discrete-event simulation of clients that share a `RateLimiter` and of servers that limit them.

Time is virtual: hours pass in milliseconds, and the same seed gives the same run. Used by
`test_rate_limiter.py`; ``python -m tests._transport.rate_simulation`` prints the whole table.
"""

import copy
import heapq
import itertools
import math
import statistics
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Container, Generator, Hashable, Iterator, Mapping
from functools import partial
from random import Random

import attrs

from openai_admin._transport.rate_estimator import Ticket
from openai_admin._transport.rate_headers import Limits
from openai_admin._transport.rate_limiter import RateLimiter


@attrs.define
class Server(ABC):
    """What grants ``limit`` requests in each ``window`` seconds; the limit may change once."""

    limit: int
    window: float
    change: tuple[float, int] | None = None
    """When the limit changes, and what it is from then on."""

    def limit_at(self, now: float) -> int:
        return self.limit if self.change is None or now < self.change[0] else self.change[1]

    @abstractmethod
    def admit(self, now: float) -> bool: ...

    @abstractmethod
    def reset(self, now: float) -> float:
        """Seconds until the limit is whole again."""
        ...

    @abstractmethod
    def remaining(self, now: float) -> int: ...

    @abstractmethod
    def free_at(self, now: float) -> float:
        """When a request would be granted, if none comes in between."""
        ...


@attrs.define
class FixedWindow(Server):
    """A counter that falls to zero at each border; the first border is at ``border``."""

    border: float = 0.0
    index: int = -1
    used: int = 0

    def _turn(self, now: float) -> None:
        index = math.floor((now - self.border) / self.window + 1e-9)
        if index != self.index:
            self.index, self.used = index, 0

    def remaining(self, now: float) -> int:
        self._turn(now)
        return max(0, self.limit_at(now) - self.used)

    def admit(self, now: float) -> bool:
        granted = self.remaining(now) > 0
        self.used += granted
        return granted

    def reset(self, now: float) -> float:
        self._turn(now)
        return self.border + (self.index + 1) * self.window - now

    def free_at(self, now: float) -> float:
        return now if self.remaining(now) else now + self.reset(now)


@attrs.define
class SlidingWindow(Server):
    """At most ``limit`` grants in the ``window`` seconds before any moment."""

    grants: deque[float] = attrs.field(factory=deque)

    def remaining(self, now: float) -> int:
        while self.grants and self.grants[0] <= now - self.window + 1e-9:
            self.grants.popleft()
        return max(0, self.limit_at(now) - len(self.grants))

    def admit(self, now: float) -> bool:
        if not self.remaining(now):
            return False
        self.grants.append(now)
        return True

    def reset(self, now: float) -> float:
        self.remaining(now)
        return self.grants[-1] + self.window - now if self.grants else 0.0

    def free_at(self, now: float) -> float:
        if self.remaining(now):
            return now
        return self.grants[len(self.grants) - self.limit_at(now)] + self.window


@attrs.define
class TokenBucket(Server):
    """Holds ``limit`` tokens; new ones drip in, ``limit`` in each ``window`` seconds."""

    tokens: float = math.inf
    at: float = 0.0

    def _fill(self, now: float) -> None:
        limit = self.limit_at(now)
        if self.change is not None and self.at < self.change[0] < now:
            self._fill(self.change[0])
        rate = self.limit_at(self.at) / self.window
        self.tokens = min(limit, self.tokens + (now - self.at) * rate)
        self.at = now

    def remaining(self, now: float) -> int:
        self._fill(now)
        return int(self.tokens + 1e-9)

    def admit(self, now: float) -> bool:
        if not self.remaining(now):
            return False
        self.tokens = max(0.0, self.tokens - 1)
        return True

    def reset(self, now: float) -> float:
        self._fill(now)
        limit = self.limit_at(now)
        return (limit - self.tokens) * self.window / limit

    def free_at(self, now: float) -> float:
        self._fill(now)
        return now + max(0.0, 1 - self.tokens) * self.window / self.limit_at(now)


def best_time(server: Server, requests: int) -> float:
    """The shortest time in which the server, asked at the right moments, grants so many."""
    server = copy.deepcopy(server)
    now = 0.0
    for _ in range(requests):
        free = server.free_at(now)
        if server.change is not None and now < server.change[0] < free:
            free = server.free_at(server.change[0])
        now = free
        assert server.admit(now), "free_at is wrong"
    return now


@attrs.define
class Tally:
    """How a run ended."""

    granted: int = 0
    refused: int = 0
    time: float = 0.0
    in_flight: int = 0
    most_in_flight: int = 0
    trace: list[tuple[float, bool]] = attrs.field(factory=list)
    done: Counter[int] = attrs.field(factory=Counter)
    """The granted requests of each path."""
    not_done: Counter[int] = attrs.field(factory=Counter)
    """The refused ones."""

    @property
    def refusal_share(self) -> float:
        return self.refused / (self.granted + self.refused)


Process = Generator[float | Ticket, None, None]
"""A task: yields seconds to sleep, or a ticket to wait for (woken sooner when it is called)."""


class Loop:
    """Runs processes in virtual time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Process]] = []
        self._timer: dict[Process, int] = {}  # of each process, the one timer that counts
        self._number = itertools.count()

    def start(self, process: Process) -> None:
        self._resume_after(process, 0.0)

    def run(self, until: float = math.inf) -> None:
        while self._heap and self._heap[0][0] <= until:
            time, number, process = heapq.heappop(self._heap)
            if self._timer.get(process) != number:
                continue
            self.now = time
            del self._timer[process]
            try:
                pause = next(process)
            except StopIteration:
                continue
            if isinstance(pause, Ticket):
                pause.wake = partial(self.start, process)
                pause = pause.wait
            self._resume_after(process, pause)

    def _resume_after(self, process: Process, seconds: float) -> None:
        assert 0 <= seconds < math.inf, "a waiter without a next time"
        number = next(self._number)
        self._timer[process] = number
        heapq.heappush(self._heap, (self.now + seconds, number, process))


class Never(FixedWindow):
    """What refuses every request."""

    def remaining(self, now: float) -> int:
        return 0


class Stray(FixedWindow):
    """What refuses the request with the number ``limit``, and no other."""

    def admit(self, now: float) -> bool:
        self.used += 1
        return self.used != self.limit

    def remaining(self, now: float) -> int:
        return 1


@attrs.frozen
class Work:
    """What the tasks of a client have to do.

    Attributes:
        requests: how many.
        tasks: by how many tasks, which take them from one list.
        paths: how many paths they ask in turn.
        own: the servers of paths that have a limit of their own.
        hung: the requests whose answer takes a minute.
        lane: the fan-out they belong to.
        begin: when it begins.
    """

    requests: int
    tasks: int
    paths: int = 1
    own: Mapping[int, Server] = attrs.field(factory=dict)
    hung: Container[int] = ()
    lane: Hashable = None
    begin: float = 0.0


@attrs.define
class Client:
    """Tasks that take jobs from one list and send them when the rate_limiter lets them."""

    loop: Loop
    rate_limiter: RateLimiter
    random: Random
    latency: tuple[float, float]
    headers: bool = False
    retry_after: bool = False

    def start(self, endpoint: str, server: Server, work: Work) -> Tally:
        tally = Tally()
        jobs = iter(range(work.requests))
        for _ in range(work.tasks):
            self.loop.start(self._task(endpoint, server, work, jobs, tally))
        return tally

    def _task(
        self, endpoint: str, server: Server, work: Work, jobs: Iterator[int], tally: Tally
    ) -> Process:
        yield work.begin
        for job in jobs:
            again = False
            while not (yield from self._attempt(endpoint, server, work, job, tally, again)):
                again = True

    def _attempt(
        self, endpoint: str, server: Server, work: Work, job: int, tally: Tally, again: bool
    ) -> Generator[float | Ticket, None, bool]:
        loop, rate_limiter = self.loop, self.rate_limiter
        path = job % work.paths
        server = work.own.get(path, server)
        ticket = rate_limiter.ask(endpoint, loop.now, again=again, path=path, lane=work.lane)
        while ticket.wait:
            yield ticket
            rate_limiter.renew(ticket, loop.now)
        tally.in_flight += 1
        tally.most_in_flight = max(tally.most_in_flight, tally.in_flight)
        there, back = (self.random.uniform(*self.latency) / 2 for _ in range(2))
        yield 60.0 if job in work.hung else there
        granted = server.admit(loop.now)
        tally.trace.append((loop.now, granted))
        limits = None
        if self.headers:
            now = loop.now
            limits = Limits(server.limit_at(now), server.remaining(now), server.reset(now))
        free_after = server.free_at(loop.now) - loop.now if self.retry_after else 0.0
        yield back
        tally.in_flight -= 1
        if granted:
            rate_limiter.granted(ticket, loop.now, limits)
            tally.granted += 1
            tally.time = loop.now
            tally.done[path] += 1
        else:
            retry_after = free_after if self.retry_after else None
            rate_limiter.refused(ticket, loop.now, retry_after=retry_after, limits=limits)
            tally.refused += 1
            tally.not_done[path] += 1
        return granted


@attrs.frozen
class Scenario:
    """One server with 8 grants in a window, asked by 32 tasks."""

    server: type[Server]
    requests: int = 90
    window: float = 60.0
    headers: bool = False
    retry_after: bool = False
    new_limit: int | None = None
    """The limit after half of the time that the requests take at best."""
    any_phase: bool = False
    """Whether the run begins anywhere in a fixed window, not at its border."""
    endpoints: int = 1
    paths: int = 1

    def __str__(self) -> str:
        change = f" 8->{self.new_limit}" if self.new_limit else ""
        marks = (" headers", self.headers), (" retry-after", self.retry_after)
        return (
            f"{self.server.__name__}{' any phase' if self.any_phase else ''} {self.window:g} s"
            f" {self.requests}x{self.endpoints}{change}{' paths' * (self.paths > 1)}"
            f"{''.join(text for text, on in marks if on)}"
        )

    def _server(self, random: Random) -> Server:
        server = self.server(8, self.window)
        if isinstance(server, FixedWindow) and self.any_phase:
            server.border = random.uniform(0, self.window)
        if self.new_limit is not None:
            server.change = (best_time(server, self.requests) / 2, self.new_limit)
        return server

    def run(self, seed: int) -> "Result":
        """Run it; the worst of its endpoints counts."""
        random, loop = Random(seed), Loop()
        scale = min(1.0, self.window / 10)
        client = Client(
            loop,
            RateLimiter(random=Random(seed + 1)),
            random,
            (0.05 * scale, 0.3 * scale),
            self.headers,
            self.retry_after,
        )
        servers = [self._server(random) for _ in range(self.endpoints)]
        best = [best_time(server, self.requests) for server in servers]
        tallies = [
            client.start(f"endpoint {number}", server, Work(self.requests, 32, self.paths))
            for number, server in enumerate(servers)
        ]
        loop.run()
        return Result(
            finished=all(tally.granted == self.requests for tally in tallies),
            left=client.rate_limiter.in_flight + client.rate_limiter.waiting,
            time=max(tally.time for tally in tallies),
            ratio=max(tally.time / time for tally, time in zip(tallies, best, strict=True)),
            refused=max(tally.refused for tally in tallies),
            share=max(tally.refusal_share for tally in tallies),
        )


@attrs.frozen
class Result:
    """How a run ended: all answered, tickets left, seconds, against the best, refusals."""

    finished: bool
    left: int
    time: float
    ratio: float
    refused: int
    share: float


@attrs.frozen
class Summary:
    """A scenario over many seeds."""

    scenario: Scenario
    results: list[Result]

    @property
    def worst_ratio(self) -> float:
        return max(result.ratio for result in self.results)

    @property
    def worst_share(self) -> float:
        return max(result.share for result in self.results)

    def __str__(self) -> str:
        mean = statistics.fmean(result.ratio for result in self.results)
        return (
            f"{self.scenario!s:44} {max(result.time for result in self.results):8.1f} s,"
            f" x best: mean {mean:.3f} worst {self.worst_ratio:.3f};"
            f" refused: mean {statistics.fmean(r.refused for r in self.results):4.1f}"
            f" worst {max(r.refused for r in self.results):2} = {self.worst_share:.1%}"
        )


def summarize(scenario: Scenario, seeds: int) -> Summary:
    """Run a scenario with each of the seeds."""
    return Summary(scenario, [scenario.run(seed) for seed in range(seeds)])


STEADY = [
    Scenario(server, requests, window, endpoints=endpoints)
    for window in (60.0, 1.0)
    for server in (FixedWindow, SlidingWindow, TokenBucket)
    for requests, endpoints in ((90, 1), (180, 1), (90, 2))
]
UNUSUAL = [
    Scenario(server, 90, window)
    for window in (2.0, 3.0, 6.0, 10.0, 15.0, 20.0, 30.0, 120.0)
    for server in (FixedWindow, SlidingWindow, TokenBucket)
]
ANY_PHASE = [
    Scenario(FixedWindow, requests, window, any_phase=True)
    for window in (60.0, 1.0)
    for requests in (90, 180)
]
CHANGING = [
    Scenario(server, requests, window, new_limit=new_limit, any_phase=any_phase)
    for window in (60.0, 1.0)
    for server, any_phase in (
        (FixedWindow, False),
        (FixedWindow, True),
        (SlidingWindow, False),
        (TokenBucket, False),
    )
    for requests in (90, 180)
    for new_limit in (4, 16)
]
TOLD = [
    Scenario(server, 90, window, headers=headers, retry_after=not headers, new_limit=new_limit)
    for window in (60.0, 1.0)
    for server in (FixedWindow, SlidingWindow, TokenBucket)
    for headers in (True, False)
    for new_limit in (None, 4, 16)
]

if __name__ == "__main__":
    for scenario in (*STEADY, *UNUSUAL, *ANY_PHASE, *CHANGING, *TOLD):
        print(summarize(scenario, 200))
