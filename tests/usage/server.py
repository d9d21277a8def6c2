"""A server of usage pages, smaller than asked for if need be, which counts and holds requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any

import msgspec
from aiohttp import web

from tests.served import Served
from tests.usage.times import NOW, STEPS


class PageServer(Served):
    """One result row in each bucket, which counts the bucket's beginning as tokens.

    Attributes:
        queries: what was asked, in the order of arrival.
        targets: the same as it was sent.
        cap: the most buckets on a page, whatever its limit says.
        empty_first: whether each query is first answered with an empty page that has more.
        endless: whether empty pages with fresh cursors follow the last bucket, without end.
        open: while it is not set, requests are held.
        holds: which windows are held then, told by their beginning.
        fails: which windows are answered with 403, told by their beginning.
        given_up: how many requests their client has left.
    """

    def __init__(self) -> None:
        self.queries: list[dict[str, Any]] = []
        self.targets: list[str] = []
        self.cap = 10_000
        self.empty_first = False
        self.endless = False
        self.open = asyncio.Event()
        self.open.set()
        self.holds: Callable[[int], bool] = lambda start: True
        self.fails: Callable[[int], bool] = lambda start: False
        self.given_up = 0
        self.held = 0

    def application(self) -> web.Application:
        """The routes that it has."""
        app = web.Application()
        app.router.add_get("/v1/organization/usage/{endpoint}", self._usage)
        app.router.add_get("/v1/organization/costs", self._usage)
        app.router.add_get("/v1/organization/projects/{id}", self._project)
        app.router.add_post("/v1/organization/projects/{id}", self._project)
        return app

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.open.set()
        await super().__aexit__(kind, error, traceback)

    @property
    def starts(self) -> list[int]:
        """The beginnings of the windows asked for."""
        return [int(query["start_time"]) for query in self.queries]

    async def _held(self) -> None:
        self.held += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.held -= 1

    async def _usage(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.queries.append(query)
        self.targets.append(request.raw_path)
        start, end = int(query["start_time"]), int(query.get("end_time", NOW))
        if self.holds(start):
            await self._held()
        if self.fails(start):
            return web.json_response({"error": {"message": "No."}}, status=403)
        step = STEPS[query.get("bucket_width", "1d")]
        at = int(query["page"].rstrip("=")) if "page" in query else start
        if self.empty_first and "page" not in query:
            return _page([], f"{at}==")
        buckets: list[dict[str, Any]] = []
        while at < end and len(buckets) < min(self.cap, int(query.get("limit", 7))):
            border = min(at // step * step + step, end)
            row = {"input_tokens": at, "num_model_requests": 1}
            buckets.append({"start_time": at, "end_time": border, "results": [row]})
            at = border
        if self.endless and at >= end:
            return _page(buckets, f"{max(at, end) + len(self.queries)}==")
        return _page(buckets, f"{at}==" if at < end else None)

    async def _project(self, request: web.Request) -> web.Response:
        self.targets.append(request.raw_path)
        await self._held()
        return web.json_response({"id": request.match_info["id"], "created_at": 0})


def _page(buckets: list[dict[str, Any]], more: str | None) -> web.Response:
    page = {"object": "page", "data": buckets, "has_more": more is not None, "next_page": more}
    return web.Response(body=msgspec.json.encode(page), content_type="application/json")


async def until(condition: Callable[[], bool]) -> None:
    """Let everything run until something is so; the test's own time limit bounds it."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def quiet(count: Callable[[], int]) -> int:
    """A count once it has stopped changing for forty turns of the loop, sockets included."""
    last, turns = count(), 0
    while turns < 40:
        await asyncio.sleep(0.0005)
        now = count()
        turns = turns + 1 if now == last else 0
        last = now
    return last


def client_tasks() -> list[asyncio.Task[Any]]:
    """The tasks of this loop except the current one and the server's own."""
    current = asyncio.current_task()
    return [t for t in asyncio.all_tasks() if t is not current and not _is_servers(t)]


def _is_servers(task: asyncio.Task[Any]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and (
        "aiohttp/web" in code.co_filename or code.co_name == "_accept_connection2"
    )
