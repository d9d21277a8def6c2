"""A server that answers as one wants of each path, for what the emulator does not do."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web

EMPTY_PAGE = {"object": "list", "data": [], "has_more": False}


@attrs.frozen
class Said:
    """An answer: JSON, or text where it is given as bytes."""

    status: int = 200
    body: Any = attrs.field(factory=lambda: EMPTY_PAGE)
    headers: Mapping[str, str] = attrs.field(factory=dict)


HANGS = Said(0)
"""No answer ever comes."""
CUTS = Said(-1)
"""The connection is closed instead."""


class API:
    """What the server says of each path below ``/v1``, and what it was asked.

    Attributes:
        said: the answers by path; other paths get `otherwise`.
        later: the answers by path from the second request on, where they are others.
        otherwise: the answer of all other paths.
        headers: go with every answer.
        queries: with which queries each path was asked for.
        asked: how often each path was asked for.
        url: the base address.
    """

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.later: dict[str, Said] = {}
        self.otherwise = Said()
        self.headers: dict[str, str] = {}
        self.queries: dict[str, list[dict[str, str]]] = {}
        self.asked: Counter[str] = Counter()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        path = request.path.removeprefix("/v1")
        self.asked[path] += 1
        answers = self.said | self.later if self.asked[path] > 1 else self.said
        said = answers.get(path, self.otherwise)
        self.queries.setdefault(path, []).append(dict(request.query))
        if said is HANGS:
            await asyncio.Event().wait()
        if said is CUTS:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        is_text = isinstance(said.body, bytes)
        return web.Response(
            status=said.status,
            body=said.body if is_text else json.dumps(said.body).encode(),
            content_type="text/html" if is_text else "application/json",
            headers={**self.headers, **said.headers},
        )


@asynccontextmanager
async def serving() -> AsyncIterator[API]:
    """The server, until the block is left."""
    api = API()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", api.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        api.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield api
    finally:
        await runner.cleanup()


def refusal(message: str, *, status: int = 403, code: str | None = None) -> Said:
    """A refusal in the API's shape."""
    return Said(status, {"error": {"message": message, "type": "invalid_request", "code": code}})


def lacks(*scopes: str, status: int = 403) -> Said:
    """A refusal for want of scopes."""
    text = "You have insufficient permissions for this operation. Missing scopes: "
    return refusal(f"{text}{', '.join(scopes)}. Check your role.", status=status)
