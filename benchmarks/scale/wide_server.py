"""A server of usage and costs with many rows a bucket, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import random
from collections.abc import Iterator
from functools import lru_cache
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from ..server import WIDTHS


@lru_cache(maxsize=4)  # all buckets have the same rows, so that making them takes no time
def _rows(costs: bool, count: int) -> bytes:
    rng = random.Random(0)
    rows = [_cost(rng, number) if costs else _usage(rng, number) for number in range(count)]
    return json.dumps(rows).encode()


def _usage(rng: random.Random, number: int) -> dict[str, object]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": rng.randrange(10**6),
        "output_tokens": rng.randrange(10**6),
        "num_model_requests": rng.randrange(10**4),
        "input_cached_tokens": rng.randrange(10**5),
        "input_audio_tokens": 0,
        "output_audio_tokens": 0,
        "project_id": f"proj_{number // 10:024d}",
        "user_id": None,
        "api_key_id": None,
        "model": f"gpt-bench-{number % 10}",
        "batch": None,
        "service_tier": None,
    }


def _cost(rng: random.Random, number: int) -> dict[str, object]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": f"{rng.random():.18f}", "currency": "usd"},
        "line_item": f"gpt-bench-{number % 26}, input",
        "project_id": f"proj_{number // 26:024d}",
        "organization_id": "org-bench",
    }


class _Protocol(asyncio.Protocol):
    def __init__(self, rows: list[int], asked: list[int]) -> None:
        self._rows, self._asked = rows, asked
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._asked[0] += 1
            body = self._page(head.split(b" ", 2)[1].decode())
            answer = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            )
            self._transport.writelines([answer % sum(map(len, body)), *body])

    def _page(self, target: str) -> list[bytes]:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        step = WIDTHS[query.get("bucket_width", ["1d"])[0]]
        times = range(int(query["start_time"][0]), int(query["end_time"][0]), step)
        rows = _rows(parts.path.endswith("/costs"), self._rows[0])
        page = [b'{"object":"page","data":[']
        for number, at in enumerate(times[: int(query["limit"][0])]):
            head = b'{"object":"bucket","start_time":%d,"end_time":%d,"results":' % (at, at + step)
            page += [b"," * (number > 0) + head, rows, b"}"]
        return [*page, b'],"has_more":false,"next_page":null}']


def _serve(pipe: Connection) -> None:
    rows, asked = [1], [0]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Protocol(rows, asked), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])

        def change() -> None:
            rows[0] = pipe.recv()
            pipe.send(asked[0])
            asked[0] = 0

        loop.add_reader(pipe.fileno(), change)
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt, EOFError):
        asyncio.run(main())


class WideServer:
    """The running server."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self._pipe = pipe

    def begin(self, rows: int) -> int:
        """Answer with so many rows in each bucket from now on; returns the requests until now."""
        self._pipe.send(rows)
        asked: int = self._pipe.recv()
        return asked


@contextlib.contextmanager
def running() -> Iterator[WideServer]:
    """The server, in a process that ends with the context."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield WideServer(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()
