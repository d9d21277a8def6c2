"""Slow clients of the MCP server over HTTP, while others call tools.

``python -m benchmarks.slow_clients [connections]``: a third of the connections send half of their
headers, a third half of a body, a third a byte a second. Meanwhile ten clients make 50 calls. Shown
are the seconds that these took, what the server's memory grew by, and what it logged.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

CLIENTS, CALLS = 10, 5
HEAD = b"POST /openai-admin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
HALVES = (HEAD + b"X-Slow: ", HEAD + b"Content-Length: 1000\r\n\r\n{", HEAD + b"X-Slow: ")


async def calls(url: str) -> float:
    """The seconds that the calls take."""

    async def one() -> None:
        async with (
            httpx2.AsyncClient(timeout=60) as http,
            Client(streamable_http_client(url, http_client=http), mode="legacy") as client,
        ):
            for _ in range(CALLS):
                result = await client.call_tool("openai_admin_list_projects", {"limit": 5})
                assert not result.is_error

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return time.perf_counter() - begin


async def slow(url: str, number: int, opened: asyncio.Semaphore) -> None:
    """A connection that sends half of a request, until it is closed."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(HALVES[number % 3])
    opened.release()
    ended = asyncio.create_task(reader.read())
    try:
        while not ended.done():
            if number % 3 == 2:
                writer.write(b"x")
            await asyncio.wait([ended], timeout=1)
        await ended
    except ConnectionError:
        pass
    finally:
        writer.close()


def memory(pid: int) -> float:
    """The memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def main(connections: int) -> None:
    """Measure, and print."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openai_admin", "mcp", "--demo", "--http", "--port", "0"),
        *("--toolset", "seed"),
        stderr=asyncio.subprocess.PIPE,
    )
    assert server.stderr is not None
    url = (await server.stderr.readline()).decode().split()[-1]
    print(f"50 calls alone: {await calls(url):.2f} s, then {await calls(url):.2f} s")
    before, opened = memory(server.pid), asyncio.Semaphore(0)
    begin = time.perf_counter()
    slow_ones = [asyncio.create_task(slow(url, n, opened)) for n in range(connections)]
    for _ in slow_ones:
        await opened.acquire()
    print(f"50 calls beside {connections} slow connections: {await calls(url):.2f} s")
    held = memory(server.pid) - before
    await asyncio.gather(*slow_ones)
    print(f"the last slow connection was closed after {time.perf_counter() - begin:.1f} s")
    print(f"50 calls afterwards: {await calls(url):.2f} s")
    print(f"memory: +{held:.1f} MB meanwhile, {memory(server.pid) - before:+.1f} MB afterwards")
    server.terminate()
    log = (await server.stderr.read()).decode()
    await server.wait()
    print(f"logged: {len(log.splitlines())} lines\n{log}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
