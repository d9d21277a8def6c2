"""A receiver of webhooks, with a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

SECRET = "/services/T0SECRET/B0SECRET/XXXXSECRET"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A server that takes messages, its address and what it got."""
    got: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        assert request.path == SECRET
        assert request.content_type == "application/json"
        got.append(await request.json())
        return await answer(request)

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (host, port), *_ = runner.addresses
    try:
        yield f"http://{host}:{port}{SECRET}", got
    finally:
        await runner.cleanup()


def says(status: int, text: str = "", **headers: str) -> Answer:
    """An answer that is always the same."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, headers=headers)

    return answer
