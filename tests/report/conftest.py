"""Reviews of the demo organization."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.insights import Review, review


@pytest.fixture
async def client(demo: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of the `demo` organization."""
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        yield client


@pytest.fixture
async def found(client: AsyncOpenAIAdmin) -> Review:
    """What is found in the `demo` organization."""
    return await review(client)
