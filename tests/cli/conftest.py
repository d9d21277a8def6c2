"""The command line in this process, on an emulator with a real socket."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
import pytest_asyncio

from openai_admin.cli.app import run
from openai_admin.emulator import Emulator
from tests.contract_world import World


@attrs.frozen
class Outcome:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was written, decoded."""
        assert self.code == 0, self.err
        return json.loads(self.out)


CLI = Callable[..., Coroutine[Any, Any, Outcome]]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Neither the machine's profiles nor its terminal's settings reach a test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("OPENAI_ADMIN_PROFILE", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")  # else the width of help is the machine's
    yield
    logging.getLogger("openai_admin").setLevel(logging.NOTSET)  # which -v changes


async def invoke(*arguments: str, stdin: str = "") -> Outcome:
    """Run a command line in another thread, as it runs a loop of its own."""
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as given:
        given.write(stdin)
        given.seek(0)
        sys.stdin, sys.stdout, sys.stderr = given, out, err
        try:
            code = await asyncio.to_thread(run, arguments)
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
    return Outcome(code, out.getvalue(), err.getvalue())


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, demo: Emulator) -> CLI:
    """Runs command lines on the `demo` organization."""
    monkeypatch.setenv("OPENAI_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", demo.admin_key)
    return invoke


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world() -> AsyncIterator[World]:
    """One demo organization for many tests, since making it takes longer than most of them."""
    async with Emulator() as emulator, aiohttp.ClientSession() as session:
        yield World(emulator, session)
