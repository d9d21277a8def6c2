"""The names that a request was sent to, and the page that it comes from.

A page in a browser whose name was made to point here (DNS rebinding) is told from a client by
them.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ..._declare.arguments import shown
from .address import Address
from .names import read_origin
from .quiet import Quiet
from .refusals import refusal

_METHODS = ("GET", "POST", "DELETE")
_HEADERS = (
    "Accept",
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Protocol-Version",
    "Mcp-Session-Id",
)
_EXPOSED = ("Mcp-Session-Id", "Mcp-Protocol-Version", "WWW-Authenticate", "Retry-After")


class Door:
    """ASGI middleware that lets in requests to known hosts, from known origins or from no page.

    Args:
        app: what is behind.
        address: which hosts and origins are known.
        quiet: the log.
    """

    def __init__(self, app: ASGIApp, address: Address, quiet: Quiet) -> None:
        own = [] if address.key_header is None else [address.key_header]
        self._hosts = address.known_hosts
        self._origins = re.compile(address.known_origins)
        self._public = None if address.public_url is None else _origin_of(address.public_url)
        self._quiet = quiet
        self._bare = app
        self._shared = CORSMiddleware(  # for pages of other origins
            app,
            allow_origin_regex=address.known_origins,
            allow_methods=_METHODS,
            allow_headers=[*_HEADERS, *own],
            expose_headers=_EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host, origins = headers.get("host", ""), headers.getlist("origin")
        if len(headers.getlist("host")) != 1 or host not in self._hosts:
            self._quiet.warn(
                "host",
                f"A request to the host {shown(host)} was refused; --allow-host lets it in.",
            )
            said = "This server does not go by the name that the request was sent to."
            await refusal(421, said)(scope, receive, send)
        elif not origins or origins == [self._own_origin(scope, host)] or self._is_public(origins):
            await self._bare(scope, receive, send)
        elif len(origins) == 1 and self._origins.fullmatch(origins[0]):
            await self._shared(scope, receive, send)
        else:
            self._quiet.warn(
                "origin",
                f"A request from the web page {shown(origins[0])} was refused; --allow-origin lets"
                " it in.",
            )
            said = "This server does not answer the web page that the request comes from."
            await refusal(403, said)(scope, receive, send)

    def _own_origin(self, scope: Scope, host: str) -> str | None:
        return read_origin(f"{scope['scheme']}://{host}")

    def _is_public(self, origins: list[str]) -> bool:
        return self._public is not None and origins == [self._public]


def _origin_of(url: str) -> str | None:
    return read_origin("/".join(url.split("/")[:3]))
