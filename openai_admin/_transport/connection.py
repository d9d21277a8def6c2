"""One attempt at a request over aiohttp; `sessions` and `failures` help it."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import aiohttp
import anyio.to_thread
import attrs
from yarl import URL

from .._causes import chain
from .._wire.http import Request, Response
from ..errors import ClientClosedError, InvalidInputError
from .failures import Route, failure_of, mark_unsent, was_connecting
from .lengths import DEFAULT_MAX_RESPONSE_BYTES, Look, Portions, too_long
from .opened import OpenSession
from .proxies import split_login
from .retry import AttemptFailure
from .sessions import LostOnceError, Sessions
from .tls import TLSSettings

# What ends an attempt. While a connection is opened anything does: connectors have errors of
# their own.
_FAILURES = (aiohttp.ClientError, OSError, EOFError)  # `TimeoutError` is an `OSError`

_LARGE = 4 * 2**20  # bytes: joining so many takes some two milliseconds


@attrs.frozen
class Timeout:
    """Time limits of a call, in seconds.

    Waiting for the pace of an endpoint is bounded by the client's ``wait`` alone: it uses up none
    of these. Waiting for a place among ``max_concurrency``, or for the first answers of an endpoint
    that is not known yet, uses up ``total``, and with a ``wait`` in seconds ``attempt`` too. So a
    call with ``timeout=2, max_retries=0, wait=0`` ends within 2 s, whatever else the client does.

    Args:
        attempt: for one attempt, from asking for a connection to the last byte.
        total: for the whole call with its retries and the delays before them.
        connect: for opening a connection: to the proxy, where there is one, through it to the
            server, and the TLS handshake. A connector of the user's has it for each of the three.
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
        proxy: the address of a proxy, with its login if it wants one; ``None`` to connect
            directly.
        tls: how connections are made secure.
        sessions: opens the session.
        max_response_bytes: a longer answer is an error.
        owner: the class of the client that its user has to close; ``None`` where that is done
            without them.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None = None,
        tls: TLSSettings = TLSSettings(),  # noqa: B008 - immutable
        sessions: Sessions | None = None,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        owner: str | None = None,
    ) -> None:
        self.base_url = base_url
        self._tls = tls
        self._sessions = sessions or Sessions()
        self._proxy, self._proxy_headers = split_login(proxy)
        self._route = Route(
            URL(base_url),
            self._proxy,
            has_login=self._proxy_headers is not None,
            shows_certificate=tls.shows_certificate,
            is_brought=self._sessions.brought,
        )
        self._max_bytes = max_response_bytes
        self._owner = owner
        # What every request says, whatever the user's session says.
        self._settings: Mapping[str, Any] = {}
        self._address = ("", "", "")  # scheme, authority, and the path that all targets are below
        self._opened: OpenSession | None = None
        self._has_answered = False

    @property
    def lacks_certificate(self) -> bool | None:
        """Whether the server is shown no client certificate; ``None`` where that is not known.

        Over plain HTTP a gateway may show one of its own, or none.
        """
        if self._tls.shows_certificate:
            return False
        return True if self.base_url.startswith("https:") else None

    async def send(
        self,
        request: Request,
        headers: Mapping[str, str],
        timeout: Timeout,
        time_left: float,
        portions: Portions | None = None,
    ) -> Response | AttemptFailure:
        """Make one attempt; cancellation closes its connection.

        Args:
            request: what to send.
            headers: what to send with it.
            timeout: the limits of an attempt; ``total`` is not looked at.
            time_left: seconds that the call has left, which bound the attempt as well.
            portions: what makes an answer to a read too long before it is longer than any may be.

        Raises:
            ResponseTooLongError: the answer is too long, or would be.
            ClientClosedError: the connections belong to another running event loop.
            ConfigurationError: a connector or a session of the user's cannot be used.
        """
        handled = sys.exception()
        received: list[bytes] = []
        seconds = min(timeout.attempt, time_left)
        try:
            opened = self._opened
            if (
                opened is None
                or opened.loop is not asyncio.get_running_loop()
                or (opened.http.closed and not self._sessions.brought)  # with its loop
            ):
                opened = await self._open()
            if self._sessions.brought and opened.http.closed:
                raise self._sessions.closed()
            # Nothing of aiohttp's answer is kept in a variable here: its repr has the headers, and
            # this frame stays in the traceback.
            answer = await _read(
                await opened.http.request(
                    request.method,
                    self._url_of(request),
                    data=request.body,
                    headers=headers,
                    proxy=self._proxy,
                    proxy_headers=self._proxy_headers,
                    ssl=self._tls.context or True,
                    allow_redirects=False,
                    timeout=_client_timeout(
                        seconds, timeout.connect, timeout.read, self._sessions.brought
                    ),
                    **self._settings,
                ),
                self._max_bytes,
                received,
                portions,
            )
        except BaseException as exc:
            cause = exc.error if isinstance(exc, LostOnceError) else exc
            # First, since the traceback says whether the request was sent, and holds the
            # certificate that was not accepted.
            unsent = was_connecting(cause, handled)
            failure = None
            if isinstance(cause, _FAILURES) or (unsent and isinstance(cause, Exception)):
                has_answered = self._has_answered
                failure = failure_of(cause, self._route, unsent=unsent, has_answered=has_answered)
            _without_traceback(cause, handled)
            if failure is None:
                received.clear()  # this frame stays in the traceback
                if unsent:
                    mark_unsent(cause)
                raise
            if request.method == "GET":
                return failure
            return attrs.evolve(failure, received=b"".join(received))
        self._has_answered = True
        return answer

    def _url_of(self, request: Request) -> URL:
        """A request's address: made of its parts, which takes half of the time of parsing it."""
        path, _, query = request.target.partition("?")
        scheme, authority, before = self._address
        return URL.build(
            scheme=scheme,
            authority=authority,
            path=before + path,
            query_string=query,
            encoded=True,
        )

    async def _open(self) -> OpenSession:
        """A session in the running loop, in place of one of a loop that does not run any more."""
        if self._opened is not None:
            if not self._opened.http.closed and self._opened.loop.is_running():
                raise ClientClosedError.in_another_loop()
            await self._opened.leave()
        self._opened = None
        http = self._sessions.open()
        self._settings = self._sessions.settings(http)
        base = URL(self.base_url, encoded=True)
        self._address = base.scheme, base.raw_authority, base.raw_path.rstrip("/")
        label = None if self._owner is None else f"{self._owner} of {self.base_url}"
        self._opened = OpenSession(http, label=label, owned=self._sessions.owned)
        await self._opened.begin()
        return self._opened

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()


@lru_cache(maxsize=32)  # the same few settings come with every request
def _client_timeout(
    attempt: float, connect: float, read: float, brought: bool
) -> aiohttp.ClientTimeout:
    # A limit on each piece that cannot be reached within the attempt is left out: it would cost
    # a timer for each piece.
    return aiohttp.ClientTimeout(
        total=_limit(attempt),
        # It bounds a proxy's answer as well; of a connector with few places also the wait for one.
        connect=None if brought else _limit(connect),
        sock_connect=_limit(connect),
        sock_read=_limit(read) if read < attempt else None,
    )


async def _read(
    response: aiohttp.ClientResponse,
    max_bytes: int,
    pieces: list[bytes],
    portions: Portions | None = None,
) -> Response:
    """An answer with its body, up to a length.

    Reading gives the connection back, or closes it when it fails or is cancelled.

    Args:
        response: the answer, of which the head has come.
        max_bytes: the length.
        pieces: takes what came of the body, also when the rest does not.
        portions: what makes a success too long before that.

    Raises:
        ResponseTooLongError: the body is longer, or would be.
    """
    # Without a connection the body has come whole.
    unwatch = None if response.connection is None else _watch_connection(response)
    length = 0
    look = Look(portions) if portions is not None and response.status < 300 else None
    try:
        while piece := await response.content.readany():
            length += len(piece)
            pieces.append(piece)
            if length > max_bytes:
                is_packed = (
                    "Content-Encoding" in response.headers
                )  # then the header tells that length
                told = None if is_packed else response.content_length
                raise too_long(length, max_bytes, response.status, told=told)
            if look is not None and length > look.at:
                await look.check(pieces, length)
    except BaseException:
        # Private: aiohttp no longer gives what came before the connection was lost.
        pieces.extend(response.content._buffer)
        response.close()
        raise
    finally:
        if unwatch is not None:
            unwatch()
    # Joining lets other threads run meanwhile.
    is_large = length > _LARGE
    body = await anyio.to_thread.run_sync(b"".join, pieces) if is_large else b"".join(pieces)
    return Response(response.status, response.headers, body, response.version)


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


def _without_traceback(exc: BaseException, handled: BaseException | None) -> None:
    """Strip the frames below from an exception and those that led to it.

    Their local variables hold the request's head in clear, with the key, and the answer's. An
    exception that the caller was handling already belongs to the caller and stays as it is.
    """
    for link in chain(exc):
        if link is handled:
            break
        link.__traceback__ = None
