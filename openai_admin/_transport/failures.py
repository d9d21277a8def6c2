"""What an exception of aiohttp or the system says about an attempt."""

from __future__ import annotations

import os
import socket

import aiohttp
import attrs
from yarl import URL

from .retry import AttemptFailure, FailureKind
from .tls_errors import tls_error


@attrs.frozen
class Route:
    """Where an attempt was to go.

    Attributes:
        address: the server's.
        proxy: the proxy's, without its login; ``None`` where there is none.
        has_login: whether the proxy got a login.
        shows_certificate: whether the server may have been shown a client certificate.
    """

    address: URL
    proxy: URL | None = None
    has_login: bool = False
    shows_certificate: bool = False


def failure_of(exc: BaseException, route: Route) -> AttemptFailure:
    """What an exception says, in one sentence; with the remedy where it will come again.

    Args:
        exc: an exception with its traceback, in which a certificate may be found.
        route: where the attempt was to go.
    """
    if isinstance(exc, aiohttp.ConnectionTimeoutError):
        return AttemptFailure(FailureKind.NOT_SENT, "Could not connect in time", exc)
    if isinstance(exc, aiohttp.ClientHttpProxyError):
        return _proxy_refused(exc, route)
    if isinstance(exc, aiohttp.ClientConnectorError):
        return _not_connected(exc, route)
    if isinstance(exc, aiohttp.ServerFingerprintMismatch):
        message = f"Could not connect to {exc.host}:{exc.port}: its certificate is not the one that"
        return _lasting(f"{message} the connector pins", exc)
    if isinstance(exc, TimeoutError):
        return AttemptFailure(FailureKind.TIMED_OUT, "No response came in time", exc)
    if isinstance(exc, aiohttp.ClientPayloadError):
        return AttemptFailure(FailureKind.LOST, f"The response was cut short: {_short(exc)}", exc)
    return _lost(exc, route)


def lacks_thread(exc: RuntimeError) -> bool:
    """Whether the system had no thread left, as asyncio wants one to look a name up."""
    return str(exc) == "can't start new thread"


def no_thread(exc: RuntimeError, route: Route) -> AttemptFailure:
    """The failure of an attempt that had no thread to look a name up in."""
    host = (route.proxy or route.address).raw_host
    return _not_sent(f"Could not look up the address of {host}: {exc}", exc)


def _not_connected(exc: aiohttp.ClientConnectorError, route: Route) -> AttemptFailure:
    proxy = route.proxy
    is_proxy = proxy is not None and (exc.host, exc.port) == (proxy.raw_host, proxy.port)
    place = f"Could not connect to {'the proxy ' * is_proxy}{exc.host}:{exc.port}"
    from_tls = tls_error(exc, is_proxy=is_proxy, shows_certificate=route.shows_certificate)
    if from_tls is not None:
        message = f"{place}: {from_tls.message}"
        return _lasting(message, exc) if from_tls.is_lasting else _not_sent(message, exc)
    if isinstance(exc.os_error, socket.gaierror):
        # Tried again even if there is no such name: without a network some systems say so too.
        return _not_sent(f"{place}: the name was not found ({exc.os_error.strerror})", exc)
    is_secure = (proxy if is_proxy and proxy is not None else route.address).scheme == "https"
    if is_secure and isinstance(exc.os_error, ConnectionResetError):
        others = (
            "" if route.shows_certificate else ", or a server that demands a client certificate"
        )
        why = f"the connection was closed during the TLS handshake, as by a firewall{others}"
        return _not_sent(f"{place}: {why}", exc)
    # asyncio's text of a refused connection repeats the address; the system's is enough.
    code = exc.errno or 0
    reason = os.strerror(code) if code > 0 else exc.os_error.strerror or _short(exc.os_error)
    return _not_sent(f"{place}: {reason}", exc)


def _proxy_refused(exc: aiohttp.ClientHttpProxyError, route: Route) -> AttemptFailure:
    """A proxy that answered CONNECT with an error: the request itself was not sent to it."""
    proxy, server = route.proxy, f"{route.address.raw_host}:{route.address.port}"
    named = f"The proxy {proxy.raw_host}:{proxy.port}" if proxy is not None else "The proxy"
    answer = f"{exc.status} {_short(exc)}".strip()
    if exc.status == 407:
        wants = "does not accept its login" if route.has_login else "demands a login"
        return _lasting(
            f"{named} {wants} ({answer}): give its address as http://user:password@host:port", exc
        )
    if exc.status in _PASSING or exc.status >= 500:
        return _not_sent(f"{named} could not connect to {server} ({answer})", exc)
    return _lasting(
        f"{named} does not connect to {server} ({answer}): its operator must allow that", exc
    )


def _lost(exc: BaseException, route: Route) -> AttemptFailure:
    """A connection that ended, as far as is known, after the request left."""
    from_tls = tls_error(exc, shows_certificate=route.shows_certificate)
    if from_tls is None:
        return AttemptFailure(FailureKind.LOST, f"The connection was lost: {_short(exc)}", exc)
    if from_tls.refuses_client:
        # With TLS 1.3 the client is done before the server has looked at its certificate.
        place = f"{route.address.raw_host}:{route.address.port}"
        return _lasting(f"Could not connect to {place}: {from_tls.message}", exc)
    return AttemptFailure(FailureKind.LOST, f"The connection was lost: {from_tls.message}", exc)


_PASSING = frozenset({408, 429})


def _not_sent(message: str, exc: BaseException) -> AttemptFailure:
    return AttemptFailure(FailureKind.NOT_SENT, message, exc)


def _lasting(message: str, exc: BaseException) -> AttemptFailure:
    return AttemptFailure(FailureKind.NOT_SENT, message, exc, is_lasting=True)


def _short(exc: BaseException) -> str:
    # The text of a ClientResponseError has the whole URL in it, and the message in a repr.
    text = exc.message if isinstance(exc, aiohttp.ClientResponseError) else str(exc)
    return (text.strip() or type(exc).__name__).splitlines()[0][:200]
