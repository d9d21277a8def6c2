"""A server of usage whose buckets have many rows, which says how it was asked."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import attrs
import msgspec
from aiohttp import web

from tests.served import Served
from tests.usage.times import STEPS


@attrs.frozen
class Answer:
    """One answer: the beginning of its window, in Unix seconds, its buckets and its bytes."""

    start: int
    buckets: int
    length: int


class WideServer(Served):
    """Rows of about 60 bytes, each with a token for its bucket's beginning.

    Attributes:
        rows: how many rows a bucket has, by its beginning in Unix seconds.
        compressed: whether answers are sent compressed.
        answers: what was answered, in the order of arrival.
    """

    def __init__(self) -> None:
        self.rows: Callable[[int], int] = lambda start: 1
        self.compressed = False
        self.answers: list[Answer] = []

    def application(self) -> web.Application:
        """The routes that it has."""
        app = web.Application()
        app.router.add_get("/v1/organization/{path:.+}", self._usage)
        return app

    @property
    def longest(self) -> int:
        """The bytes of the longest answer."""
        return max(answer.length for answer in self.answers)

    async def _usage(self, request: web.Request) -> web.Response:
        start, end = int(request.query["start_time"]), int(request.query["end_time"])
        step = STEPS[request.query.get("bucket_width", "1d")]
        costs = request.path.endswith("/costs")
        data = [
            {
                "object": "bucket",
                "start_time": at,
                "end_time": at + step,
                "results": [_row(at, number, costs) for number in range(self.rows(at))],
            }
            for at in range(start, end, step)[: int(request.query["limit"])]
        ]
        page = {"object": "page", "data": data, "has_more": False, "next_page": None}
        body = msgspec.json.encode(page)
        self.answers.append(Answer(start, len(data), len(body)))
        if not self.compressed:
            return web.Response(body=body, content_type="application/json")
        headers = {"Content-Encoding": "gzip"}
        packed = gzip.compress(body, 1)
        return web.Response(body=packed, content_type="application/json", headers=headers)


def _row(at: int, number: int, costs: bool) -> dict[str, Any]:
    if costs:
        return {"amount": {"value": at, "currency": "usd"}, "project_id": f"proj_{number:016d}"}
    return {"input_tokens": at, "project_id": f"proj_{number:024d}"}
