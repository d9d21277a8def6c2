"""A demo organization whose clock stands still until a test moves it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.received import ReceivedRequest
from openai_admin.export import Progress, Summary, export

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


@attrs.frozen
class Twice:
    """A dataset of everything, exported twice.

    Attributes:
        root: its folder; files that only the first run wrote have the time 0.
        since: the first moment exported.
        runs: what the runs say, each with the requests that it took.
        progress: what the first run told of how far it was.
    """

    root: Path
    since: datetime
    runs: list[tuple[Summary, list[ReceivedRequest]]] = attrs.field(factory=list)
    progress: list[Progress] = attrs.field(factory=list)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """A dataset for all that only look at it."""
    made = Twice(tmp_path_factory.mktemp("twice"), NOW - timedelta(days=40))
    async with (
        Emulator(now=Clock()) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        for show in (made.progress.append, None):
            for path in made.root.rglob("*.parquet"):
                os.utime(path, (0, 0))
            emulator.requests.clear()
            arguments: dict[str, Any] = {"since": made.since, "now": NOW, "on_progress": show}
            done = await export(client, made.root, **arguments)
            made.runs.append((done, list(emulator.requests)))
    return made
