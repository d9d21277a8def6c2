"""An answer that a fault writes to the transport itself, bypassing the server's own rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate

import attrs
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter


@attrs.frozen
class Wire:
    """The connection, and the answer that is due on it."""

    transport: asyncio.Transport
    answer: web.Response

    @property
    def body(self) -> bytes:
        """The body that is due."""
        return content(self.answer)

    @property
    def half(self) -> int:
        """Half the length of the body."""
        return len(self.body) // 2

    def head(self, **headers: str | None) -> bytes:
        """Status line and headers, some of them changed, or left out where None."""
        fields = {
            "date": formatdate(usegmt=True),
            **{name.lower(): value for name, value in self.answer.headers.items()},
            "content-length": str(len(self.body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [f"HTTP/1.1 {self.answer.status} {self.answer.reason}"]
        lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return "\r\n".join([*lines, "", ""]).encode()

    def write(self, data: bytes) -> None:
        """Send these bytes."""
        self.transport.write(data)


class RawAnswer(web.Response):
    """An answer that replaces another, sent by a function.

    It is sent when the server sends answers, so that faults further out can still change it. The
    connection is closed after it unless `keep` says otherwise.
    """

    def __init__(
        self, answer: web.Response, send: Callable[[Wire], Awaitable[None]], *, keep: bool = False
    ) -> None:
        super().__init__(status=answer.status, headers=answer.headers, body=content(answer))
        self._send = send
        self._keep = keep

    @property
    def keep_alive(self) -> bool:
        """Whether the server leaves the connection open."""
        return self._keep

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send all of it; the server calls this first."""
        transport = request.transport
        self._keep = self._keep and request.keep_alive
        if transport is not None and not transport.is_closing():
            await self._send(Wire(transport, self))
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """There is nothing left to send."""


def content(answer: web.Response) -> bytes:
    """The body of an answer, which in the emulator is always bytes."""
    body = answer.body
    return bytes(body) if isinstance(body, bytes | bytearray) else b""
