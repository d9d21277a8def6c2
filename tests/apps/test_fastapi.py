"""The FastAPI application on uvicorn, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import attrs
import pytest
import uvicorn
from fastapi import Request

from openai_admin import APITimeoutError

from .conftest import (
    Upstream,
    cancels_for_who_hangs_up,
    drains,
    says_when_to_come_again,
    shows_usage,
    until,
)
from .fastapi_app import app, busy


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


async def test_models_are_what_routes_return(served: Served, upstream: Upstream) -> None:
    async with aiohttp.ClientSession(served.address) as browser:

        async def ask(path: str, method: str = "GET") -> Any:
            async with browser.request(method, path) as answer:
                assert answer.status == 200
                return await answer.json()

        page = await ask("/projects")
        first = page["data"][0]
        assert datetime.fromisoformat(first["created_at"]).tzinfo is UTC
        assert first["created_at"].endswith("Z")
        assert await ask(f"/projects/{first['id']}") == first
        assert await ask(f"/projects/{first['id']}/plain") == {"project": first}
        (row,) = await ask("/costs")
        assert Decimal(row["amount"]) > 0
        made = await ask("/keys", "POST")
        assert made["redacted_value"]
        assert "value" not in made
        schema = await ask("/openapi.json")
    parts = schema["components"]["schemas"]
    assert {"Page_Project_", "Project", "AdminAPIKeyCreateResponse", "UsageTable"} <= parts.keys()
    of_page = {"$ref": "#/components/schemas/Project"}
    assert parts["Page_Project_"]["properties"]["data"]["items"] == of_page
    assert parts["Project"]["description"] == "A project of the organization."
    assert parts["Project"]["required"] == ["id"]
    created = parts["Project"]["properties"]["created_at"]
    assert created["description"] == "when it was created."
    assert {"type": "string", "format": "date-time"} in created["anyOf"]
    assert "value" not in parts["AdminAPIKeyCreateResponse"]["properties"]


async def test_a_pace_is_told_the_caller(served: Served, upstream: Upstream) -> None:
    await says_when_to_come_again(served.address, upstream)


async def test_hanging_up_cancels_upstream(served: Served, upstream: Upstream) -> None:
    await cancels_for_who_hangs_up(served.address, upstream)


async def test_shutdown_drains(served: Served, upstream: Upstream) -> None:
    await drains(served.address, upstream, served.stop)


async def test_a_silent_api_is_told_as_what_may_pass() -> None:
    answer = await busy(Request({"type": "http"}), APITimeoutError("No response came in time."))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
