"""Clients on a demo organization whose time stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.usage.queries import UsageQueries
from tests.usage.server import PageServer
from tests.usage.times import NOW


@pytest.fixture(autouse=True)
def _fixed_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UsageQueries, "_clock", staticmethod(lambda: float(NOW)))


@pytest.fixture
async def demo() -> AsyncIterator[Emulator]:
    """The demo organization at `NOW`."""
    async with Emulator(state="demo", now=lambda: NOW) as emulator:
        yield emulator


@pytest.fixture
async def client(demo: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of `demo`."""
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    """A server of pages that counts, holds and fails requests."""
    async with PageServer() as server:
        yield server


@pytest.fixture
async def reader(server: PageServer) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of `server` that does not retry."""
    async with server.client() as client:
        yield client
