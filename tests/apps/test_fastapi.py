"""The FastAPI application on uvicorn, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import attrs
import pytest
import uvicorn

from .conftest import Upstream, cancels_for_who_hangs_up, drains, shows_usage, until
from .fastapi_app import app


@attrs.frozen
class Served:
    address: str
    server: uvicorn.Server
    task: asyncio.Task[None]

    def stop(self) -> asyncio.Task[None]:
        self.server.should_exit = True
        return self.task


@pytest.fixture
async def served(upstream: Upstream) -> AsyncIterator[Served]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    served = Served(f"http://127.0.0.1:{port}", server, task)
    yield served
    await served.stop()


async def test_an_endpoint_fans_out_usage(served: Served, upstream: Upstream) -> None:
    await shows_usage(served.address, upstream)


async def test_hanging_up_cancels_upstream(served: Served, upstream: Upstream) -> None:
    await cancels_for_who_hangs_up(served.address, upstream)


async def test_shutdown_drains(served: Served, upstream: Upstream) -> None:
    await drains(served.address, upstream, served.stop)
