"""The connections of the exporter's server: how many there may be, and what is logged of them."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

IDLE = 120
"""Seconds after which a connection is closed that asks for nothing, or for half of something."""

MOST = 200
"""The most connections at a time: beyond these, new ones are closed at once."""

_SILENCE = 600  # seconds after a line of a kind in which there is no other
_HANDSHAKE = 10  # seconds for that of TLS
_log = logging.getLogger("openai_admin.metrics")


class Quiet(logging.Filter):
    """Makes one line of what whoever connects does wrong, and none soon after it.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is logged; it is shortened where it is about a request."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | OSError):
            return True
        record.msg, record.args = "A request could not be read: %s.", (type(error).__name__,)
        record.exc_info = None
        return self.is_due("request")

    def is_due(self, kind: str) -> bool:
        """Whether a line of a kind may be logged now; the next may not."""
        now = self._clock()
        if now < self._told.get(kind, now):
            return False
        self._told[kind] = now + _SILENCE
        return True

    @contextmanager
    def logger(self) -> Iterator[logging.Logger]:
        """A logger for a server, which says no more than that until the block is left."""
        made = logging.getLogger("openai_admin.metrics.connections")
        made.addFilter(self)
        try:
            yield made
        finally:
            made.removeFilter(self)


class _Refused(asyncio.Protocol):
    """A connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


@asynccontextmanager
async def listening(
    runner: web.AppRunner,
    quiet: Quiet,
    *,
    address: str,
    port: int,
    tls: ssl.SSLContext | None,
    most: int = MOST,
) -> AsyncIterator[int]:
    """Serve an application that was set up until the block is left; gives the port.

    Args:
        runner: the application's.
        quiet: what holds back lines.
        address: what to bind to.
        port: which port; 0 takes a free one.
        tls: the server's context; ``None`` for plain HTTP.
        most: the most connections at a time.

    Raises:
        OSError: the address cannot be bound to.
    """
    loop = asyncio.get_running_loop()
    handlers: Any = runner.server

    def connect() -> asyncio.Protocol:
        if len(handlers.connections) < most:
            made: asyncio.Protocol = handlers()
            return made
        if quiet.is_due("connections"):
            _log.warning("More than %d connections are open: new ones are closed.", most)
        return _Refused()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Say in a line, not at each try, that no more connections can be accepted."""
        if not str(context.get("message")).startswith("socket.accept() out of"):
            (before or asyncio.AbstractEventLoop.default_exception_handler)(loop, context)
        elif quiet.is_due("accept"):
            _log.warning("No connection can be accepted: %s.", context.get("exception"))

    server = await loop.create_server(
        connect,
        address,
        port,
        ssl=tls,
        ssl_handshake_timeout=None if tls is None else _HANDSHAKE,
        backlog=128,
    )
    before = loop.get_exception_handler()
    loop.set_exception_handler(handle)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.set_exception_handler(before)
        server.close()
