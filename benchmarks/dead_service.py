"""A service that is down, and a thousand tasks that ask it: how many requests it gets."""

from __future__ import annotations

import asyncio

import openai

from openai_admin import AsyncOpenAIAdmin, InternalServerError
from openai_admin.emulator import Emulator, Status

TASKS = 1_000


async def ours(emulator: Emulator) -> int:
    """The requests of our client."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        calls = (client.projects.retrieve(f"proj_{number}") for number in range(TASKS))
        errors = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(error, InternalServerError) for error in errors)
    return len(emulator.requests)


async def official(emulator: Emulator) -> int:
    """The requests of the official client as it is by default."""
    async with openai.AsyncOpenAI(
        admin_api_key=emulator.admin_key, base_url=emulator.base_url
    ) as client:
        projects = client.admin.organization.projects
        calls = (projects.retrieve(f"proj_{number}") for number in range(TASKS))
        errors = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(error, openai.OpenAIError) for error in errors)
    return len(emulator.requests)


async def both_clients() -> tuple[int, int]:
    """Both on a service that answers 503."""
    requests = []
    for run in (ours, official):
        async with Emulator(state="empty") as emulator:
            emulator.faults.add(Status(status=503))
            requests.append(await run(emulator))
    return requests[0], requests[1]
