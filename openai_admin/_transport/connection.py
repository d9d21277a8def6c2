"""One attempt at a request over aiohttp; the only module of the client that imports it."""

from __future__ import annotations

import asyncio
import base64
import math
import os
import sys
import urllib.request
from collections.abc import Mapping
from functools import lru_cache

import aiohttp
import attrs
from yarl import URL

from .._wire.http import HiddenText, Request, Response, hide
from ..errors import APIResponseValidationError, ClientClosedError, InvalidInputError
from .retry import Trouble

# A page of usage is a megabyte and more: with aiohttp's 64 KiB the socket would be paused and
# resumed for each piece of it.
_READ_BUFFER = 1 << 20

DEFAULT_MAX_RESPONSE_BYTES = 256 * 2**20
"""The longest answer that is taken, unpacked: many times the largest page of usage."""


@attrs.frozen
class Timeout:
    """Time limits of a call, in seconds.

    Args:
        attempt: for one attempt, from asking for a connection to the last byte.
        total: for the whole call with its retries and its waiting for a known rate limit.
        connect: for opening a connection.
        read: for each piece of the answer.
    """

    attempt: float = attrs.field(default=60.0)
    total: float = attrs.field(default=600.0)
    connect: float = attrs.field(default=10.0)
    read: float = attrs.field(default=60.0)

    @attempt.validator
    @total.validator
    @connect.validator
    @read.validator
    def _check(self, attribute: attrs.Attribute[float], value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise InvalidInputError(
                f"timeout: {attribute.name} must be a number of seconds above 0, not {value!r}."
            )

    @classmethod
    def of(cls, value: float | Timeout) -> Timeout:
        """A time limit from a plain number, which bounds each attempt."""
        return value if isinstance(value, Timeout) else cls(attempt=value)


@attrs.frozen
class Failed:
    """An attempt that brought no answer."""

    trouble: Trouble
    message: str
    cause: BaseException | None = attrs.field(repr=False)


class Transport:
    """Sends requests over one aiohttp session, opened in the running loop at the first one.

    Args:
        base_url: the address all targets are below, without a slash at the end.
        headers: sent with every request.
        proxy: the address of a proxy, with its login if it wants one; ``None`` to connect
            directly.
        max_response_bytes: a longer answer is an error.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        proxy: str | None = None,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        self.base_url = base_url
        self._headers = dict(headers)
        self._proxy, self._proxy_headers = _with_login_apart(proxy)
        self._most = max_response_bytes
        self._http: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, request: Request, timeout: Timeout, time_left: float) -> Response | Failed:
        """Make one attempt; cancellation closes its connection."""
        handled = sys.exception()
        try:
            return await self._send(request, timeout, time_left)
        except (aiohttp.ClientError, OSError, TimeoutError, EOFError) as exc:
            return _failed(_bare(exc, handled))
        except BaseException as exc:
            _bare(exc, handled)
            raise

    async def _send(self, request: Request, timeout: Timeout, time_left: float) -> Response:
        http = await self._open()
        response = await http.request(
            request.method,
            URL(self.base_url + request.target, encoded=True),
            data=request.body,
            headers=_JSON if request.body is not None else None,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
            allow_redirects=False,
            timeout=_client_timeout(min(timeout.attempt, time_left), timeout.connect, timeout.read),
        )
        # Reading gives the connection back, or closes it when it fails or is cancelled.
        body = await _read(response, self._most)
        return Response(response.status, response.headers, body)

    async def _open(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._http is not None and self._loop is loop:
            return self._http
        if self._loop is not None and not self._loop.is_closed():
            raise ClientClosedError(
                "The client is in use in another running event loop; make one for each loop."
            )
        if self._http is not None:
            await self._http.close()  # at once: its loop is closed, and its connections with it
        self._loop = loop
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            read_bufsize=_READ_BUFFER,
        )
        # Private: aiohttp would send a GET or DELETE again by itself after a lost connection,
        # behind the back of the retry rules; it offers no public switch.
        self._http._retry_connection = False
        return self._http

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        http, self._http, self._loop = self._http, None, None
        if http is not None:
            await http.close()


_JSON = {"Content-Type": "application/json"}


@lru_cache(maxsize=32)  # the same few settings come with every request
def _client_timeout(attempt: float, connect: float, read: float) -> aiohttp.ClientTimeout:
    # A limit on each piece that cannot be reached within the attempt is left out: it would cost
    # a timer for each piece.
    return aiohttp.ClientTimeout(
        total=_limit(attempt),
        sock_connect=_limit(connect),
        sock_read=_limit(read) if read < attempt else None,
    )


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body of an answer, up to a length.

    aiohttp closes a connection on chunks it cannot parse, but lets the reader of the body wait
    until its time is over. It is told here.
    """
    protocol = response.connection.protocol if response.connection is not None else None
    closed = protocol.closed if protocol is not None and _is_chunked(response) else None
    if closed is None:
        return await _collect(response, most)

    def emit(_: object) -> None:
        if not response.content.is_eof() and response.content.exception() is None:
            error = aiohttp.ClientPayloadError("The connection closed in the middle of the body")
            response.content.set_exception(error)

    closed.remove_done_callback(_noted)
    closed.add_done_callback(_noted)
    closed.add_done_callback(emit)
    try:
        return await _collect(response, most)
    finally:
        closed.remove_done_callback(emit)


async def _collect(response: aiohttp.ClientResponse, most: int) -> bytes:
    pieces: list[bytes] = []
    length = 0
    try:
        while piece := await response.content.readany():
            length += len(piece)
            if length > most:
                raise _too_long(response, most)
            pieces.append(piece)
    except BaseException:
        response.close()
        raise
    return b"".join(pieces)


def _too_long(response: aiohttp.ClientResponse, most: int) -> APIResponseValidationError:
    return APIResponseValidationError(
        f"The answer is longer than {most:,} bytes, which is as much as is taken.",
        body=b"",
        status=response.status,
    )


def _is_chunked(response: aiohttp.ClientResponse) -> bool:
    return "chunked" in response.headers.get("Transfer-Encoding", "")


def _noted(closed: asyncio.Future[None]) -> None:
    """Take note of how a connection was lost, so that asyncio does not complain that nobody did."""
    if not closed.cancelled():
        closed.exception()


def _limit(seconds: float) -> float | None:
    """A time limit as aiohttp takes it, which knows no infinite one."""
    return seconds if math.isfinite(seconds) else None


def _with_login_apart(proxy: str | None) -> tuple[URL | None, dict[str, str] | None]:
    """A proxy's address, and the header with its login, which aiohttp shows in its errors."""
    if proxy is None:
        return None, None
    url = URL(proxy)
    if url.user is None:
        return url, None
    login = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
    # By this name aiohttp hands it to the proxy, as Proxy-Authorization, for http and https.
    return url.with_user(None), {"Authorization": HiddenText(f"Basic {login}")}


def environment_proxy(base_url: str) -> str | None:
    """The proxy that ``HTTPS_PROXY`` and the like name, read once and not for each request.

    Never one for plain ``http``, which goes to this machine alone: a proxy would see the key.
    """
    url = URL(base_url)
    if url.scheme == "http":
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host or ""):
        return None
    return hide(proxy)


def _bare(exc: BaseException, handled: BaseException | None) -> BaseException:
    """Take the frames below off an exception and what it came from.

    Their local variables have the request's head in clear, with the key, and the answer's. What
    the caller was handling already is none of ours and stays as it is.
    """
    link: BaseException | None = exc
    while link is not None and link is not handled:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return exc


def _failed(exc: BaseException) -> Failed:
    if isinstance(exc, aiohttp.ConnectionTimeoutError):
        return Failed(Trouble.NOT_SENT, "No connection came about in time", exc)
    if isinstance(exc, aiohttp.ClientHttpProxyError):
        return Failed(Trouble.NOT_SENT, f"The proxy refused: {_short(exc)}", exc)
    if isinstance(exc, aiohttp.ClientConnectorError):
        # asyncio words a refused connection with the address in it; the system's word is enough.
        code = exc.errno or 0
        reason = os.strerror(code) if code > 0 else exc.os_error.strerror or _short(exc.os_error)
        return Failed(Trouble.NOT_SENT, f"No connection to {exc.host}:{exc.port}: {reason}", exc)
    if isinstance(exc, TimeoutError):
        return Failed(Trouble.TIMED_OUT, "No answer came in time", exc)
    if isinstance(exc, aiohttp.ClientPayloadError):
        return Failed(Trouble.LOST, f"The answer was cut short: {_short(exc)}", exc)
    return Failed(Trouble.LOST, f"The connection was lost: {_short(exc)}", exc)


def _short(exc: BaseException) -> str:
    # The text of a ClientResponseError has the whole URL in it, and the message in a repr.
    text = exc.message if isinstance(exc, aiohttp.ClientResponseError) else str(exc)
    return (text.strip() or type(exc).__name__).splitlines()[0][:200]
