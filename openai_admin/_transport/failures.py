"""What an exception of aiohttp or the system says about an attempt."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping

import aiohttp
import attrs
from yarl import URL

from .._causes import chain
from .._text.visible import visible
from .._wire.foreign import HOW_TO_SHOW_A_CERTIFICATE, LOG_IN, NETWORK_LOGIN, redirect_target
from .retry import AttemptFailure, FailureKind
from .tls_errors import tls_error

_MARK = "_was_not_sent"


@attrs.frozen
class Route:
    """Where an attempt was to go.

    Attributes:
        address: the server's.
        proxy: the proxy's, without its login; ``None`` where there is none.
        has_login: whether the proxy got a login.
        shows_certificate: whether the server may have been shown a client certificate.
        is_brought: whether the user brought the connector or the session.
        is_receiver: whether the server is one that events are sent to.
    """

    address: URL
    proxy: URL | None = None
    has_login: bool = False
    shows_certificate: bool = False
    is_brought: bool = False
    is_receiver: bool = False


def was_connecting(exc: BaseException, until: BaseException | None = None) -> bool:
    """Whether an exception, or what led to it, came while a connection was opened.

    Then nothing of the request was sent. The frames of the traceback say it for every connector,
    session and event loop, and cost nothing where all goes well.

    Args:
        exc: an exception with its traceback.
        until: one that was there before, of which and of whose causes nothing is asked.
    """
    for link in chain(exc):
        if link is until:
            break
        frames = link.__traceback__
        while frames is not None:
            frame = frames.tb_frame
            if frame.f_code.co_name == "connect" and isinstance(
                frame.f_locals.get("self"), aiohttp.BaseConnector
            ):
                return True
            frames = frames.tb_next
    return False


def mark_unsent(exc: BaseException) -> None:
    """Let an exception, such as a cancellation, say that nothing was sent."""
    vars(exc)[_MARK] = True


def is_marked_unsent(exc: BaseException) -> bool:
    """Whether an exception says that nothing was sent."""
    return _MARK in vars(exc)


def failure_of(
    exc: BaseException, route: Route, *, unsent: bool | None = None, has_answered: bool = True
) -> AttemptFailure:
    """What an exception says, in one sentence; with the remedy where it will come again.

    Args:
        exc: an exception with its traceback, in which a certificate may be found.
        route: where the attempt was to go.
        unsent: what `was_connecting` says of it; by default it is asked.
        has_answered: whether the server has ever answered a request.
    """
    if unsent if unsent is not None else was_connecting(exc):
        return _not_connected(exc, route)
    if isinstance(exc, TimeoutError):
        return AttemptFailure(FailureKind.TIMED_OUT, "No response came in time", exc)
    if (packed := _PACKED.search(str(exc))) is not None:
        return AttemptFailure(FailureKind.LOST, _not_unpacked(packed), exc)
    if isinstance(exc, aiohttp.ClientPayloadError):
        return AttemptFailure(FailureKind.LOST, f"The response was cut short: {_short(exc)}", exc)
    return _lost(exc, route, has_answered=has_answered)


# What aiohttp says of an answer that it cannot unpack.
_PACKED = re.compile(r"Can not decode content-encoding: (?:\w+ \()?(\w+)(\).*install)?")


def _not_unpacked(packed: re.Match[str]) -> str:
    if packed[2]:
        return f"The response is compressed with {packed[1]}, which was not asked for"
    return f"The response is not valid {packed[1]}, which its Content-Encoding says that it is"


def _not_connected(exc: BaseException, route: Route) -> AttemptFailure:
    if isinstance(exc, aiohttp.ClientHttpProxyError):
        return _proxy_refused(exc, route)
    proxy = route.proxy
    if isinstance(exc, aiohttp.ClientConnectorError):
        is_proxy = proxy is not None and (exc.host, exc.port) == (proxy.raw_host, proxy.port)
        place = f"{'the proxy ' * is_proxy}{_place(exc.host, exc.port)}"
        through = proxy if not is_proxy else None
    else:
        is_proxy, through = False, proxy
        place = _place_of(route.address)
    if through is not None:
        place += f" through the proxy {_place_of(through)}"
    place = f"Could not connect to {place}"
    if isinstance(exc, TimeoutError):
        return _not_sent(f"{place} in time", exc)
    if isinstance(exc, aiohttp.ServerFingerprintMismatch):
        return _lasting(f"{place}: its certificate is not the one that the connector pins", exc)
    from_tls = tls_error(
        exc,
        is_proxy=is_proxy,
        shows_certificate=route.shows_certificate,
        brought=route.is_brought,
        receiver=route.is_receiver,
    )
    if from_tls is not None:
        message = f"{place}: {from_tls.message}"
        return _lasting(message, exc) if from_tls.is_lasting else _not_sent(message, exc)
    return _not_sent(f"{place}: {_why_not_connected(exc, route, is_proxy=is_proxy)}", exc)


def _why_not_connected(exc: BaseException, route: Route, *, is_proxy: bool) -> str:
    proxy = route.proxy
    if not isinstance(exc, aiohttp.ClientConnectorError):
        is_closed = isinstance(exc, aiohttp.ServerDisconnectedError)
        why = "the connection was closed before the proxy had answered"
        hint = ""
        if proxy is not None and proxy.scheme == "https" and isinstance(exc, _CLOSED):
            hint = _about_client(route, "proxy")
        return f"{why if is_closed else _short(exc)}{hint}"
    if isinstance(exc.os_error, socket.gaierror):
        # Tried again even if there is no such name: without a network some systems say so too.
        return f"the name was not found ({exc.os_error.strerror})"
    is_secure = (proxy if is_proxy and proxy is not None else route.address).scheme == "https"
    if is_secure and isinstance(exc.os_error, ConnectionResetError):
        others = (
            "" if route.shows_certificate else ", or a server that demands a client certificate"
        )
        return f"the connection was closed during the TLS handshake, as by a firewall{others}"
    # asyncio's text of a refused connection repeats the address; the system's is enough.
    code = exc.errno or 0
    return os.strerror(code) if code > 0 else exc.os_error.strerror or _short(exc.os_error)


def _proxy_refused(exc: aiohttp.ClientHttpProxyError, route: Route) -> AttemptFailure:
    """A proxy that answered CONNECT with an error: the request itself was not sent to it."""
    proxy, server = route.proxy, _place_of(route.address)
    named = f"The proxy {_place_of(proxy)}" if proxy is not None else "The proxy"
    answer = f"{exc.status} {_short(exc)}".strip()
    if exc.status == 407:
        wants = "does not accept its login" if route.has_login else "demands a login"
        schemes = _schemes(exc.headers)
        remedy = "give its address as http://user:password@host:port"
        if schemes and "basic" not in map(str.lower, schemes):
            wants = f"demands a login by {' or '.join(schemes)}"
            remedy = (
                "only Basic can be used here, so ask its operator for that, or use a proxy on this"
                " machine that logs in there"
            )
        return _lasting(f"{named} {wants} ({answer}): {remedy}", exc)
    if exc.status < 400 or exc.status == NETWORK_LOGIN:
        location = "" if exc.headers is None else exc.headers.get("Location", "")
        answer += redirect_target({"location": location})
        return _lasting(f"{named} demands a login on a web page ({answer}): {LOG_IN}", exc)
    if exc.status in _PASSING or exc.status >= 500:
        return _not_sent(f"{named} could not connect to {server} ({answer})", exc)
    return _lasting(
        f"{named} does not connect to {server} ({answer}): its operator must allow that", exc
    )


def _schemes(headers: Mapping[str, str] | None) -> list[str]:
    """How a proxy lets a client log in, as ``Basic``: the first word of each challenge."""
    all_of = getattr(headers, "getall", None)
    values = [] if all_of is None else all_of("Proxy-Authenticate", [])
    words = [part.split()[0] for value in values for part in value.split(",") if part.strip()]
    return list(dict.fromkeys(word for word in words if _SCHEME.fullmatch(word)))


def _lost(exc: BaseException, route: Route, *, has_answered: bool) -> AttemptFailure:
    """A connection that ended, as far as is known, after the request left."""
    from_tls = tls_error(
        exc,
        shows_certificate=route.shows_certificate,
        brought=route.is_brought,
        receiver=route.is_receiver,
    )
    if from_tls is None:
        hint = "" if has_answered or route.address.scheme != "https" else _about_client(route)
        message = f"The connection was lost: {_short(exc)}{hint}"
        return AttemptFailure(FailureKind.LOST, message, exc)
    if from_tls.refuses_client:
        # With TLS 1.3 the client is done before the server has looked at its certificate.
        place = _place_of(route.address)
        return _lasting(f"Could not connect to {place}: {from_tls.message}", exc)
    return AttemptFailure(FailureKind.LOST, f"The connection was lost: {from_tls.message}", exc)


def _about_client(route: Route, who: str = "server") -> str:
    """What may have ended the first connection to a server or proxy, which need not say why.

    With TLS 1.3 it looks at the client's certificate while the request is under way; where it then
    closes the connection, the system may drop its reason together with what was sent.
    """
    if route.shows_certificate:
        return f"; a {who} that does not accept the client certificate may end a connection so"
    if route.is_receiver:
        return f"; a {who} that demands a client certificate may end a connection so"
    return (
        f"; a {who} that demands a client certificate may end a connection so: if it does, pass one"
        f" {HOW_TO_SHOW_A_CERTIFICATE}"
    )


_PASSING = frozenset({408, 429})
_CLOSED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}")


def _not_sent(message: str, exc: BaseException) -> AttemptFailure:
    return AttemptFailure(FailureKind.NOT_SENT, message, exc)


def _lasting(message: str, exc: BaseException) -> AttemptFailure:
    return AttemptFailure(FailureKind.NOT_SENT, message, exc, is_lasting=True)


def _place_of(url: URL) -> str:
    return _place(url.raw_host, url.port)


def _place(host: str | None, port: int | None) -> str:
    return f"[{host}]:{port}" if ":" in (host or "") else f"{host}:{port}"


def _short(exc: BaseException) -> str:
    """The text of an exception on one line, or its type; the peer may have a part in it."""
    if isinstance(exc, aiohttp.ServerDisconnectedError) and not isinstance(exc.message, str):
        return "the response ended within its head"  # which aiohttp shows as it has parsed it
    # The text of a ClientResponseError has the whole URL in it, and the message in a repr.
    text = exc.message if isinstance(exc, aiohttp.ClientResponseError) else str(exc)
    if isinstance(exc, aiohttp.ClientOSError) and isinstance(exc.__cause__, OSError):
        text = str(exc.__cause__)  # its own may have the URL in it
    first = (text.strip() or type(exc).__name__).splitlines()[0].rstrip(": ")
    return visible(first[:200])
