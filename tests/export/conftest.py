"""A demo organization whose clock stands still until a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@attrs.define
class Clock:
    """The organization's time, moved by hand."""

    now: datetime = NOW

    def pass_days(self, days: float) -> None:
        """Move on."""
        self.now += timedelta(days=days)

    def __call__(self) -> int:
        return int(self.now.timestamp())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def organization(clock: Clock) -> AsyncIterator[Emulator]:
    """The demo organization at the `clock`'s time; its costs have people beside projects."""
    async with Emulator(now=clock, costs_by_project_and_user=True) as emulator:
        yield emulator


@pytest.fixture
async def client(organization: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(organization.admin_key, base_url=organization.base_url) as client:
        yield client
