"""What is said where TLS or a proxy keeps the client from connecting."""

from __future__ import annotations

import asyncio
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from openai_admin import APIConnectionError, AsyncOpenAIAdmin
from openai_admin._transport.failures import Route, failure_of
from openai_admin._transport.retry import AttemptFailure, FailureKind

from ..tls import Authority, Pair, in_front_of, server_context

DAY = timedelta(days=1)
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
KEY = "sk-admin-canary0123456789abcdWXYZ"
BODY = b'{"name":"a body that no error shows"}'

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The company's authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("other"), "Other CA")


def client_context(
    authority: Authority | None, pair: Pair | None = None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority is not None:
        context.load_verify_locations(authority.file)
    if pair is not None:
        context.load_cert_chain(pair.cert, pair.key)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def _saying(answer: bytes) -> Behaviour:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(answer)

    return say


@asynccontextmanager
async def plain_server(behaviour: Behaviour = _answer) -> AsyncIterator[int]:
    """A server that treats each connection as a function says; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        except asyncio.IncompleteReadError:
            pass  # the client never sent a request, which is what most of the tests are about
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def change(
    port: int,
    context: ssl.SSLContext,
    *,
    host: str = "127.0.0.1",
    proxy: str | None = None,
    login: str | None = None,
    shows_certificate: bool = False,
) -> AttemptFailure | int:
    """The status of a change, or how it failed."""
    address = URL(f"https://{host}:{port}/things")
    route = Route(
        address,
        URL(proxy) if proxy else None,
        has_login=login is not None,
        shows_certificate=shows_certificate,
    )
    headers = None if login is None else {"Proxy-Authorization": login}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        try:
            sent = http.post(address, data=BODY, proxy=proxy, proxy_headers=headers)
            async with sent as response:
                return response.status
        except aiohttp.ClientError as exc:
            failure = failure_of(exc, route)
    assert "\n" not in failure.message
    assert BODY.decode() not in failure.message
    return failure


async def refused(
    server: ssl.SSLContext,
    context: ssl.SSLContext,
    *,
    host: str = "127.0.0.1",
    shows_certificate: bool = False,
) -> str:
    """Why a change was surely not made, and cannot be made by trying again."""
    async with plain_server() as plain:
        with in_front_of(plain, server) as port:
            failure = await change(port, context, host=host, shows_certificate=shows_certificate)
    assert isinstance(failure, AttemptFailure), failure
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, True)
    place, _, why = failure.message.partition(": ")
    assert place == f"Could not connect to {host}:{port}"
    return why


# --- the server's certificate ---------------------------------------------------------------


async def test_an_authority_that_is_not_trusted(authority: Authority) -> None:
    pair = authority.issue("untrusted", "127.0.0.1")
    assert await refused(server_context(pair), client_context(None)) == (
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer"
        " certificate; if its issuer, 'Corp Root CA', is your network's own authority, pass that"
        " authority's certificate with ssl= in Python, SSL_CERT_FILE or a CLI profile's ca_file"
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_certificate_for_another_host(authority: Authority, host: str) -> None:
    pair = authority.issue("elsewhere", "api.corp.example", "*.corp.example", "10.0.0.1")
    why = await refused(server_context(pair), client_context(authority), host=host)
    assert why.endswith(
        f"certificate is not valid for '{host}' but for api.corp.example, *.corp.example, 10.0.0.1;"
        " check base_url"
    )


async def test_a_certificate_that_has_expired(authority: Authority) -> None:
    pair = authority.issue("expired", "127.0.0.1", begins=-3 * DAY, ends=-DAY)
    why = await refused(server_context(pair), client_context(authority))
    assert "certificate has expired; it expired at " in why
    assert why.endswith(" UTC: the server needs a new one, unless the clock is wrong")


async def test_a_certificate_that_is_not_yet_valid(authority: Authority) -> None:
    pair = authority.issue("early", "127.0.0.1", begins=DAY)
    why = await refused(server_context(pair), client_context(authority))
    assert "certificate is not yet valid; it becomes valid at " in why
    assert why.endswith(" UTC: set the clock if it is slow")


async def test_an_authority_that_strict_pythons_refuse(tmp_path: Path) -> None:
    lax = Authority(tmp_path, signs=None)
    context = client_context(lax)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    why = await refused(server_context(lax.issue("server", "127.0.0.1")), context)
    assert "key usage" in why
    assert why.endswith("pass an SSLContext without VERIFY_X509_STRICT with ssl= in Python")


# --- the client's certificate ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (TLS_1_2, "alert handshake failure; the server demands a client certificate, or "),
        (TLS_1_3, "alert certificate required; the server demands a client certificate: pass one "),
    ],
)
async def test_a_client_certificate_that_is_missing(
    authority: Authority, version: ssl.TLSVersion, words: str
) -> None:
    pair = authority.issue("server", "127.0.0.1")
    server = server_context(pair, clients_of=authority, version=version)
    why = await refused(server, client_context(authority))
    assert words in why
    assert why.endswith(
        "ssl=ClientCertificate(…) in Python, or client_cert and client_key in a CLI profile"
    )


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("fault", ["unknown ca", "certificate expired"])
async def test_a_client_certificate_that_is_not_accepted(
    authority: Authority, other: Authority, version: ssl.TLSVersion, fault: str
) -> None:
    server = server_context(
        authority.issue("server", "127.0.0.1"), clients_of=authority, version=version
    )
    issuer, ends = (other, DAY) if fault == "unknown ca" else (authority, -DAY)
    mine = issuer.issue("client", begins=-3 * DAY, ends=ends)
    why = await refused(server, client_context(authority, mine), shows_certificate=True)
    assert f"alert {fault}; the server does not accept the client certificate, or got none" in why


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
async def test_a_client_certificate_that_is_accepted(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    server = server_context(
        authority.issue("server", "127.0.0.1"), clients_of=authority, version=version
    )
    async with plain_server() as plain:
        with in_front_of(plain, server) as port:
            mine = authority.issue("client")
            assert await change(port, client_context(authority, mine)) == 200


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
async def test_a_refused_client_is_not_tried_again_and_nothing_is_in_doubt(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    pair = authority.issue("server", "127.0.0.1")
    server = server_context(pair, clients_of=authority, version=version)
    asked: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(65536))

    async with plain_server(listen) as plain:
        with in_front_of(plain, server) as port:
            async with AsyncOpenAIAdmin(
                KEY, base_url=f"https://127.0.0.1:{port}/v1", ssl=authority.file
            ) as client:
                for call in (client.projects.list(limit=1), client.projects.create(name="canary")):
                    with pytest.raises(APIConnectionError, match="client certificate") as failed:
                        await call
                    assert (failed.value.is_lasting, failed.value.attempts) == (True, 1)
                    assert not getattr(failed.value, "__notes__", ())
                    shown = "".join(traceback.format_exception(failed.value))
                    assert KEY not in shown
                    assert "canary" not in shown
    assert asked == []


# --- other protocols ------------------------------------------------------------------------


async def test_no_version_of_tls_in_common(authority: Authority) -> None:
    server = server_context(authority.issue("server", "127.0.0.1"), version=TLS_1_2)
    why = await refused(server, client_context(authority, version=TLS_1_3))
    assert "alert protocol version; the server and this machine's OpenSSL " in why


async def test_a_port_that_does_not_speak_tls() -> None:
    async with plain_server(_saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        failure = await change(port, client_context(None))
    assert isinstance(failure, AttemptFailure)
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, True)
    assert failure.message.endswith(
        "; the server does not speak TLS on this port: check the port in base_url"
    )


async def test_a_handshake_that_breaks_off_may_pass() -> None:
    async with plain_server(_saying(b"")) as port:
        failure = await change(port, client_context(None))
    assert isinstance(failure, AttemptFailure)
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, False)
    assert failure.message.startswith(
        f"Could not connect to 127.0.0.1:{port}: the connection was closed during the TLS handshake"
    )


async def test_a_name_that_is_not_found_may_be_found_later() -> None:
    failure = await change(443, client_context(None), host="no-such-host.invalid")
    assert isinstance(failure, AttemptFailure)
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, False)
    assert failure.message.startswith(
        "Could not connect to no-such-host.invalid:443: the name was not found ("
    )


# --- proxies --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "login", "is_lasting", "why"),
    [
        (
            "407 Proxy Authentication Required",
            None,
            True,
            (
                "demands a login (407 Proxy Authentication Required): give its address as"
                " http://user:password@host:port"
            ),
        ),
        ("407 No", "Basic c2VjcmV0", True, "does not accept its login (407 No): give its address "),
        (
            "407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate abc==",
            "Basic c2VjcmV0",
            True,
            "demands a login by NTLM or Negotiate (407 No): only Basic can be used here, so",
        ),
        (
            '407 No\r\nProxy-Authenticate: Digest realm="a, b", qop="auth", Basic realm="c"',
            None,
            True,
            "demands a login (407 No): give its address as http://user:password@host:port",
        ),
        (
            "302 Found\r\nLocation: http://login.example:81/page?to=secret",
            None,
            True,
            (
                "demands a login on a web page (302 Found to http://login.example:81): log in to"
                " the network with a browser first"
            ),
        ),
        ("511 Log in", None, True, "demands a login on a web page (511 Log in): log in to the"),
        (
            "403 Forbidden",
            None,
            True,
            "does not connect to api.example:443 (403 Forbidden): its operator must allow that",
        ),
        (
            "502 Bad Gateway",
            None,
            False,
            "could not connect to api.example:443 (502 Bad Gateway)",
        ),
    ],
)
async def test_a_proxy_that_refuses(
    answer: str, login: str | None, is_lasting: bool, why: str
) -> None:
    async with plain_server(_saying(f"HTTP/1.1 {answer}\r\n\r\n".encode())) as port:
        failure = await change(
            443,
            client_context(None),
            host="api.example",
            proxy=f"http://127.0.0.1:{port}",
            login=login,
        )
    assert isinstance(failure, AttemptFailure)
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, is_lasting)
    assert failure.message.startswith(f"The proxy 127.0.0.1:{port} {why}")
    assert "c2VjcmV0" not in failure.message


async def test_a_proxy_whose_tls_fails(authority: Authority) -> None:
    server = server_context(authority.issue("elsewhere", "proxy.corp.example"))
    async with plain_server() as plain:
        with in_front_of(plain, server) as port:
            proxy = f"https://127.0.0.1:{port}"
            failure = await change(443, client_context(authority), host="api.example", proxy=proxy)
    assert isinstance(failure, AttemptFailure)
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, True)
    assert failure.message.startswith(f"Could not connect to the proxy 127.0.0.1:{port}: [SSL: ")
    assert failure.message.endswith("but for proxy.corp.example; check the proxy's address")


async def test_a_secure_proxy_that_closes_may_want_a_certificate(authority: Authority) -> None:
    server = server_context(authority.issue("proxy", "127.0.0.1"))
    async with plain_server(_saying(b"")) as plain:
        with in_front_of(plain, server) as port:
            proxy = f"https://127.0.0.1:{port}"
            failure = await change(443, client_context(authority), host="api.example", proxy=proxy)
    assert isinstance(failure, AttemptFailure)
    assert (failure.kind, failure.is_lasting) == (FailureKind.NOT_SENT, False)
    assert "; a proxy that demands a client certificate may end a connection so" in failure.message


async def test_a_proxy_that_does_not_speak_tls() -> None:
    async with plain_server(_saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        proxy = f"https://127.0.0.1:{port}"
        failure = await change(443, client_context(None), host="api.example", proxy=proxy)
    assert isinstance(failure, AttemptFailure)
    assert failure.is_lasting
    assert failure.message.endswith(
        "; the proxy does not speak TLS on this port: begin its address with http://"
    )


def test_an_error_that_has_the_whole_address_is_told_by_its_cause() -> None:
    error = aiohttp.ClientOSError(None, "Can not write request body for https://api.example/x?y")
    error.__cause__ = ConnectionResetError("it was reset")
    failure = failure_of(error, Route(URL("https://api.example")))
    assert (failure.kind, failure.message) == (
        FailureKind.LOST,
        "The connection was lost: it was reset",
    )
