"""A server whose answers are odd where a test says so, and empty elsewhere."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY = "sk-admin-canary0123456789abcdWXYZ"
_SECONDS = {"1m": 60, "1h": 3600, "1d": 86400}

Rows = Callable[[str, int], Any]


class OddServer:
    """A server of listings, and of usage.

    Attributes:
        base_url: its address.
        listings: the items of each listing, by its path below ``/v1/organization``.
        things: single things, by their path.
        more: the listings that say that there is more.
        rows: the rows of a bucket, of an endpoint and by the bucket's beginning.
        buckets: what is made of a page's buckets, for an endpoint.
        asked: the paths of all requests, in their order.
    """

    def __init__(self) -> None:
        self.base_url = ""
        self.listings: dict[str, list[Any]] = {}
        self.things: dict[str, Any] = {}
        self.more: set[str] = set()
        self.rows: Rows = lambda endpoint, start: []
        self.buckets: Callable[[str, list[Any]], list[Any]] = lambda endpoint, buckets: buckets
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Answer."""
        path = request.path.removeprefix("/v1/organization/")
        self.asked.append(path)
        if path == "costs" or path.startswith("usage/"):
            return web.json_response(self._usage(path.removeprefix("usage/"), request))
        if path.endswith("spend_limit"):
            error = {"message": "There is none.", "type": "invalid_request_error"}
            return web.json_response({"error": error}, status=404)
        if path in self.things:
            return web.json_response(self.things[path])
        data = self.listings.get(path, [])
        return web.json_response({"object": "list", "data": data, "has_more": path in self.more})

    def _usage(self, endpoint: str, request: web.Request) -> dict[str, Any]:
        query = request.query
        width = _SECONDS[query.get("bucket_width", "1d")]
        start = int(query.get("page") or query["start_time"])
        until = int(query.get("end_time") or time.time())
        end = min(until, start + width * int(query.get("limit", 7)))
        starts = range(start, end, width)
        buckets = [
            {"start_time": s, "end_time": s + width, "results": self.rows(endpoint, s)}
            for s in starts
        ]
        more = end < until
        return {
            "object": "page",
            "data": self.buckets(endpoint, buckets),
            "has_more": more,
            "next_page": str(end) if more else None,
        }


@asynccontextmanager
async def odd_server() -> AsyncIterator[OddServer]:
    """The server, running."""
    made = OddServer()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.handle)
    async with TestServer(app) as running:
        made.base_url = str(running.make_url("/v1"))
        yield made
