"""An emulator whose answers can be held back, and what both applications must do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import aiohttp
import attrs
import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency, RateLimit

_GUARD = 60


@attrs.frozen
class Upstream:
    """The Admin API behind an application; `hold` keeps back its answers until `release`."""

    emulator: Emulator
    _free: asyncio.Event

    def hold(self) -> None:
        """Hold back what is asked for from now on."""
        self.emulator.faults.add(Latency(seconds=1))
        self._free.clear()

    def release(self) -> None:
        """Answer."""
        self._free.set()
        self.emulator.faults.clear()


@pytest.fixture
async def upstream(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Upstream]:
    free = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await free.wait()

    async with Emulator(sleep=sleep) as emulator:
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
        yield Upstream(emulator, free)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that is bound to happen."""
    async with asyncio.timeout(_GUARD):
        while not condition():
            await asyncio.sleep(0.005)


async def shows_usage(address: str, upstream: Upstream) -> None:
    """An endpoint fans out over usage endpoints and gives their totals."""
    async with aiohttp.ClientSession() as browser, browser.get(f"{address}/usage/30") as answer:
        assert answer.status == 200
        rows = await answer.json()
    asked = {request.operation for request in upstream.emulator.requests}
    assert asked == {"usage.completions", "usage.embeddings"}
    models = [row["model"] for row in rows]
    assert len(models) == len(set(models)) > 3
    assert all(row["num_model_requests"] > 0 for row in rows)


async def says_when_to_come_again(address: str, upstream: Upstream) -> None:
    """A pace that would keep the caller waiting is told them at once, as 503."""
    upstream.emulator.faults.add(RateLimit(limit=1, window=3600, retry_after="seconds"))
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{address}/usage/1") as answer:
            assert answer.status == 200
        async with browser.get(f"{address}/usage/2") as answer:
            assert answer.status == 503
            assert 3000 < int(answer.headers["Retry-After"]) <= 3600
    upstream.emulator.faults.clear()


async def cancels_for_who_hangs_up(address: str, upstream: Upstream) -> None:
    """The upstream connections are gone before an answer was given, and the app goes on."""
    upstream.hold()
    async with aiohttp.ClientSession() as browser:
        asking = asyncio.ensure_future(browser.get(f"{address}/usage/30"))
        await until(lambda: upstream.emulator.in_flight == 2)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    await until(lambda: upstream.emulator.connections == 0)
    assert [request.status for request in upstream.emulator.requests] == [None, None]
    upstream.release()
    upstream.emulator.requests.clear()
    await shows_usage(address, upstream)


async def drains(address: str, upstream: Upstream, stop: Callable[[], asyncio.Task[None]]) -> None:
    """At shutdown what was begun is answered; then the client's connections are closed."""
    upstream.hold()
    async with aiohttp.ClientSession() as browser:
        asking = asyncio.ensure_future(browser.get(f"{address}/usage/30"))
        await until(lambda: upstream.emulator.in_flight == 2)
        stopping = stop()
        await until(lambda: _refuses(address))
        assert not asking.done()
        assert not stopping.done()
        upstream.release()
        async with await asking as answer:
            assert answer.status == 200
            assert await answer.json()
    async with asyncio.timeout(_GUARD):
        await stopping
    await until(lambda: upstream.emulator.connections == 0)


def _refuses(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0
