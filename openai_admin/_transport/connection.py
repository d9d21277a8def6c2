"""One attempt at a request over aiohttp; with `failures` the only user of it in the client."""

from __future__ import annotations

import asyncio
import base64
import math
import sys
import urllib.request
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

import aiohttp
import attrs
from yarl import URL

from .._causes import chain
from .._wire.http import HiddenText, Request, Response, hide
from ..errors import APIResponseValidationError, ClientClosedError, InvalidInputError
from .failures import Route, failure_of
from .retry import AttemptFailure

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
        self._proxy, self._proxy_headers = _split_login(proxy)
        self._route = Route(URL(base_url), self._proxy, has_login=self._proxy_headers is not None)
        self._max_bytes = max_response_bytes
        self._http: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(
        self,
        request: Request,
        headers: Mapping[str, str],
        timeout: Timeout,
        time_left: float,
    ) -> Response | AttemptFailure:
        """Make one attempt; cancellation closes its connection.

        Args:
            request: what to send.
            headers: what to send with it, besides the headers of every request.
            timeout: the limits of an attempt; ``total`` is not looked at.
            time_left: seconds that the call has left, which bound the attempt as well.

        Raises:
            APIResponseValidationError: the answer is too long.
            ClientClosedError: the connections belong to another running event loop.
        """
        handled = sys.exception()
        received: list[bytes] = []
        seconds = min(timeout.attempt, time_left)
        try:
            http = self._http
            if http is None or self._loop is not asyncio.get_running_loop():
                http = await self._open()
            # Nothing of aiohttp's answer is kept in a variable here: its repr has the headers, and
            # this frame stays in the traceback.
            return await _read(
                await http.request(
                    request.method,
                    URL(self.base_url + request.target, encoded=True),
                    data=request.body,
                    headers=headers if request.body is None else {**headers, **_JSON},
                    proxy=self._proxy,
                    proxy_headers=self._proxy_headers,
                    allow_redirects=False,
                    timeout=_client_timeout(seconds, timeout.connect, timeout.read),
                ),
                self._max_bytes,
                received,
            )
        except (aiohttp.ClientError, OSError, TimeoutError, EOFError) as exc:
            # First, since the traceback holds the certificate that was not accepted.
            failure = failure_of(exc, self._route)
            _without_traceback(exc, handled)
            if request.method == "GET":
                return failure
            return attrs.evolve(failure, received=b"".join(received))
        except BaseException as exc:
            received.clear()  # this frame stays in the traceback
            _without_traceback(exc, handled)
            raise

    async def _open(self) -> aiohttp.ClientSession:
        """A session in the running loop, in place of one whose loop has ended."""
        loop = asyncio.get_running_loop()
        if self._loop is not None and not self._loop.is_closed():
            raise ClientClosedError(
                "The client is in use in another running event loop; create one for each loop."
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
        # bypassing the retry rules; it offers no public switch.
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


async def _read(response: aiohttp.ClientResponse, max_bytes: int, pieces: list[bytes]) -> Response:
    """An answer with its body, up to a length.

    Reading gives the connection back, or closes it when it fails or is cancelled.

    Args:
        response: the answer, of which the head has come.
        max_bytes: the length.
        pieces: takes what came of the body, also when the rest does not.

    Raises:
        APIResponseValidationError: the body is longer.
    """
    # Without a connection the body has come whole.
    unwatch = None if response.connection is None else _watch_connection(response)
    length = 0
    try:
        while piece := await response.content.readany():
            length += len(piece)
            if length > max_bytes:
                raise APIResponseValidationError(
                    f"The response is longer than {max_bytes:,} bytes, the most that is accepted.",
                    body=b"",
                    status=response.status,
                )
            pieces.append(piece)
    except BaseException:
        # Private: aiohttp no longer gives what came before the connection was lost.
        pieces.extend(response.content._buffer)
        response.close()
        raise
    finally:
        if unwatch is not None:
            unwatch()
    return Response(response.status, response.headers, b"".join(pieces))


def _watch_connection(response: aiohttp.ClientResponse) -> Callable[[], object] | None:
    """Fail the reading of a chunked body when its connection closes; returns what stops that.

    aiohttp closes a connection on chunks it cannot parse, but lets the reader of the body wait
    until its time is up.
    """
    protocol = response.connection.protocol if response.connection is not None else None
    is_chunked = "chunked" in response.headers.get("Transfer-Encoding", "")
    closed = protocol.closed if protocol is not None and is_chunked else None
    if closed is None:
        return None

    def fail_reader(_: object) -> None:
        if not response.content.is_eof() and response.content.exception() is None:
            error = aiohttp.ClientPayloadError("The connection closed in the middle of the body")
            response.content.set_exception(error)

    closed.remove_done_callback(_retrieve)
    closed.add_done_callback(_retrieve)
    closed.add_done_callback(fail_reader)
    return partial(closed.remove_done_callback, fail_reader)


def _retrieve(closed: asyncio.Future[None]) -> None:
    """Retrieve how a connection was lost, so that asyncio does not complain that nobody did."""
    if not closed.cancelled():
        closed.exception()


def _limit(seconds: float) -> float | None:
    """A time limit as aiohttp takes it: ``None`` where it is infinite."""
    return seconds if math.isfinite(seconds) else None


def _split_login(proxy: str | None) -> tuple[URL | None, dict[str, str] | None]:
    """A proxy's address, and the header with its login, which aiohttp would show in its errors."""
    if proxy is None:
        return None, None
    url = URL(proxy)
    if url.user is None:
        return url, None
    login = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
    # aiohttp sends it to the proxy as Proxy-Authorization, for http and https alike.
    return url.with_user(None), {"Authorization": HiddenText(f"Basic {login}")}


def environment_proxy(base_url: str) -> str | None:
    """The proxy that ``HTTPS_PROXY`` or its like names, to be read once and not for each request.

    There is none for plain ``http``, which goes to this machine alone: a proxy would see the key.
    """
    url = URL(base_url)
    if url.scheme == "http":
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host or ""):
        return None
    return hide(proxy)


def _without_traceback(exc: BaseException, handled: BaseException | None) -> None:
    """Strip the frames below from an exception and those that led to it.

    Their local variables hold the request's head in clear, with the key, and the answer's. An
    exception that the caller was handling already belongs to the caller and stays as it is.
    """
    for link in chain(exc):
        if link is handled:
            break
        link.__traceback__ = None
