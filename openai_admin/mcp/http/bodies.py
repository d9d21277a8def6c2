"""The body of a request: whole, in time, JSON by its own word, and not too long."""

from __future__ import annotations

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..answers import readable
from .limits import Limits
from .quiet import SLOW, Quiet
from .refusals import refusal


class _GoneError(Exception):
    """The client left before its body was whole."""


class Bodies:
    """ASGI middleware that waits for the body of a request, within bounds, and hands it on.

    Args:
        app: what is behind.
        limits: the bounds.
        quiet: the log.
    """

    def __init__(self, app: ASGIApp, limits: Limits, quiet: Quiet) -> None:
        self._app = app
        self._limits = limits
        self._quiet = quiet
        self._waiting = 0  # bytes of bodies that are not whole yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        body = bytearray()
        try:
            with anyio.move_on_after(self._limits.body) as patience:
                refused = await self._read(body, receive)
        except _GoneError:
            self._quiet.warn("gone", "A client left in the middle of a request.")
            return
        finally:
            self._waiting -= len(body)
        if patience.cancelled_caught:
            self._quiet.warn("slow", SLOW)
            refused = refusal(408, "The body of the request took too long.", closes=True)
        if refused is not None:
            await refused(scope, receive, send)
        else:
            await self._app(_plain(scope), replayed(_readable(body), receive), send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and kind != "application/json":
            return refusal(415, "The content type must be application/json.")
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._limits.body_bytes:
            return self._too_long()
        return None

    def _too_long(self) -> Response:
        said = f"The body of a request may have {self._limits.body_bytes} bytes."
        return refusal(413, said)

    async def _read(self, body: bytearray, receive: Receive) -> Response | None:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _GoneError
            part = message.get("body", b"")
            body += part
            self._waiting += len(part)
            if len(body) > self._limits.body_bytes:
                return self._too_long()
            if not message.get("more_body", False):
                return None
            if self._waiting > self._limits.bodies_bytes:
                self._quiet.warn("bodies", "Too many unfinished requests: new ones are refused.")
                said = "Too many requests are being received at once."
                return refusal(503, said, {"Retry-After": "5"}, closes=True)


def _readable(body: bytearray) -> bytes:
    try:
        return readable(body.decode()).encode()
    except UnicodeDecodeError:
        return bytes(body)


def _plain(scope: Scope) -> Scope:
    """A request whose media type is spelled as the SDK knows it: media types have no case."""
    headers = [
        (name, value.lower() if name == b"content-type" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}


def replayed(body: bytes, receive: Receive) -> Receive:
    """A channel that gives a body, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message
