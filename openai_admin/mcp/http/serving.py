"""A port that is served until the process ends."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from types import FrameType

import attrs
import uvicorn

from ...errors import ConfigurationError
from ..ending import Ending
from ..server import AdminServer
from .address import Address
from .app import http_app
from .limits import Limits
from .protocol import bounded
from .quiet import Quiet


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
    server: AdminServer, address: Address, port: socket.socket, *, ready: Callable[[], None]
) -> None:
    """Serve at an open port until the process is asked to end; `ready` is called once it serves."""
    await Serving(server_config(server, address), ready, server.ending).serve(sockets=[port])


def server_config(server: AdminServer, address: Address) -> uvicorn.Config:
    """The settings of a uvicorn server whose connections are within the address's limits."""
    limits = _of_this_process(address.limits)
    quiet = Quiet()
    return uvicorn.Config(
        http_app(server, address, quiet=quiet),
        http=bounded(limits, quiet),
        ws="none",
        log_level="error",  # whoever sends nonsense gets an answer, not a line
        access_log=False,
        server_header=False,
        timeout_keep_alive=limits.idle,
        timeout_graceful_shutdown=3,
    )


class Serving(uvicorn.Server):
    """A uvicorn server that says when it serves, and settles what was sent before it ends.

    uvicorn has no hook for either.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], ending: Ending) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending
        self._loop: asyncio.AbstractEventLoop | None = None
        self._settling: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; by the first signal, only when changes that were sent have been answered."""
        if self._loop is None or self._ending.has_begun:
            super().handle_exit(sig, frame)
        else:
            self._ending.has_begun = True
            self._loop.call_soon_threadsafe(self._settle, sig)

    def _settle(self, sig: int) -> None:
        async def settle() -> None:
            await self._ending.settled()
            super(Serving, self).handle_exit(sig, None)

        self._settling = asyncio.create_task(settle())

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._ready()


def _of_this_process(limits: Limits) -> Limits:
    """Limits that leave files for what the calls themselves open."""
    try:
        import resource
    except ImportError:  # not on Windows
        return limits
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return limits
    return attrs.evolve(limits, connections=max(1, min(limits.connections, files // 2)))
