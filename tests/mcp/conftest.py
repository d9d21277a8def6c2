"""The MCP server on an emulator, for the tests that need a fresh one each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from openai_admin.emulator import Emulator
from openai_admin.mcp import Connections
from tests.mcp.serving import connections_to, listening


@pytest.fixture
async def connections(emulator: Emulator) -> AsyncIterator[Connections]:
    """A connection to an organization that has nothing but an owner."""
    async with connections_to(emulator) as made:
        yield made


@pytest.fixture
async def url(connections: Connections) -> AsyncIterator[str]:
    """The address of a server with that connection."""
    async with listening(connections) as address:
        yield address
