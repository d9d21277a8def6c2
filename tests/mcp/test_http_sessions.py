"""Sessions over HTTP: whoever opens many locks nobody else out."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.mcp import Address, KeyedConnections, Limits, report_wait
from tests.mcp.serving import connections_to, listening
from tests.mcp.test_transport import HEADERS, OPENING

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "X-OpenAI-Admin-Key"
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


@fixture(loop_scope="module", scope="module")
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(state="empty") as emulator:
        yield emulator


@asynccontextmanager
async def keyed(emulator: Emulator, limits: Limits) -> AsyncIterator[str]:
    def make(key: str) -> AsyncOpenAIAdmin:
        return AsyncOpenAIAdmin(key, base_url=emulator.base_url, on_event=report_wait)

    async with (
        KeyedConnections(make) as connections,
        listening(connections, address=Address(key_header=KEY, limits=limits)) as url,
    ):
        yield url


class Caller:
    """Whoever has a key, or none."""

    def __init__(self, http: httpx2.AsyncClient, url: str, key: str | None = None) -> None:
        self._http = http
        self._url = url
        self._headers = HEADERS if key is None else {**HEADERS, KEY: key}

    async def opened(self) -> str:
        answer = await self._http.post(self._url, headers=self._headers, json=OPENING)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["mcp-session-id"])

    async def asked(self, session: str) -> int:
        headers = {**self._headers, "Mcp-Session-Id": session}
        return (await self._http.post(self._url, headers=headers, json=PING)).status_code


async def test_made_up_keys_end_their_own_sessions(emulator: Emulator) -> None:
    limits = Limits(sessions=20, sessions_each=3, owners=5)
    async with keyed(emulator, limits) as url, httpx2.AsyncClient() as http:
        honest = Caller(http, url, emulator.admin_key)
        session = await honest.opened()
        assert await honest.asked(session) == 200
        strangers = [Caller(http, url, f"sk-admin-made-up-{number}") for number in range(30)]
        one = [await strangers[0].opened() for _ in range(5)]
        assert [await strangers[0].asked(id) for id in one] == [404, 404, 200, 200, 200]
        for stranger in strangers[1:]:
            await stranger.opened()
        assert await honest.asked(session) == 200
        assert await honest.asked(await honest.opened()) == 200


async def test_the_session_that_is_idle_longest_makes_room(emulator: Emulator) -> None:
    address = Address(limits=Limits(sessions=3))
    async with (
        connections_to(emulator) as connections,
        listening(connections, address=address) as url,
        httpx2.AsyncClient() as http,
    ):
        caller = Caller(http, url)
        used, longer = await caller.opened(), await caller.opened()
        for session in (longer, used):
            assert await caller.asked(session) == 200
        never_used, latest = await caller.opened(), await caller.opened()
        assert await caller.asked(never_used) == 404
        assert await caller.asked(latest) == 200
        assert await caller.asked(await caller.opened()) == 200
        assert [await caller.asked(id) for id in (longer, used, latest)] == [404, 200, 200]


async def test_sessions_in_use_are_not_ended_and_refusals_do_not_fill_the_log(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    address = Address(limits=Limits(sessions=1))
    async with (
        connections_to(emulator) as connections,
        listening(connections, address=address) as url,
        httpx2.AsyncClient() as http,
    ):
        caller = Caller(http, url)
        session = await caller.opened()
        own = {**HEADERS, "Mcp-Session-Id": session}
        async with http.stream("GET", url, headers=own):
            for _ in range(5):
                refused = await http.post(url, headers=HEADERS, json=OPENING)
                assert refused.status_code == 503
                assert refused.headers["retry-after"]
            assert await caller.asked(session) == 200
    assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 1


async def test_what_the_sdk_says_of_requests_does_not_fill_the_log(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with keyed(emulator, Limits()) as url, httpx2.AsyncClient() as http:
        session = await Caller(http, url, emulator.admin_key).opened()
        thief = Caller(http, url, "sk-admin-somebody-else")
        assert [await thief.asked(session) for _ in range(5)] == [404] * 5
    said = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(said) <= 1  # it may have been said within the minute before
