"""Connectors and sessions of the user's own: used, left open, refused where they cannot serve."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Drop
from openai_admin.errors import (
    APIConnectionError,
    ClientClosedError,
    ConfigurationError,
    NotFoundError,
)

KEY = "sk-admin-canary0123456789abcdWXYZ"
LOCAL = "http://localhost:1/v1"


def _client(emulator: Emulator, **settings: Any) -> AsyncOpenAIAdmin:
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, **settings)


async def test_what_is_passed_ready_is_used_and_left_open(emulator: Emulator) -> None:
    connector = aiohttp.TCPConnector()
    async with _client(emulator, connector=connector) as client:
        await client.projects.list()
    assert not connector.closed
    async with aiohttp.ClientSession(connector=connector, headers={"X-Mine": "1"}) as session:
        async with _client(emulator, session=session, headers={"X-Ours": "2"}) as client:
            await client.projects.list()
        assert not session.closed
        assert emulator.connections == 1
    headers = emulator.requests[-1].headers
    assert (headers["x-mine"], headers["x-ours"]) == ("1", "2")


@pytest.mark.parametrize("kind", ["connector", "session"])
async def test_what_a_function_makes_is_closed(emulator: Emulator, kind: str) -> None:
    """With both clients; it runs in the client's own event loop."""
    kinds = {"connector": aiohttp.TCPConnector, "session": aiohttp.ClientSession}
    made: list[Any] = []

    def make() -> Any:
        made.append(kinds[kind]())
        return made[-1]

    settings: dict[str, Any] = {kind: make}

    def blocking() -> None:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, **settings) as client:
            client.projects.list()
            client.projects.list()

    async with _client(emulator, **settings) as client:
        await client.projects.list()
        await client.projects.list()
    await asyncio.to_thread(blocking)
    assert [each.closed for each in made] == [True, True]


async def test_a_sessions_own_settings_break_nothing(emulator: Emulator) -> None:
    """It may raise for a status, leave answers packed, or send another key."""
    session = aiohttp.ClientSession(
        raise_for_status=True,
        auto_decompress=False,
        headers={"Authorization": "Bearer other", "Content-Type": "text/plain"},
        cookies={"a": "b"},
        read_bufsize=1024,
    )
    async with session, _client(emulator, session=session) as client:
        with pytest.raises(NotFoundError):
            await client.projects.retrieve("proj_none")
        await client.projects.create(name="x")
        assert len((await client.projects.list()).data) == 1
    assert emulator.requests[-2].headers["content-type"] == "application/json"


async def test_aiohttp_sends_nothing_again_by_itself(emulator: Emulator) -> None:
    """Over a connection that was used before it would; the session is not changed for that."""
    seen: list[str] = []

    async def watch(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        seen.append(request.method)
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=[watch]) as session:
        before = dict(vars(session))
        async with _client(emulator, session=session, max_retries=0) as client:
            await client.projects.list()
            emulator.faults.add(Drop())
            with pytest.raises(APIConnectionError, match="connection was lost"):
                await client.projects.list()
        assert vars(session) == before
    assert seen == ["GET", "GET"]
    assert len(emulator.requests) == 2


@pytest.mark.parametrize("kind", ["connector", "session"])
async def test_what_was_closed_says_so(emulator: Emulator, kind: str) -> None:
    brought: Any = aiohttp.TCPConnector() if kind == "connector" else aiohttp.ClientSession()
    async with _client(emulator, **{kind: brought}) as client:
        await client.projects.list()
        await brought.close()
        with pytest.raises(ClientClosedError, match=f"^The {kind} that the client was given is"):
            await client.projects.list()


@pytest.mark.parametrize("kind", ["connector", "session"])
async def test_what_belongs_to_another_loop_says_so(emulator: Emulator, kind: str) -> None:
    """As anything ready does for a blocking client."""
    brought: Any = aiohttp.TCPConnector() if kind == "connector" else aiohttp.ClientSession()

    def work() -> None:
        client = OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, **{kind: brought})
        with (
            client,
            pytest.raises(
                ConfigurationError,
                match=f"^{kind}: it belongs to another event loop .* {kind}=lambda: …\\.$",
            ),
        ):
            client.projects.list()

    await asyncio.to_thread(work)
    assert not brought.closed
    await brought.close()


async def test_what_conflicts_is_refused() -> None:
    connector = aiohttp.TCPConnector()
    session = aiohttp.ClientSession(connector=connector)
    conflicts: dict[str, dict[str, Any]] = {
        "Pass either connector= or session=, not both: a session has a connector.": {
            "connector": connector,
            "session": session,
        },
        "ssl= cannot be passed with session=: give it to the session.": {
            "session": session,
            "ssl": "/ca.pem",
        },
        "proxy= cannot be passed with session=: give it to the session.": {
            "session": session,
            "proxy": "http://proxy.example",
        },
        "session must be an aiohttp.ClientSession or a function that returns one, not int.": {
            "session": 5
        },
        "connector must be an aiohttp.BaseConnector or a function that returns one, not"
        " ClientSession.": {"connector": session},
    }
    for told, settings in conflicts.items():
        with pytest.raises(ConfigurationError) as caught:
            AsyncOpenAIAdmin(KEY, **settings)
        assert str(caught.value) == told
    await session.close()


async def _in_vain() -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: aiohttp.ClientSession(trust_env=True), "session: it has trust_env=True, .*netrc"),
        (lambda: 1 / 0, "session: the function failed: ZeroDivisionError"),
        (_in_vain, "session: the function must not be a coroutine function; it is called in the"),
        (lambda: None, "session: the function must return an aiohttp.ClientSession, not NoneType"),
    ],
)
async def test_a_session_that_cannot_serve(make: Callable[[], Any], told: str) -> None:
    made: list[Any] = []

    def kept() -> Any:
        made.append(make())
        return made[0]

    async with AsyncOpenAIAdmin(KEY, base_url=LOCAL, session=kept) as client:
        with pytest.raises(ConfigurationError, match=f"^{told}"):
            await client.projects.list()
    for each in made:
        if isinstance(each, aiohttp.ClientSession):
            await each.close()


async def test_a_connector_leaves_the_environment_alone(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how to connect, so that a proxy or an authority of the environment would be wrong."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/absent.pem")
    AsyncOpenAIAdmin(KEY, connector=aiohttp.TCPConnector)
