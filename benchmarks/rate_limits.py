"""Listing the roles and the users of 90 projects from a service that grants 8 requests a window.

Each endpoint has its own limit, 32 tasks share one client, and how good a run was is judged by
what the service saw: the time against the best possible, and the share it refused.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal

import attrs
import openai

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency, RateLimit
from openai_admin.emulator.faults.windows import FixedWindow, SlidingWindow, TokenBucket, Window

from .seams import SeededClient

PROJECTS = 90
MEMBERS = 2
TASKS = 32
LIMIT = 8
ENDPOINTS = ("projects.roles.list", "projects.users.list")

_WINDOWS: dict[str, type[Window]] = {
    "fixed": FixedWindow,
    "sliding": SlidingWindow,
    "bucket": TokenBucket,
}

List = Callable[[str, str], Awaitable[int]]
"""Lists what an endpoint has of a project, and returns how many items that is."""


@attrs.frozen
class Case:
    """How the service limits.

    Attributes:
        count: how it counts.
        window: seconds.
        headers: whether it sends ``x-ratelimit-*`` headers.
        then: the limit from half of the best possible time on, if it changes.
        phase: the part of its window that has passed when the run begins; a window otherwise
            begins with the first request.
    """

    count: Literal["fixed", "sliding", "bucket"] = "fixed"
    window: float = 60.0
    headers: bool = False
    then: int | None = None
    phase: float = 0.0

    def __str__(self) -> str:
        parts = [f"{self.count} window" if self.count != "bucket" else "bucket"]
        parts += ["with headers"] * self.headers
        parts += [f"8, then {self.then}"] if self.then else []
        parts += [f"from {self.phase:.0%} of a window on"] if self.phase else []
        return ", ".join(parts)

    @property
    def change(self) -> float | None:
        """Seconds after the first request when the limit changes."""
        if self.then is None:
            return None
        return self.window * self.phase + attrs.evolve(self, then=None).best() / 2

    def best(self) -> float:
        """The least seconds in which as many requests as there are projects can be granted."""
        window = _WINDOWS[self.count](self.window)
        now, change = 0.0, self.change
        if self.phase:
            window.take(now, LIMIT)
            now = self.window * self.phase
        begin = now
        left = PROJECTS
        while left:
            changed = change is not None and now >= change
            verdict = window.take(now, (self.then or LIMIT) if changed else LIMIT)
            if verdict.granted:
                left -= 1
                continue
            later = now + verdict.wait
            now = change if change is not None and now < change < later else later
        return now - begin

    def fault(self) -> RateLimit:
        """The fault that makes the emulator limit this way."""
        return RateLimit(
            match="projects.*.list",
            limit=LIMIT,
            window=self.window,
            count=self.count,
            headers=self.headers,
            then=self.then,
            then_after=self.change or 0.0,
        )


@attrs.frozen
class Run:
    """How a run ended.

    Attributes:
        failed: the calls that raised.
        items: what the others listed, by endpoint.
        seconds: from the first request to the last answer.
        best: the least they could be.
        requests: what the service got, by endpoint.
        refused: what it refused of that.
    """

    failed: int
    items: Counter[str]
    seconds: float
    best: float
    requests: Counter[str]
    refused: Counter[str]

    @property
    def ratio(self) -> float:
        """The time against the best possible."""
        return self.seconds / self.best

    @property
    def share(self) -> float:
        """The refused share of the requests, where it is largest."""
        return max(self.refused[e] / self.requests[e] for e in ENDPOINTS)


async def furnish(emulator: Emulator) -> list[str]:
    """Give an empty organization projects with members; the ids of the projects."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        users = []
        for number in range(MEMBERS):
            invite = await client.invites.create(email=f"u{number}@example.com", role="reader")
            users.append(emulator.accept_invite(invite.id)["id"])
        projects = [(await client.projects.create(name=f"p{n}")).id for n in range(PROJECTS)]
        for project in projects:
            for user in users:
                await client.projects.users.create(project, user_id=user, role="member")
    return projects


def _ours(client: AsyncOpenAIAdmin) -> List:
    async def count(endpoint: str, project: str) -> int:
        resource = getattr(client.projects, endpoint.split(".")[1])
        return len([item async for item in resource.list(project)])

    return count


def _official(client: openai.AsyncOpenAI) -> List:
    async def count(endpoint: str, project: str) -> int:
        resource = getattr(client.admin.organization.projects, endpoint.split(".")[1])
        return len([item async for item in resource.list(project)])

    return count


async def _measure(case: Case, emulator: Emulator, projects: list[str], listed: List) -> Run:
    """Let 32 tasks list everything once."""
    clock = asyncio.get_running_loop().time
    emulator.faults.add(case.fault())
    if case.phase:
        for endpoint in ENDPOINTS:
            await listed(endpoint, projects[0])  # so that the windows begin
        await asyncio.sleep(case.window * case.phase)
    emulator.requests.clear()
    jobs = iter([(endpoint, project) for project in projects for endpoint in ENDPOINTS])
    items: Counter[str] = Counter()
    failed = 0

    async def work() -> None:
        nonlocal failed
        for endpoint, project in jobs:
            try:
                found = await listed(endpoint, project)
            except Exception:  # noqa: BLE001 - whatever it is, it is counted
                failed += 1
            else:
                items[endpoint] += found

    begin = clock()
    await asyncio.gather(*(work() for _ in range(TASKS)))
    return Run(
        failed=failed,
        items=items,
        seconds=clock() - begin,
        best=case.best(),
        requests=Counter(r.operation for r in emulator.requests),
        refused=Counter(r.operation for r in emulator.requests if r.status == 429),
    )


async def in_virtual_time(case: Case, seed: int) -> Run:
    """Our client, run by a loop of virtual time, with answers that take 50 to 300 ms."""
    clock = asyncio.get_running_loop().time
    async with Emulator(state="empty", seed=seed, clock=clock) as emulator:
        projects = await furnish(emulator)
        emulator.faults.add(Latency(seconds=0.05, jitter=0.25))
        async with SeededClient(emulator, seed=seed, clock=clock) as client:
            return await _measure(case, emulator, projects, _ours(client))


async def in_real_time(case: Case) -> tuple[Run, Run]:
    """Our client and the official one as it is by default, one after the other."""
    async with Emulator(state="empty") as emulator:
        projects = await furnish(emulator)
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            ours = await _measure(case, emulator, projects, _ours(client))
        emulator.faults.clear()
        async with openai.AsyncOpenAI(
            admin_api_key=emulator.admin_key, base_url=emulator.base_url
        ) as official:
            return ours, await _measure(case, emulator, projects, _official(official))
