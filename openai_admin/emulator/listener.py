"""The emulator's socket: it listens, stops, and can refuse connections for a while."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"
Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
_BACKLOG = 1024


class Listener:
    """Serves HTTP on a port of the loopback interface; port 0 takes a free one."""

    def __init__(
        self, handle: Handle, *, port: int, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._handle = handle
        self._wanted = port
        self._sleep = sleep
        self._runner: web.ServerRunner | None = None
        self._site: web.SockSite | None = None
        self._socket: socket.socket | None = None
        self._reopening: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._runner is not None

    @property
    def port(self) -> int:
        """The port it has, also while it refuses connections."""
        if self._socket is None:
            raise RuntimeError("The emulator is not running: use `async with` or `start()`.")
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        """How many connections are open."""
        server = self._runner.server if self._runner is not None else None
        return len(server.connections) if server is not None else 0

    async def start(self) -> None:
        """Listen, in the running event loop."""
        if self._runner is not None:
            raise RuntimeError("The emulator is running already.")
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        try:
            self._socket = _bound(self._wanted)
            self._runner = runner
            await self._open()
        except BaseException:
            await self.stop()
            await runner.cleanup()
            raise

    async def stop(self) -> None:
        """Close the socket and every connection; requests under way are cut off."""
        await _accepted()
        runner, self._runner = self._runner, None
        reopening, self._reopening = self._reopening, None
        listening, self._socket = self._socket, None
        if reopening is not None:
            reopening.cancel()
            await asyncio.gather(reopening, return_exceptions=True)
        if runner is not None:
            await runner.cleanup()
        if listening is not None:
            listening.close()
        self._site = None

    async def refuse(self, seconds: float, spared: web.BaseRequest | None = None) -> None:
        """Refuse connections for so many seconds and close those there are, except one request's.

        While it refuses already, nothing changes.
        """
        runner, site = self._runner, self._site
        if runner is None or runner.server is None or site is None:
            return
        port = self.port
        self._site = None
        await _accepted()
        await site.stop()
        # Bound without listening: the port stays ours, and the kernel refuses connections.
        self._socket = _bound(port)
        for connection in runner.server.connections:
            if spared is None or connection is not spared.protocol:
                connection.force_close()
        self._reopening = asyncio.create_task(self._reopen(seconds))

    async def _reopen(self, seconds: float) -> None:
        await self._sleep(seconds)
        await self._open()

    async def _open(self) -> None:
        if self._runner is None or self._socket is None:
            raise RuntimeError("The emulator is not running.")
        site = web.SockSite(self._runner, self._socket, backlog=_BACKLOG)
        await site.start()
        self._site = site


async def _accepted() -> None:
    """Let connections be made that were just accepted.

    Some versions of asyncio complain of one whose server has closed in between.
    """
    await asyncio.sleep(0)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # As asyncio does: a port whose old connections are still closing can be taken again.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"{HOST} port {port} cannot be opened: {reason}") from None
    return bound
