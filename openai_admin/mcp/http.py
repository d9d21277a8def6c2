"""The streamable HTTP transport: who may speak to it, and from where.

Two checks are made. A bearer token says who may call; it is needed unless only this machine can
reach the port. The ``Host`` and ``Origin`` of a request must be known, so that a page in a
browser whose name was made to point here (DNS rebinding) is refused.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import re
import socket
from collections.abc import Callable, Sequence

import attrs
import uvicorn
from mcp.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .._declare.arguments import shown
from ..errors import ConfigurationError

PATH = "/openai-admin"
TOKEN_VARIABLE = "OPENAI_ADMIN_MCP_TOKEN"  # noqa: S105 - a variable's name
_LEAST_TOKEN = 16
_ORIGIN = re.compile(r"https?://[^/\s]+", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class Address:
    """Where the server listens and whom it lets in.

    Attributes:
        host: the address to bind to.
        port: the port.
        token: the bearer token; may be left out on a loopback address.
        hosts: further values of ``Host`` to accept, such as ``mcp.example.com``.
        origins: values of ``Origin`` to accept, such as ``https://app.example.com``.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = attrs.field(default=None, repr=False)
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()

    @property
    def in_url(self) -> str:
        """The host as URLs write it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def checked(self) -> Address:
        """The address itself, if it is safe to listen there.

        Raises:
            ConfigurationError: it lacks a token or the names it is known by, or an origin is wrong.
        """
        if self.token is None and not self.is_loopback:
            raise ConfigurationError(
                f"Bound to {self.host}, the server needs a token: put one into {TOKEN_VARIABLE}"
                " (such as 'openssl rand -hex 32' makes), or bind to 127.0.0.1."
            )
        if self.token is not None and not (
            len(self.token) >= _LEAST_TOKEN and self.token.isascii() and self.token.isprintable()
        ):
            raise ConfigurationError(
                f"{TOKEN_VARIABLE} must have at least {_LEAST_TOKEN} characters, all of them"
                " printable ASCII."
            )
        if not self.is_loopback and _is_wildcard(self.host) and not self.hosts:
            raise ConfigurationError(
                f"Bound to {self.host}, the server must know its names:"
                " pass --allow-host, such as --allow-host mcp.example.com."
            )
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigurationError(
                    f"An origin is written as browsers send it, like https://app.example.com, not"
                    f" {shown(origin)}."
                )
        return self

    def security(self) -> TransportSecuritySettings:
        """The hosts and origins to accept."""
        own = ["127.0.0.1", "localhost", "[::1]"] if self.is_loopback else [self.in_url]
        hosts = [form for name in (*own, *self.hosts) for form in (name, f"{name}:*")]
        origins = [f"http://{name}{port}" for name in own for port in ("", ":*")]
        return TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=hosts,
            allowed_origins=[*(origins if self.is_loopback else ()), *self.origins],
        )


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host


class RequireToken:
    """ASGI middleware that lets through what carries the bearer token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_right(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        refusal = JSONResponse(
            {"error": "The request needs the server's bearer token."},
            status_code=401,
            headers={"WWW-Authenticate": 'Bearer realm="openai-admin"'},
        )
        await refusal(scope, receive, send)

    def _is_right(self, headers: Headers) -> bool:
        given = headers.get("authorization", "")
        kind, _, token = given.partition(" ")
        written = f"{kind.capitalize()} {token.strip()}".encode()
        return hmac.compare_digest(written, self._expected)


def http_app(server: Server[None], address: Address) -> ASGIApp:
    """The ASGI application of a server, at ``/openai-admin``.

    Raises:
        ConfigurationError: it would not be safe to listen there.
    """
    address.checked()
    _keep_secrets_out_of_logs()
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        host=address.host,
        transport_security=address.security(),
    )
    return app if address.token is None else RequireToken(app, address.token)


def opened_port(address: Address) -> socket.socket:
    """A listening socket at an address.

    Raises:
        ConfigurationError: the port is taken, or the host is not one of this machine's.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(place[:2], family=family)
    except OSError as exc:
        known = exc.errno if not isinstance(exc, socket.gaierror) else None
        reason = exc.strerror if known is None else os.strerror(known)
        raise ConfigurationError(
            f"{address.host} port {address.port} cannot be opened: {reason}."
        ) from exc


async def serve_http(
    server: Server[None], address: Address, port: socket.socket, *, ready: Callable[[], None]
) -> None:
    """Serve at an open port until the process is asked to end; `ready` is called once it serves."""
    config = uvicorn.Config(
        http_app(server, address),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    await _Announced(config, ready).serve(sockets=[port])


class _Announced(uvicorn.Server):  # private: uvicorn has no hook for this
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _keep_secrets_out_of_logs() -> None:
    """At DEBUG, the event stream's library logs every chunk it sends, created secrets included."""
    logging.getLogger("sse_starlette.sse").setLevel(logging.INFO)
