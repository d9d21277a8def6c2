"""One attempt over a real socket, to servers that do not behave."""

from __future__ import annotations

import asyncio
import gc
import gzip
import math
import re
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from openai_admin._transport.connection import Timeout, Transport
from openai_admin._transport.credentials import Credential
from openai_admin._transport.headers import Headers
from openai_admin._transport.retry import AttemptFailure, FailureKind
from openai_admin._wire.http import HiddenText, Request, Response
from openai_admin.errors import APIResponseValidationError, ClientClosedError, InvalidInputError

KEY = "sk-admin-canary0123456789abcdWXYZ"
_MADE = Headers({"User-Agent": "tests"}).make(Credential(HiddenText(KEY)))
READ = Request("GET", "/things", "/things?page=AA==&x=%2F")
CHANGE = Request("POST", "/things", "/things", b'{"name":"x"}')

Behaviour = Callable[["Connection"], Awaitable[None]]


class Connection:
    """One connection to a server, seen from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self._writer = reader, writer
        self.head = b""
        self.body = b""

    async def request(self) -> None:
        """Read a request whole."""
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        for line in self.head.lower().splitlines():
            if line.startswith(b"content-length:"):
                self.body = await self.reader.readexactly(int(line.split(b":")[1]))

    async def send(self, *pieces: bytes) -> None:
        """Send bytes as they are."""
        for piece in pieces:
            self._writer.write(piece)
        await self._writer.drain()

    async def answer(self, body: bytes, *headers: bytes, status: bytes = b"200 OK") -> None:
        """Send an answer that is whole."""
        head = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
        await self.send(b"\r\n".join(head) + b"\r\n\r\n", body)

    def reset(self) -> None:
        """Break the connection off."""
        self._writer.transport.abort()

    def finish(self) -> None:
        """Send nothing more."""
        self._writer.write_eof()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


class Server:
    """A server that treats each connection as a function says."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.behaviour: Behaviour = _answer_ok
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen, and give the address."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.ensure_future(self._serve(Connection(reader, writer))))

    async def _serve(self, connection: Connection) -> None:
        self.connections.append(connection)
        try:
            await self.behaviour(connection)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, which some of the tests are about
        finally:
            connection.close()

    async def stop(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


async def _answer_ok(connection: Connection) -> None:
    while True:
        await connection.request()
        await connection.answer(b'{"id":"t"}', b"X-Request-ID: req_1")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that answers well until told otherwise."""
    server = Server()
    yield server
    await server.stop()


@pytest.fixture
async def transport(server: Server) -> AsyncIterator[Transport]:
    """A transport to the `server`."""
    transport = Transport(await server.start())
    yield transport
    await transport.close()


async def _send(
    transport: Transport, request: Request = READ, *, time_left: float = 20.0, **limits: float
) -> Response | AttemptFailure:
    limits.setdefault("read", 5.0)
    return await transport.send(
        request, _MADE[1] if request.body is None else _MADE[2], Timeout(**limits), time_left
    )


async def _failed(transport: Transport, request: Request = READ, **limits: float) -> AttemptFailure:
    outcome = await _send(transport, request, **limits)
    assert isinstance(outcome, AttemptFailure), outcome
    return outcome


# --- what is sent and read ------------------------------------------------------------------


async def test_the_target_goes_out_byte_for_byte(server: Server, transport: Transport) -> None:
    answer = await _send(transport)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, b'{"id":"t"}')
    assert (answer.headers["content-length"], answer.request_id) == ("10", "req_1")
    head = server.connections[0].head
    assert head.startswith(b"GET /things?page=AA==&x=%2F HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n" in head
    assert b"\r\nUser-Agent: tests\r\n" in head
    assert b"content-type" not in head.lower()


async def test_a_body_goes_out_as_json(server: Server, transport: Transport) -> None:
    await _send(transport, CHANGE)
    assert b"\r\nContent-Type: application/json\r\n" in server.connections[0].head
    assert server.connections[0].body == b'{"name":"x"}'


async def test_connections_are_kept(server: Server, transport: Transport) -> None:
    for _ in range(3):
        await _send(transport)
    assert len(server.connections) == 1


async def test_cookies_are_not_kept(server: Server, transport: Transport) -> None:
    async def give_cookie(connection: Connection) -> None:
        await connection.request()
        await connection.answer(b"{}", b"Set-Cookie: a=b; Path=/")
        await connection.request()
        await connection.answer(b"{}")

    server.behaviour = give_cookie
    await _send(transport)
    await _send(transport)
    assert b"cookie" not in server.connections[0].head.lower()


async def test_redirects_are_not_followed(server: Server, transport: Transport) -> None:
    async def redirect(connection: Connection) -> None:
        await connection.request()
        await connection.answer(b"", b"Location: /elsewhere", status=b"307 Temporary Redirect")

    server.behaviour = redirect
    outcome = await _send(transport)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.headers["location"]) == (307, "/elsewhere")
    assert len(server.connections) == 1


async def test_an_answer_that_ends_with_its_connection_is_whole(
    server: Server, transport: Transport
) -> None:
    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n", b"{", b"}")

    server.behaviour = answer
    outcome = await _send(transport)
    assert isinstance(outcome, Response)
    assert outcome.body == b"{}"


async def test_a_compressed_answer_is_unpacked(server: Server, transport: Transport) -> None:
    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.answer(gzip.compress(b'{"id":"t"}' * 500), b"Content-Encoding: gzip")

    server.behaviour = answer
    outcome = await _send(transport)
    assert isinstance(outcome, Response)
    assert outcome.body == b'{"id":"t"}' * 500


async def test_gzip_is_unpacked_no_further_than_the_bound(server: Server) -> None:
    size = 128 << 20
    body = gzip.compress(bytes(size))

    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.answer(body, b"Content-Encoding: gzip")

    server.behaviour = answer
    transport = Transport(await server.start(), max_response_bytes=1 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(APIResponseValidationError, match="longer than 1,048,576 bytes"):
            await _send(transport)
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()
        await transport.close()


# --- servers that break off -----------------------------------------------------------------


async def _reset_at_once(connection: Connection) -> None:
    connection.reset()


async def _close_at_once(connection: Connection) -> None:
    connection.close()


async def _reset_after_request(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def _close_after_request(connection: Connection) -> None:
    await connection.request()


def _after_request(*pieces: bytes) -> Behaviour:
    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(*pieces)

    return behave


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"

BROKEN: dict[str, Behaviour] = {
    "reset at once": _reset_at_once,
    "closed at once": _close_at_once,
    "reset after the request": _reset_after_request,
    "closed after the request": _close_after_request,
    "closed in the status line": _after_request(b"HTTP/1.1 2"),
    "closed in the headers": _after_request(_OK + b"Content-Le"),
    "closed before the body": _after_request(_OK + b"Content-Length: 5\r\n\r\n"),
    "closed in the body": _after_request(_OK + b'Content-Length: 50\r\n\r\n{"id":'),
    "chunks that break off": _after_request(_CHUNKED + b"5\r\nhello\r\n"),
    "chunked rubbish": _after_request(_CHUNKED + b"zz\r\nhello\r\n"),
    "chunked rubbish underway": _after_request(_CHUNKED + b"5\r\nhello\r\nzz\r\n"),
    "another protocol": _after_request(b"SSH-2.0-OpenSSH_9\r\n\r\n"),
    "a header that is none": _after_request(_OK + b"no header\r\n\r\n{}"),
    "a length that is none": _after_request(_OK + b"Content-Length: many\r\n\r\n{}"),
    "a negative length": _after_request(_OK + b"Content-Length: -1\r\n\r\n{}"),
    "a huge header": _after_request(_OK + b"A: " + b"x" * 100_000 + b"\r\n\r\n{}"),
    "gzip that is none": _after_request(
        _OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    ),
    "an unknown encoding": _after_request(
        _OK + b"Transfer-Encoding: warp\r\nContent-Length: 2\r\n\r\n{}"
    ),
}


@pytest.mark.parametrize("request_", [READ, CHANGE], ids=["read", "change"])
@pytest.mark.parametrize("name", BROKEN)
async def test_an_answer_that_breaks_off_is_lost(
    server: Server, transport: Transport, name: str, request_: Request
) -> None:
    server.behaviour = BROKEN[name]
    outcome = await _failed(transport, request_)
    assert outcome.kind is FailureKind.LOST
    assert 0 < len(outcome.message) < 300
    assert "\n" not in outcome.message
    assert KEY not in f"{outcome!r} {outcome.cause!r} {vars(outcome.cause)}"
    assert "127.0.0.1" not in outcome.message
    assert len(server.connections) == 1  # aiohttp must not send again by itself

    server.behaviour = _answer_ok
    assert isinstance(await _send(transport), Response)


@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("zstd", "The response is compressed with zstd, which was not asked for"),
        ("gzip", "The response is not valid gzip, which its Content-Encoding says that it is"),
        ("deflate", "The response is not valid deflate, which its Content-Encoding says that it"),
    ],
)
async def test_an_answer_that_cannot_be_unpacked_says_so(
    server: Server, transport: Transport, encoding: str, why: str
) -> None:
    head = f"Content-Encoding: {encoding}\r\nContent-Length: 9\r\n\r\n".encode()
    server.behaviour = _after_request(_OK + head + b"not packed"[:9])
    outcome = await _failed(transport, READ)
    assert outcome.kind is FailureKind.LOST
    assert outcome.message.startswith(why)


async def test_gzip_that_breaks_off_does_not_pass_for_the_whole(
    server: Server, transport: Transport
) -> None:
    whole = b'{"id":"%s"}' % bytes(range(40, 120)) * 50

    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.answer(gzip.compress(whole)[:-30], b"Content-Encoding: gzip")

    server.behaviour = answer
    outcome = await _send(transport)
    assert isinstance(outcome, AttemptFailure) or outcome.body != whole


async def test_a_kept_connection_that_the_server_closed_is_not_used_again(
    server: Server, transport: Transport
) -> None:
    noticed = asyncio.Event()

    async def answer_once(connection: Connection) -> None:
        await connection.request()
        await connection.answer(b"{}")
        connection.finish()
        await connection.reader.read()  # until the client has closed its side
        noticed.set()

    server.behaviour = answer_once
    for _ in range(2):
        assert isinstance(await _send(transport, CHANGE), Response)
        await asyncio.wait_for(noticed.wait(), 10)
    assert len(server.connections) == 2


# --- servers that cannot be reached or take too long ----------------------------------------


async def test_a_refused_connection_was_not_used(server: Server, transport: Transport) -> None:
    await server.stop()
    outcome = await _failed(transport, CHANGE)
    assert outcome.kind is FailureKind.NOT_SENT
    assert re.fullmatch(
        r"Could not connect to 127\.0\.0\.1:\d+: Connection refused", outcome.message
    )
    assert isinstance(outcome.cause, aiohttp.ClientConnectorError)


async def test_an_unknown_host_was_not_reached() -> None:
    transport = Transport("https://no-such-host.invalid")
    outcome = await _failed(transport, CHANGE)
    assert outcome.kind is FailureKind.NOT_SENT
    await transport.close()


async def test_a_server_without_tls_was_not_spoken_to(server: Server) -> None:
    address = await server.start()
    transport = Transport(address.replace("http:", "https:"))
    heard = []

    async def answer_in_plain(connection: Connection) -> None:
        heard.append(await connection.reader.read(65536))
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server.behaviour = answer_in_plain
    outcome = await _failed(transport, CHANGE)
    assert outcome.kind is FailureKind.NOT_SENT
    assert heard
    assert KEY.encode() not in b"".join(heard)
    await transport.close()


async def _stall(connection: Connection) -> None:
    await connection.request()
    await connection.send(_OK + b"Content-Length: 50\r\n\r\n{")
    await asyncio.Event().wait()


async def _be_silent(connection: Connection) -> None:
    await connection.request()
    await asyncio.Event().wait()


@pytest.mark.parametrize("behaviour", [_stall, _be_silent])
@pytest.mark.parametrize("limit", ["attempt", "read", "time_left"])
async def test_an_answer_that_does_not_come_is_timed_out(
    server: Server, transport: Transport, behaviour: Behaviour, limit: str
) -> None:
    server.behaviour = behaviour
    outcome = await _failed(transport, READ, **{limit: 0.05})
    assert outcome.kind is FailureKind.TIMED_OUT
    assert outcome.message == "No response came in time"


async def test_cancelling_closes_the_connection(server: Server, transport: Transport) -> None:
    gone = asyncio.Event()

    async def watch(connection: Connection) -> None:
        await connection.request()
        await connection.reader.read()
        gone.set()

    server.behaviour = watch
    task = asyncio.create_task(_send(transport))
    while not server.connections or not server.connections[0].head:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(gone.wait(), 10)


@pytest.mark.parametrize("limit", ["attempt", "total", "connect", "read"])
async def test_a_limit_may_be_infinite(transport: Transport, limit: str) -> None:
    outcome = await transport.send(READ, _MADE[1], Timeout(**{limit: math.inf}), math.inf)
    assert isinstance(outcome, Response)


# --- loops and ends -------------------------------------------------------------------------


async def test_after_closing_new_connections_are_opened(
    server: Server, transport: Transport
) -> None:
    await _send(transport)
    await transport.close()
    await _send(transport)
    assert len(server.connections) == 2


async def test_a_transport_is_of_one_loop(transport: Transport) -> None:
    await _send(transport)

    def elsewhere() -> None:
        asyncio.run(_send(transport))

    with pytest.raises(ClientClosedError, match="create one for each loop"):
        await asyncio.to_thread(elsewhere)


# A loop that is closed leaves its sockets to the garbage collector, which says so.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_transport_goes_on_in_a_new_loop_when_its_own_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    transports: list[Transport] = []

    async def use() -> Response | AttemptFailure:
        server = Server()
        address = await server.start()
        if not transports:
            transports.append(Transport(address))
        transports[0].base_url = address
        try:
            return await _send(transports[0])
        finally:
            await server.stop()

    async def end() -> None:
        await transports[0].close()

    for _ in range(2):
        assert isinstance(asyncio.run(use()), Response)
    asyncio.run(end())
    gc.collect()
    assert caplog.text == ""


# --- settings -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, -1, math.nan, True, "5", None])
@pytest.mark.parametrize("limit", ["attempt", "total", "connect", "read"])
def test_a_limit_that_is_none_is_refused(limit: str, value: object) -> None:
    with pytest.raises(
        InvalidInputError, match=f"^timeout: {limit} must be a number of seconds above 0, not "
    ):
        Timeout(**{limit: value})  # type: ignore[arg-type]


def test_a_number_bounds_an_attempt() -> None:
    assert Timeout.of(5) == Timeout(attempt=5)
    own = Timeout(read=1)
    assert Timeout.of(own) is own


def test_plain_http_is_sent_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to this machine alone; a proxy would see the key."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("all_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    assert Transport("http://localhost:1")._proxy is None
