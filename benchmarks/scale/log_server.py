"""A server with an audit log alone, in a process of its own: pages, cursors and bounds of time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import multiprocessing
from bisect import bisect_left
from collections.abc import Iterator
from multiprocessing.connection import Connection

from aiohttp import web

BEGIN = 1_750_000_000
KEY = "sk-admin-bench"
RATE = 50
"""Events a second."""


def _event(number: int) -> bytes:
    user = {"id": f"user-{number % 40}", "email": f"person.{number % 40}@example.com"}
    session = {"ip_address": "192.0.2.7", "user_agent": "Mozilla/5.0", "user": user}
    return json.dumps(
        {
            "object": "organization.audit_log",
            "id": f"audit_log-{number:024d}",
            "type": "api_key.created",
            "effective_at": BEGIN + number // RATE,
            "actor": {"type": "session", "session": session},
            "project": {"id": f"proj_{number % 30:024d}", "name": f"Project {number % 30}"},
            "api_key.created": {"id": f"key_{number:016d}", "data": {"scopes": ["all"]}},
        }
    ).encode()


class _Log:
    """The log; each look at its newest end finds another second of events, as far as there are any.

    Args:
        there: how many events there are at first.
        events: how many there will be.
    """

    def __init__(self, there: int, events: int) -> None:
        self._made = [_event(number) for number in range(events)]
        self._moments = [BEGIN + number // RATE for number in range(events)]
        self._there = there

    async def answer(self, request: web.Request) -> web.Response:
        query = request.query
        if not query.keys() & {"after", "effective_at[lt]"}:
            self._there = min(self._there + RATE, len(self._made))
        first = bisect_left(self._moments, float(query.get("effective_at[gte]", 0)))
        end = bisect_left(self._moments, float(query.get("effective_at[lt]", math.inf)))
        end = min(end, self._there, int(query.get("after", self._there)))
        begin = max(first, end - int(query["limit"]))
        more = b"true" if begin > first else b"false"
        page = b",".join(self._made[begin:end][::-1])
        body = b'{"object":"list","data":[%b],"has_more":%b,"last_id":"%d"}' % (page, more, begin)
        return web.Response(body=body, content_type="application/json")


def _serve(port: Connection, there: int, events: int) -> None:
    async def run() -> None:
        app = web.Application()
        app.router.add_get("/v1/organization/audit_logs", _Log(there, events).answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@contextlib.contextmanager
def serving(*, there: int, events: int) -> Iterator[str]:
    """The address of a server with a log of so many events at first, and in the end."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, there, events), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()
