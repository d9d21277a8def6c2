"""The organization that plans are applied to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from tests.organization.applying.plans import Org, made


@pytest.fixture
async def org(emulator: Emulator) -> AsyncIterator[Org]:
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, max_retries=0
    ) as client:
        yield await made(emulator, client)
