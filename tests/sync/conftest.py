"""Scripts in processes of their own, as a user runs them, on the test's emulator."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import textwrap
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin.emulator import Emulator

ROOT = Path(__file__).parents[2]
# Seconds after which a process counts as hanging. What must not be waited for takes an hour.
GUARD = 60
HOUR = 3600.0
DAY = 86_400
EARLY = (int(time.time()) // DAY - 360) * DAY
"""A midnight in Unix seconds, about as far back as the API has usage."""


@attrs.frozen
class Ended:
    """How a script ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> Any:
        """The JSON the script printed."""
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out)


class Scripts:
    """Runs Python source with warnings as errors and the emulator in its environment."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []
        self._environment = os.environ | {
            "OPENAI_BASE_URL": emulator.base_url,
            "OPENAI_ADMIN_KEY": emulator.admin_key,
            "PYTHONPATH": str(ROOT),
        }

    async def start(self, source: str) -> Process:
        """Start a script."""
        path = self._folder / "script.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", str(path)),
            env=self._environment,
            stdout=PIPE,
            stderr=PIPE,
        )
        self._started.append(process)
        return process

    async def end(self, process: Process) -> Ended:
        """Wait for a script to end by itself."""
        async with asyncio.timeout(GUARD):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    async def run(self, source: str) -> Ended:
        """Run a script to its end."""
        return await self.end(await self.start(source))

    async def stop(self) -> None:
        """End what still runs."""
        for process in self._started:
            if process.returncode is None:
                process.kill()
                await process.communicate()


@pytest.fixture
async def scripts(emulator: Emulator, tmp_path: Path) -> AsyncIterator[Scripts]:
    scripts = Scripts(emulator, tmp_path)
    yield scripts
    await scripts.stop()


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that is bound to happen."""
    async with asyncio.timeout(GUARD):
        while not condition():
            await asyncio.sleep(0.005)
