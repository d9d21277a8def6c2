"""Clients that send half of a request, or a byte now and then, or leave: on raw sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.mcp import Address, Connections, Limits
from tests.mcp.serving import LEGACY, MODERN, call, connections_to, http_client, listening
from tests.mcp.test_transport import LISTING, OPENING, TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

HALF_HEADERS = b"POST /openai-admin HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HEADERS = (
    b"POST /openai-admin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Accept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n"
)
QUICK = Limits(headers=0.3, body=0.3)


@fixture(loop_scope="module", scope="module")
async def connections() -> AsyncIterator[Connections]:
    async with Emulator(state="empty") as emulator, connections_to(emulator) as made:
        yield made


class Raw:
    """A connection of a client that does what it should not."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """What comes until the server closes the connection."""
        try:
            return await asyncio.wait_for(self.reader.read(), 60)
        except ConnectionError:
            return b""

    async def answer(self) -> tuple[int, bytes]:
        """The status and headers of the next answer; its body is read, if it has a length."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 60)
        if length := re.search(rb"content-length: (\d+)", head, re.IGNORECASE):
            await self.reader.readexactly(int(length[1]))
        return int(head.split()[1]), head


@asynccontextmanager
async def raw(url: str) -> AsyncIterator[Raw]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    assert not [record for record in caplog.records if record.exc_info]
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize("sent", [b"", b"POS", HALF_HEADERS])
async def test_headers_that_never_end_are_not_waited_for(
    sent: bytes, connections: Connections
) -> None:
    async with listening(connections, address=Address(limits=QUICK)) as url, raw(url) as client:
        await client.send(sent)
        assert await client.rest() == b""


async def test_a_byte_now_and_then_gains_no_time(connections: Connections) -> None:
    async with listening(connections, address=Address(limits=QUICK)) as url, raw(url) as client:
        await client.send(HALF_HEADERS)
        ended = asyncio.create_task(client.rest())
        while not ended.done():
            try:
                await client.send(b"x")
            except ConnectionError:
                break
            await asyncio.sleep(0.05)
        assert await ended == b""


async def test_a_loop_that_was_held_blames_no_client(connections: Connections) -> None:
    """In an application of one's own, or in a test, others hold the loop."""
    async with listening(connections, address=Address(limits=QUICK)) as url, raw(url) as client:
        await client.send(HALF_HEADERS)
        await asyncio.sleep(0.1)  # until the server waits for the rest
        time.sleep(QUICK.headers + 0.8)
        for _ in range(5):
            await asyncio.sleep(0)
        await client.send(b"no\r\n\r\n")
        assert (await client.answer())[0] == 415
        await client.send(HALF_HEADERS)
        assert await client.rest() == b""


async def test_a_body_that_never_ends_is_told_so(connections: Connections) -> None:
    async with listening(connections, address=Address(limits=QUICK)) as url, raw(url) as client:
        await client.send(HEADERS % 100 + b"{")
        status, head = await client.answer()
        assert status == 408
        assert b"connection: close" in head.lower()
        await client.rest()


async def test_a_body_after_its_answer_gains_no_time(connections: Connections) -> None:
    address = Address(token=TOKEN, limits=Limits(body=-4.7))  # 0.3 s with what is granted beside
    async with listening(connections, address=address) as url, raw(url) as client:
        await client.send(HEADERS % 100 + b"{")
        assert (await client.answer())[0] == 401
        await client.rest()


async def test_a_second_request_has_its_own_time(connections: Connections) -> None:
    body = json.dumps(OPENING).encode()
    async with listening(connections, address=Address(limits=QUICK)) as url, raw(url) as client:
        await client.send(HEADERS % 2 + b"{}")
        assert (await client.answer())[0] == 400
        await asyncio.sleep(0.6)  # kept open between two requests
        await client.send(HEADERS % len(body) + body)
        assert (await client.answer())[0] == 200


async def test_an_open_stream_is_not_cut(connections: Connections) -> None:
    address = Address(limits=Limits(headers=0.3, body=0.3, idle=1))
    async with (
        listening(connections, address=address) as url,
        http_client(url) as client,
        raw(url) as stream,
    ):
        async with raw(url) as opening:
            body = json.dumps(OPENING).encode()
            await opening.send(HEADERS % len(body) + body)
            _, head = await opening.answer()
        session = next(
            line.split()[1] for line in head.splitlines() if b"mcp-session-id" in line.lower()
        )
        await stream.send(
            b"GET /openai-admin HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
            b"Mcp-Session-Id: " + session + b"\r\n\r\n"
        )
        assert (await stream.answer())[0] == 200
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stream.reader.read(), 2)
        assert (await call(client, "list_projects"))["data"] is not None


async def test_the_slowest_make_room(
    connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    address = Address(limits=Limits(connections=20))
    async with listening(connections, address=address) as url:
        halves: list[Raw] = []
        held = []
        for number in range(100):
            held.append(raw(url))
            one = await held[-1].__aenter__()
            await one.send(HALF_HEADERS if number % 2 else HEADERS % 100 + b"{")
            halves.append(one)
        async with http_client(url) as client:
            for _ in range(5):
                assert (await call(client, "list_projects"))["data"] is not None
        for one in halves[:70]:
            assert await one.rest() == b""
        for each in held:
            await each.__aexit__(None, None, None)
    assert len(warnings(caplog)) <= 3


async def test_a_client_that_leaves_in_mid_body_is_one_line(
    connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with listening(connections) as url:
        for _ in range(20):
            async with raw(url) as client:
                await client.send(HEADERS % 100 + b"{")
        async with http_client(url) as honest:
            assert (await call(honest, "list_projects"))["data"] is not None
    assert warnings(caplog) == ["A client left in the middle of a request."]


async def test_nonsense_fills_no_log(
    connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(connections) as url:
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00", b"x" * 100_000, b"GET / HTTP/9\r\n\r\n") * 5:
            async with raw(url) as client:
                await client.send(junk)
                assert b"400" in (await client.rest())[:20]
        for _ in range(5):
            async with raw(url) as client:
                await client.send(b"GET /openai-admin HTTP/1.1\r\nHost: evil\x7f\r\n\r\n")
                assert b"HTTP/1.1 4" in await client.reader.readline()
    assert len(warnings(caplog)) <= 1


async def ask_without_reading(client: Raw) -> None:
    while True:  # each answer is longer than what asks for it
        await client.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        await asyncio.sleep(0)


async def test_an_answer_that_nobody_reads_is_not_waited_for(connections: Connections) -> None:
    address = Address(limits=Limits(stalled=0.3))
    async with listening(connections, address=address) as url, raw(url) as client:
        with pytest.raises(ConnectionError):
            await ask_without_reading(client)


async def test_sessions_end_when_nobody_uses_them(
    connections: Connections,
) -> None:
    address = Address(limits=Limits(sessions=2, session_idle=0.5))
    opening = json.dumps(OPENING).encode()
    async with listening(connections, address=address) as url, raw(url) as client:
        statuses = []
        for _ in range(3):
            async with raw(url) as one:
                await one.send(HEADERS % len(opening) + opening)
                status, head = await one.answer()
                statuses.append(status)
                if status == 200:
                    session = re.search(rb"mcp-session-id: \w+", head, re.IGNORECASE)
        assert statuses == [200, 200, 200]  # one that is not in use makes room
        assert session is not None
        ping = b'{"jsonrpc": "2.0", "id": 2, "method": "ping"}'
        head = (HEADERS % len(ping)).replace(b"\r\n\r\n", b"\r\n" + session[0] + b"\r\n\r\n")
        await asyncio.sleep(2)
        await client.send(head + ping)
        assert (await client.answer())[0] == 404
        async with raw(url) as again:
            await again.send(HEADERS % len(opening) + opening)
            assert (await again.answer())[0] == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400),
        (b"9" * 10_000, "application/json", 400),
        (b"{}", "application/json; charset=utf-8", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/jsonp", 415),
        (b"{}", "", 415),
        (b'"' + b"x" * (1 << 20) + b'"', "application/json", 413),
    ],
)
@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_no_request(
    body: bytes, content_type: str, status: int, modern: bool, chunked: bool, shared_url: str
) -> None:
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
    head = (
        b"POST /openai-admin HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Accept: application/json, text/event-stream\r\n" + length + b"\r\n"
    )
    if content_type:
        head += b"Content-Type: " + content_type.encode() + b"\r\n"
    if modern:
        head += b"MCP-Protocol-Version: 2026-07-28\r\n"
    async with raw(shared_url) as client:
        await client.send(head + b"\r\n")
        sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked and body else body
        await client.send(b"0\r\n\r\n" if chunked and not body else sent)
        assert (await client.answer())[0] == status


@fixture(loop_scope="module", scope="module")
async def shared_url(connections: Connections) -> AsyncIterator[str]:
    async with listening(connections) as url:
        yield url


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
@pytest.mark.parametrize("depth", [150, 900])
async def test_deep_arguments_are_an_error_of_the_call(
    depth: int, mode: str, shared_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = {**LISTING, "method": "tools/call"}
    body["params"] = {**LISTING["params"], "name": "openai_admin_list_users", "arguments": "DEEP"}
    text = json.dumps(body).replace('"DEEP"', '{"emails": ' + "[" * depth + "]" * depth + "}")
    modern = b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
    modern += b"Mcp-Name: openai_admin_list_users\r\n\r\n"
    head = HEADERS % len(text)
    async with raw(shared_url) as client:
        await client.send(head[:-2] + modern if mode == MODERN else head)
        await client.send(text.encode())
        assert (await client.answer())[0] in (200, 400)
    warnings(caplog)
