"""A server of usage that refuses queries as the API has been seen to, and counts requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from aiohttp import web

from tests.served import Served
from tests.usage.times import STEPS


@attrs.frozen
class Asked:
    """A query: Unix seconds, the end exclusive, and what it groups by."""

    endpoint: str
    start: int
    end: int
    groups: tuple[str, ...]
    width: str

    @property
    def buckets(self) -> int:
        """How many buckets it touches."""
        step = STEPS[self.width]
        return -(-self.end // step) - self.start // step


Rule = Callable[[Asked], web.Response | None]


def before(first: int, message: str = "Too far back.", **error: Any) -> Rule:
    """Refuse what begins before a moment."""
    error = error or {"code": "reporting_lookback_exceeded", "param": "start_time"}
    return lambda asked: refused(message, **error) if asked.start < first else None


def by(field: str, message: str, *, since: int = 2**40, **error: Any) -> Rule:
    """Refuse what begins before a moment, grouped by a field."""
    return lambda asked: (
        refused(message, **error) if field in asked.groups and asked.start < since else None
    )


def refused(
    message: str = "Bad request.", *, status: int = 400, code: str | None = None, **rest: Any
) -> web.Response:
    """An error of the API."""
    error = {"message": message, "code": code, "param": rest.get("param"), "type": "invalid"}
    return web.json_response({"error": error}, status=status)


class RefusingServer(Served):
    """One row in each bucket, with a value for each field it is grouped by.

    Attributes:
        rules: what is refused; the first that gives an answer gives it.
        per_page: the most buckets that a page has; a query may be for more.
        asked: every query, in the order of arrival.
    """

    def __init__(self, *rules: Rule) -> None:
        self.rules: Sequence[Rule] = rules
        self.per_page = 10_000
        self.asked: list[Asked] = []

    def application(self) -> web.Application:
        """The routes that it has."""
        app = web.Application()
        app.router.add_get("/v1/organization/usage/{endpoint}", self._answer)
        app.router.add_get("/v1/organization/{endpoint:costs}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        query = request.query
        groups = tuple(query.getall("group_by", []))
        width = query.get("bucket_width", "1d")
        end = int(query.get("end_time", time.time()))
        start = int(query.get("page", query["start_time"]))
        asked = Asked(request.match_info["endpoint"], start, end, groups, width)
        self.asked.append(asked)
        for rule in self.rules:
            if (answer := rule(asked)) is not None:
                return answer
        step, data = STEPS[width], []
        times = range(start, end, step)
        for at in times[: self.per_page]:
            row: dict[str, Any] = {group: f"{group}-1" for group in groups}
            if asked.endpoint == "costs":
                row["amount"] = {"value": 1, "currency": "usd"}
            else:
                row["input_tokens"] = 1
            data.append({"start_time": at, "end_time": min(at + step, end), "results": [row]})
        more: dict[str, Any] = {"has_more": False}
        if len(times) > self.per_page:
            more = {"has_more": True, "next_page": str(times[self.per_page])}
        return web.json_response({"object": "page", "data": data, **more})
