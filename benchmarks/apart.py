"""A server of prepared answers in a process of its own, so that it is not measured as well.

It speaks just enough HTTP/1.1 for the clients compared here.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any


class Requests(asyncio.Protocol):
    """One connection, whose requests have no body."""

    def __init__(self) -> None:
        self._buffer = b""

    def asked(self, target: str) -> None:
        """A request came for a path and a query."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self.asked(head.split(b" ", 2)[1].decode())

    def send(self, *body: bytes, status: bytes = b"200 OK") -> None:
        """Answer a request, where there still is someone to answer."""
        if not self._transport.is_closing():
            head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self._transport.writelines([head % (status, sum(map(len, body))), *body])


Service = Callable[[], tuple[Callable[[], asyncio.Protocol], Callable[[Any], Any]]]
"""Makes what a process serves: a protocol for each connection, and what a message from this process
changes, which returns the reply.
"""


def _serve(pipe: Connection, service: Service) -> None:
    protocol, told = service()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        loop.add_reader(pipe.fileno(), lambda: pipe.send(told(pipe.recv())))
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt, EOFError):
        asyncio.run(main())


class Apart:
    """A server that runs in another process."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self._pipe = pipe

    def tell(self, message: Any) -> Any:
        """Send it a message, and wait for the reply."""
        self._pipe.send(message)
        return self._pipe.recv()


@contextlib.contextmanager
def running(service: Service) -> Iterator[tuple[int, Connection]]:
    """The port and the pipe of a server, in a process that ends with the context."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, service), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        process.terminate()
        process.join()
