"""The ASGI application of a server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.auth.handlers.metadata import ProtectedResourceMetadataHandler
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.auth import ProtectedResourceMetadata
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..._extras import require
from ..server import AdminServer
from .address import PATH, Address
from .bodies import Bodies
from .door import Door
from .entrance import Entrance, ScopeOfTools
from .introspection import IntrospectedTokens
from .oauth import CHANGE, READ, OAuth
from .passes import IssuedTokens, Open, Pass, ServerToken, metadata_paths
from .quiet import Quiet, quieten_sdk
from .sessions import Sessions


class HTTPApp:
    """An ASGI application: the MCP endpoint at ``/openai-admin``, and ``/health``.

    Served by itself, it starts and ends with the server that runs it. In an application of your
    own, mount it at the root, behind your own routes, and let it run as long as yours does::

        tools = http_app(build_server(connections), Address(token=…, hosts=["api.example.com"]))

        @asynccontextmanager
        async def lifespan(app):
            async with tools.running():
                yield

        app = Starlette(routes=[…, Mount("/", app=tools)], lifespan=lifespan)

    Args:
        server: the server.
        address: whom it lets in.
        quiet: the log.

    Raises:
        ConfigurationError: it would not be safe to listen there.
    """

    def __init__(
        self, server: AdminServer, address: Address, *, quiet: Quiet | None = None
    ) -> None:
        address.checked()
        _keep_secrets_out_of_logs()
        quieten_sdk()
        quiet = quiet or Quiet()
        limits = address.limits
        self._sessions = StreamableHTTPSessionManager(
            server,
            max_request_body_size=limits.body_bytes,
            max_sessions=None,  # room is made before it is asked
            session_idle_timeout=limits.session_idle,
        )
        self._is_running = False
        entry = _pass(address, quiet)
        own = address.key_header is not None or isinstance(entry, IssuedTokens)
        sessions = Sessions(self._sessions.handle_request, limits, quiet, own=own)
        inner: ASGIApp = AuthContextMiddleware(sessions)
        if isinstance(entry, IssuedTokens):
            inner = ScopeOfTools(inner, server.changing, entry)
        bounded = Bodies(inner, limits, quiet)
        endpoint = Door(Entrance(bounded, entry, address.key_header), address, quiet)
        routes = [Route(path, endpoint=endpoint) for path in (PATH, f"{PATH}/")]
        routes.append(Route("/health", endpoint=_health, methods=["GET"]))
        if address.oauth is not None and address.public_url is not None:
            described = _described(address.oauth, address.public_url)
            door = Door(request_response(described.handle), address, quiet)
            routes += [Route(path, endpoint=door) for path in metadata_paths(address.public_url)]
        self._app = Starlette(routes=routes, lifespan=lambda _: self.running())
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_running:
            raise RuntimeError("Enter running() of the application in the lifespan of your own.")
        await self._app(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the block is left, once; a server that runs it by itself enters it."""
        async with self._sessions.run():
            self._is_running = True
            try:
                yield
            finally:
                self._is_running = False


def http_app(server: AdminServer, address: Address, *, quiet: Quiet | None = None) -> HTTPApp:
    """The ASGI application of a server; see `HTTPApp`.

    Raises:
        ConfigurationError: it would not be safe to listen there.
    """
    return HTTPApp(server, address, quiet=quiet)


def _pass(address: Address, quiet: Quiet) -> Pass:
    if address.token is not None:
        return ServerToken(address.token)
    if address.oauth is None or address.public_url is None:
        return Open()
    if address.oauth.introspection_url is not None:
        return IssuedTokens(IntrospectedTokens(address.oauth), address.public_url, quiet)
    require("jwt", extra="mcp")
    from .jwks import SignedTokens

    return IssuedTokens(SignedTokens(address.oauth), address.public_url, quiet)


def _described(oauth: OAuth, public_url: str) -> ProtectedResourceMetadataHandler:
    metadata = ProtectedResourceMetadata.model_validate(
        {
            "resource": public_url,
            "authorization_servers": [oauth.issuer],
            "scopes_supported": [READ, CHANGE],
            "resource_name": "OpenAI Admin",
        }
    )
    return ProtectedResourceMetadataHandler(metadata)


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _keep_secrets_out_of_logs() -> None:
    """At DEBUG, the event stream's library logs every chunk it sends, created secrets included."""
    logging.getLogger("sse_starlette.sse").setLevel(logging.INFO)
