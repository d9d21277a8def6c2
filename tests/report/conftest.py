"""Reviews of the demo organization."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.insights import Review, review


@pytest.fixture
async def client(demo: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of the `demo` organization."""
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        yield client


@pytest.fixture(scope="session")
def found() -> Review:
    """What is found in the demo organization; it is frozen, and making it takes seconds."""

    async def reviewed() -> Review:
        async with (
            Emulator(state="demo") as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            return await review(client)

    # On a thread of its own, since the tests' loops are pytest's.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, reviewed()).result()
