"""The stdio transport: one client, which started the server as its child."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from typing import Any

from mcp.server.stdio import stdio_server

from .answers import readable
from .server import AdminServer


async def serve_stdio(server: AdminServer) -> None:
    """Serve the client at the other end of standard input and output until it closes them.

    At the end, and where this is cancelled, changes that were sent are waited for.
    """
    serving = asyncio.create_task(_serve(server))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        if not serving.done():
            await server.ending.settled()
            serving.cancel()
            await asyncio.wait([serving])
        raise


async def _serve(server: AdminServer) -> None:
    lines: Any = _all_answered(server)  # the SDK asks for a file, and only iterates it
    async with stdio_server(stdin=lines) as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


async def _all_answered(server: AdminServer) -> AsyncIterator[str]:
    """The lines of standard input, whose end comes when what they asked for is settled."""
    async for line in _input_lines():
        yield line
    await server.ending.settled()


async def _input_lines() -> AsyncIterator[str]:
    """The lines of standard input.

    A thread waits for each, since standard input may be a file or a terminal as well as a pipe.
    The SDK's own way cannot be cancelled while it waits: Ctrl-C would do nothing until the next
    line. This thread is a daemon, which nobody waits for.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue(maxsize=1)

    def read() -> None:
        try:
            # A file of its own: the interpreter's end would wait for the lock of `sys.stdin`.
            with open(0, encoding="utf-8", errors="replace", closefd=False) as file:
                for line in file:
                    if not put(line):
                        return
        except OSError:  # such as a terminal that is gone: nothing will come from it
            pass
        put(None)

    def put(line: str | None) -> bool:
        try:
            asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
        except (RuntimeError, CancelledError):  # the loop has ended
            return False
        return True

    threading.Thread(target=read, name="standard input", daemon=True).start()
    while (line := await lines.get()) is not None:
        yield readable(line)
