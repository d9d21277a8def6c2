"""The server within an application of somebody's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from openai_admin.mcp import Address, Connections, Settings, build_server, http_app
from openai_admin.mcp.ending import Ending
from openai_admin.mcp.patience import Works
from tests.mcp.serving import SEED, InTest, call, http_client
from tests.mcp.test_transport import HEADERS, OPENING, TOKEN


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    ready = asyncio.Event()
    config = uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1)
    server = InTest(config, ready.set, Ending(Works()))
    serving = asyncio.create_task(server.serve())
    await ready.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@pytest.mark.parametrize("below", ["", "/tools"])
async def test_it_runs_as_long_as_the_application(below: str, connections: Connections) -> None:
    tools = http_app(build_server(connections, Settings(choice=SEED)), Address(token=TOKEN))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with tools.running():
            yield

    async def own(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("mine")

    app = Starlette(routes=[Route("/", own), Mount(below or "/", app=tools)], lifespan=lifespan)
    async with served(app) as url:
        place = f"{url}{below}/openai-admin"
        for each in (place, f"{place}/"):
            async with http_client(each, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
                assert (await call(client, "list_projects"))["data"] is not None
        async with httpx2.AsyncClient() as bare:
            assert (await bare.get(url)).text == "mine"
            assert (await bare.get(f"{url}{below}/health")).json() == {"status": "ok"}
            assert (await bare.post(place, headers=HEADERS, json=OPENING)).status_code == 401


async def test_without_its_lifespan_it_says_what_is_lacking(connections: Connections) -> None:
    tools = http_app(build_server(connections), Address())
    scope = {"type": "http", "method": "GET", "path": "/health", "headers": []}

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    with pytest.raises(RuntimeError, match="Enter running"):
        await tools(scope, nothing, nothing)
