"""Creations whose answers are lost after the change: who creates objects twice, who loses some."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import openai

from openai_admin import AsyncOpenAIAdmin, OutcomeUnknownError
from openai_admin.emulator import Drop, Emulator

CREATIONS = 1_000
LOST = 0.2
_TASKS = 32


@attrs.frozen
class Outcome:
    """How the creations ended.

    Attributes:
        asked: how many were asked for.
        returned: calls that returned the created object.
        found: calls that raised OutcomeUnknownError, whose ``reconcile`` found the object, or
            named it as what may have been there before.
        nothing: calls that raised it, where ``reconcile`` found nothing.
        failed: calls that raised anything else.
        missing: objects that were not created, though no error says so.
        duplicates: objects beyond those asked for.
    """

    asked: int
    returned: int
    found: int
    nothing: int
    failed: int
    missing: int
    duplicates: int


Create = Callable[[str], Awaitable[object]]
"""Creates a project of this name, and says in a word how that ended."""


async def _measure(emulator: Emulator, create: Create, creations: int) -> Outcome:
    names = iter([f"project {number}" for number in range(creations)])
    ends: dict[str, object] = {}

    async def work() -> None:
        for name in names:
            ends[name] = await create(name)

    await asyncio.gather(*(work() for _ in range(_TASKS)))
    made = Counter(project["name"] for project in emulator.store.projects)
    words = Counter(ends.values())
    return Outcome(
        asked=creations,
        returned=words["returned"],
        found=words["found"],
        nothing=words["nothing"],
        failed=words["failed"],
        missing=sum(not made[n] for n, end in ends.items() if end in ("returned", "found")),
        duplicates=sum(count - 1 for count in made.values()),
    )


async def found_by(error: OutcomeUnknownError) -> Any:
    """What `reconcile` finds, which may have been created in the same second before the call."""
    try:
        return await error.reconcile(wait=0)
    except OutcomeUnknownError as undecided:
        (found,) = undecided.candidates
        return found


async def ours(emulator: Emulator, creations: int = CREATIONS) -> Outcome:
    """Our client, with `reconcile` where it does not know."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:

        async def create(name: str) -> str:
            try:
                project = await client.projects.create(name=name)
            except OutcomeUnknownError as error:
                found = await found_by(error)
                if found is None:
                    return "nothing"
                assert found.name == name
                return "found"
            assert project.name == name
            return "returned"

        return await _measure(emulator, create, creations)


async def official(emulator: Emulator, creations: int = CREATIONS) -> Outcome:
    """The official client as it is by default."""
    async with openai.AsyncOpenAI(
        admin_api_key=emulator.admin_key, base_url=emulator.base_url
    ) as client:
        projects = client.admin.organization.projects

        async def create(name: str) -> str:
            try:
                await projects.create(name=name)
            except openai.OpenAIError:
                return "failed"
            return "returned"

        return await _measure(emulator, create, creations)


async def both_clients(creations: int = CREATIONS) -> tuple[Outcome, Outcome]:
    """Both on emulators that lose the same share of answers."""
    outcomes = []
    for run in (ours, official):
        async with Emulator(state="empty") as emulator:
            emulator.faults.add(Drop(match="projects.create", rate=LOST, after_effect=True))
            outcomes.append(await run(emulator, creations))
    return outcomes[0], outcomes[1]
