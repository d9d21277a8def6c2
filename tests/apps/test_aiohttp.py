"""The aiohttp application, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from openai_admin import APITimeoutError

from .aiohttp_app import busy, make_app
from .conftest import (
    Upstream,
    cancels_for_who_hangs_up,
    drains,
    says_when_to_come_again,
    shows_usage,
)


@attrs.frozen
class Served:
    address: str
    runner: web.AppRunner

    def stop(self) -> asyncio.Task[None]:
        return asyncio.create_task(self.runner.cleanup())


@pytest.fixture
async def served(upstream: Upstream) -> AsyncIterator[Served]:
    runner = web.AppRunner(make_app(), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Served(f"http://127.0.0.1:{runner.addresses[0][1]}", runner)
    await runner.cleanup()


async def test_an_endpoint_fans_out_usage(served: Served, upstream: Upstream) -> None:
    await shows_usage(served.address, upstream)


async def test_a_pace_is_told_the_caller(served: Served, upstream: Upstream) -> None:
    await says_when_to_come_again(served.address, upstream)


async def test_hanging_up_cancels_upstream(served: Served, upstream: Upstream) -> None:
    await cancels_for_who_hangs_up(served.address, upstream)


async def test_shutdown_drains(served: Served, upstream: Upstream) -> None:
    await drains(served.address, upstream, served.stop)


async def test_a_silent_api_is_told_as_what_may_pass() -> None:
    async def silent(_: web.Request) -> web.Response:
        raise APITimeoutError("No response came in time.")

    with pytest.raises(web.HTTPServiceUnavailable) as caught:
        await busy(make_mocked_request("GET", "/"), silent)
    assert caught.value.headers["Retry-After"] == "60"
