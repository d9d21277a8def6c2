"""The WSGI application on gunicorn, whose workers are forked after the application was loaded."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from .conftest import Upstream

ROOT = Path(__file__).parents[2]
_GUARD = 60


@pytest.fixture
async def address(request: pytest.FixtureRequest, upstream: Upstream) -> AsyncIterator[str]:
    """Two workers; by parameter whether the client was used before their fork."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gunicorn", "--preload", "--workers", "2"),
            *("--bind", f"fd://{listening.fileno()}", "--log-level", "error"),
            "tests.apps.wsgi_app:app",
            cwd=ROOT,
            env=os.environ | {"USED_BEFORE_FORK": request.param},
            pass_fds=[listening.fileno()],
            stderr=asyncio.subprocess.PIPE,
        )
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    process.terminate()
    async with asyncio.timeout(_GUARD):
        _, said = await process.communicate()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("address", ["", "yes"], indirect=True, ids=["unused", "used"])
async def test_each_worker_answers_with_the_modules_client(address: str) -> None:
    workers: set[str] = set()
    async with asyncio.timeout(_GUARD):
        while len(workers) < 2:  # whichever worker is free takes a request

            async def ask() -> str:
                async with aiohttp.request("GET", address) as answer:
                    assert answer.status == 200
                    return await answer.text()

            for told in await asyncio.gather(*(ask() for _ in range(8))):
                worker, projects = told.split()
                assert int(projects) == 5
                workers.add(worker)
