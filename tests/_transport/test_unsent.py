"""What fails before a connection can be used was not sent, and is told as such."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from openai_admin import (
    APIConnectionError,
    AsyncOpenAIAdmin,
    OpenAIAdminError,
    OutcomeUnknownError,
    Timeout,
)

from ..tls import Authority, in_front_of, server_context

KEY = "sk-admin-unsent-0123456789"
Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@contextlib.asynccontextmanager
async def peer(behaviour: Behaviour) -> AsyncIterator[int]:
    """A port of this machine that behaves so, whatever it gets."""
    serving: set[asyncio.Task[object]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def serve() -> None:
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await behaviour(reader, writer)
            finally:
                writer.close()

        serving.add(asyncio.ensure_future(serve()))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _be_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def _answering(head: bytes) -> Behaviour:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)

    return answer


def _client(address: str, **settings: Any) -> AsyncOpenAIAdmin:
    settings = {"timeout": 30, "max_retries": 0, **settings}
    return AsyncOpenAIAdmin(KEY, base_url=address, **settings)


async def _refused(address: str, **settings: Any) -> str:
    """How a change fails of which nothing was sent."""
    async with _client(address, **settings) as client:
        with pytest.raises(OpenAIAdminError) as failed:
            await client.projects.create(name="x")
    assert isinstance(failed.value, APIConnectionError), failed.value
    assert not getattr(failed.value, "__notes__", [])
    return str(failed.value)


@pytest.mark.parametrize(
    ("behaviour", "settings", "told"),
    [
        (_be_silent, {"timeout": 0.2}, " in time"),
        (_be_silent, {"timeout": Timeout(connect=0.2)}, " in time"),
        (_answering(b""), {}, ": the connection was closed before the proxy had answered"),
        (_answering(b"HTTP/1.1 200 Conn"), {}, ": the connection was closed before"),
        (_answering(b"SSH-2.0-\x1b[31mOpenSSH\r\n\r\n"), {}, ": "),
    ],
)
async def test_a_proxy_that_does_not_connect(
    behaviour: Behaviour, settings: dict[str, Any], told: str
) -> None:
    async with peer(behaviour) as port:
        proxy = f"http://127.0.0.1:{port}"
        message = await _refused("https://api.example/v1", proxy=proxy, **settings)
    assert message.startswith(
        f"Could not connect to api.example:443 through the proxy 127.0.0.1:{port}{told}"
    )
    assert message.isprintable()


@pytest.mark.parametrize("kind", ["own", "connector", "session"])
async def test_a_handshake_that_hangs(kind: str) -> None:
    brought = {"connector": aiohttp.TCPConnector, "session": aiohttp.ClientSession}
    settings: dict[str, Any] = {name: made for name, made in brought.items() if name == kind}
    async with peer(_be_silent) as port:
        address = f"https://127.0.0.1:{port}/v1"
        message = await _refused(address, timeout=0.2, **settings)
    assert message.startswith(f"Could not connect to 127.0.0.1:{port} in time")


async def test_a_cancellation_while_connecting_leaves_nothing_in_doubt() -> None:
    asked = asyncio.Event()

    async def be_asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        asked.set()
        await _be_silent(reader, writer)

    async with peer(be_asked) as port:
        notes = {}
        for scheme in ("https", "http"):
            asked.clear()
            async with _client(f"{scheme}://127.0.0.1:{port}/v1") as client:
                call = asyncio.ensure_future(_create(client))
                await asked.wait()
                call.cancel()
                with pytest.raises(asyncio.CancelledError) as ended:
                    await call
            notes[scheme] = getattr(ended.value, "__notes__", [])
    assert notes["https"] == []  # it hangs in its handshake
    assert "was sent and may have taken effect" in notes["http"][0]


async def _create(client: AsyncOpenAIAdmin) -> None:
    await client.projects.create(name="x")


class _Broken(aiohttp.TCPConnector):
    """A connector with an error of its own, as those of other packages have."""

    async def connect(self, *_: Any, **__: Any) -> Any:
        raise LookupError("no route\x1b[2J")


async def test_whatever_a_connector_of_the_users_fails_with() -> None:
    message = await _refused("https://api.example/v1", connector=_Broken)
    assert message.startswith("Could not connect to api.example:443: no route\\u001b[2J")


async def test_a_remedy_for_a_connector_of_the_users(tmp_path: Path) -> None:
    server = server_context(Authority(tmp_path).issue("server", "127.0.0.1"))
    async with peer(_be_silent) as plain:
        with in_front_of(plain, server) as port:
            address = f"https://127.0.0.1:{port}/v1"
            message = await _refused(address, connector=aiohttp.TCPConnector)
    assert "SSL_CERT_FILE" not in message
    assert "pass that authority's certificate with ssl=" in message


async def test_a_first_connection_that_is_closed_may_want_a_client_certificate(
    tmp_path: Path,
) -> None:
    """A server need not say why, and the system may drop what it said."""
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=authority.file)
    answers = [b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"data": []}\n', b""]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answering(answers.pop())(reader, writer)

    async with peer(answer) as plain:
        with in_front_of(plain, server_context(authority.issue("s", "127.0.0.1"))) as port:
            async with _client(f"https://127.0.0.1:{port}/v1", ssl=authority.file) as client:
                with pytest.raises(OutcomeUnknownError, match="demands a client certificate may"):
                    await client.projects.create(name="x")
                answers.append(b"")
                answers.reverse()
                await client.request("GET", "/things")
                with pytest.raises(OutcomeUnknownError) as failed:
                    await client.projects.create(name="x")
                assert "certificate" not in str(failed.value)
            answers.append(b"")
            async with _client(f"https://127.0.0.1:{port}/v1", ssl=trusting) as client:
                with pytest.raises(OutcomeUnknownError, match="not accept the client certificate"):
                    await client.projects.create(name="x")
