"""The demo organization with the jobs of the assistant, each with journals of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.mcp import Means, Settings, ToolSelection
from tests.mcp.serving import connections_to, listening

JOBS = ["invite", "offboard", "rotate_key"]
SINKS = ("support", "fraud", "search", "voice", "studio", "query", "whole")


@attrs.frozen
class Served:
    """A server with the jobs, and the organization behind it.

    Attributes:
        emulator: serves the organization.
        admin: a client that looks what is so there.
        url: the server's address.
        means: what the jobs were given.
    """

    emulator: Emulator
    admin: AsyncOpenAIAdmin
    url: str
    means: Means


@asynccontextmanager
async def serving(
    folder: Path,
    emulator: Emulator,
    *sinks: str,
    places: dict[str, str] | None = None,
    **settings: Any,
) -> AsyncIterator[Served]:
    """A server of an organization, with a new file as each sink."""
    files = {name: f"file:{folder / name}.env" for name in sinks}
    means = Means(sinks={**files, **(places or {})}, journals=folder / "journals")
    choice = ToolSelection(toolsets=["assistant"], globs=JOBS, means=means)
    async with (
        connections_to(emulator, max_retries=0) as connections,
        listening(connections, Settings(choice=choice, **settings)) as url,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin,
    ):
        yield Served(emulator, admin, url, means)


@fixture(loop_scope="module", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """The demo organization, which the tests of a module share: each changes other people."""
    folder = tmp_path_factory.mktemp("jobs")
    async with Emulator() as emulator, serving(folder, emulator, *SINKS) as served:
        yield served


@fixture(loop_scope="module")
async def fresh(tmp_path: Path) -> AsyncIterator[Served]:
    """One of its own, for a test that changes what others look at."""
    async with Emulator() as emulator, serving(tmp_path, emulator, *SINKS) as served:
        yield served
