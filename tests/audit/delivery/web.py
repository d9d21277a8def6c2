"""Receivers with a real socket, which answer as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import attrs
from aiohttp import web

Reply = Callable[["Posted"], Awaitable[web.StreamResponse] | web.StreamResponse]


@attrs.frozen
class Posted:
    """What was posted.

    Attributes:
        path: the path with the query.
        headers: the headers.
        body: the body, unpacked.
        number: how many requests came before.
    """

    path: str
    headers: dict[str, str]
    body: bytes
    number: int


@asynccontextmanager
async def server(reply: Reply) -> AsyncIterator[tuple[str, list[Posted]]]:
    """A server, its address and what was posted to it."""
    got: list[Posted] = []

    async def take(request: web.Request) -> web.StreamResponse:
        posted = Posted(str(request.rel_url), dict(request.headers), await request.read(), len(got))
        got.append(posted)
        answer = reply(posted)
        return await answer if asyncio.iscoroutine(answer) else answer  # type: ignore[return-value]

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", got
    finally:
        await runner.cleanup()
