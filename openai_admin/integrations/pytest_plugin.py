"""Fixtures for testing code that administers an organization, without touching a real one.

Installed with the package; pytest finds it by itself. The emulator runs in a thread of its own,
so plain and ``async`` tests may use it alike::

    def test_rotation(openai_admin_client, openai_admin_emulator):
        rotate_keys(openai_admin_client)
        assert openai_admin_emulator.requests[-1].operation == "admin_api_keys.delete"

The organization is an empty one, unless a mark asks for another:
``@pytest.mark.openai_admin(state="demo", seed=7)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..emulator import Emulator
    from ..sync import OpenAIAdmin


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers",
        "openai_admin(state='empty', seed=0, now=None): the organization that the fixture"
        " openai_admin_emulator makes.",
    )


@pytest.fixture
def openai_admin_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A running emulator of the Admin API, new for each test."""
    from anyio.from_thread import start_blocking_portal

    from ..emulator import Emulator

    mark = request.node.get_closest_marker("openai_admin")
    if mark is not None and mark.args:
        raise pytest.UsageError("The mark openai_admin takes names: openai_admin(state='demo').")
    settings = {"state": "empty", **(mark.kwargs if mark else {})}
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Emulator(**settings)) as emulator,
    ):
        yield emulator


@pytest.fixture
def openai_admin_client(openai_admin_emulator: Emulator) -> Iterator[OpenAIAdmin]:
    """A blocking client of `openai_admin_emulator`, with a key that may do everything.

    For an asynchronous one, give `AsyncOpenAIAdmin` the emulator's ``admin_key`` and ``base_url``.
    """
    from ..sync import OpenAIAdmin

    emulator = openai_admin_emulator
    with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        yield client
