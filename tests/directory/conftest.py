"""The server of one's own, running."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .api import API, serving


@pytest.fixture
async def api() -> AsyncIterator[API]:
    """A server that says of each path what a test wants."""
    async with serving() as api:
        yield api
