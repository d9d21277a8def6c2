"""A server with prepared pages, in a process of its own.

It answers usage queries with buckets of random but fixed numbers, and every other path with one
small project. It may limit requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from urllib.parse import parse_qs, urlsplit

from .apart import Apart, Requests
from .apart import running as apart

WIDTHS = {"1m": 60, "1h": 3600, "1d": 86400}
_CURSOR = "page_"
_PROJECT = json.dumps(
    {
        "id": "proj_bench",
        "object": "organization.project",
        "name": "Bench",
        "created_at": 1_700_000_000,
        "archived_at": None,
        "status": "active",
    }
).encode()
_REFUSAL = json.dumps(
    {"error": {"message": "Rate limit reached.", "type": "requests", "code": "rate_limit_exceeded"}}
).encode()


@lru_cache(maxsize=4096)  # prepared: each page is made once and then only sent
def _page(start: int, end: int, width: str, limit: int, groups: int, kind: str) -> bytes:
    rng = random.Random(f"{start} {kind}")
    step = WIDTHS[width]
    buckets: list[dict[str, object]] = []
    moment = start
    while moment < end and len(buckets) < limit:
        results = [_row(rng, group, kind) for group in range(groups)]
        buckets.append(
            {
                "object": "bucket",
                "start_time": moment,
                "end_time": moment + step,
                "results": results,
            }
        )
        moment += step
    more = moment < end
    page = {
        "object": "page",
        "data": buckets,
        "has_more": more,
        "next_page": f"{_CURSOR}{moment}==" if more else None,
    }
    return json.dumps(page).encode()


def _row(rng: random.Random, group: int, kind: str) -> dict[str, object]:
    row: dict[str, object] = {
        "object": f"organization.usage.{kind}.result",
        "input_tokens": rng.randrange(10**6),
        "output_tokens": rng.randrange(10**6),
        "num_model_requests": rng.randrange(10**4),
        "input_cached_tokens": rng.randrange(10**5),
        "input_audio_tokens": 0,
        "output_audio_tokens": 0,
        "project_id": f"proj_{group % 5:024d}",
        "user_id": None,
        "api_key_id": None,
        "model": f"gpt-bench-{group // 5}",
        "batch": None,
        "service_tier": None,
    }
    return row


class _Limit:
    """So many requests in each second of the clock, those of all connections together."""

    def __init__(self) -> None:
        self._second = self._used = 0

    def admits(self, limit: float) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        return not limit or self._used <= limit


class _Protocol(Requests):
    def __init__(self, settings: dict[str, float], limit: _Limit) -> None:
        super().__init__()
        self._settings = settings
        self._limit = limit

    def asked(self, target: str) -> None:
        if f"start_time={self._settings['hangs']:.0f}&" in target:
            return
        status, answer = b"200 OK", self._answer(target)
        if not self._limit.admits(self._settings["limit"]):
            status, answer = b"429 Too Many Requests", _REFUSAL
        delay = self._settings["delay"]
        if delay:
            loop = asyncio.get_running_loop()
            loop.call_later(delay, partial(self.send, answer, status=status))
        else:
            self.send(answer, status=status)

    def _answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        if "/usage/" not in parts.path:
            return _PROJECT
        query = parse_qs(parts.query)
        start, end = int(query["start_time"][0]), int(query["end_time"][0])
        if "page" in query:
            start = int(query["page"][0].removeprefix(_CURSOR).rstrip("="))
        width = query.get("bucket_width", ["1d"])[0]
        limit = int(query.get("limit", ["24"])[0])
        kind = parts.path.rpartition("/")[2]
        return _page(start, end, width, limit, int(self._settings["groups"]), kind)


def _service() -> tuple[Callable[[], _Protocol], Callable[[dict[str, float]], None]]:
    settings = {"delay": 0.0, "groups": 1.0, "hangs": 0.0, "limit": 0.0}
    limit = _Limit()
    return lambda: _Protocol(settings, limit), settings.update


class Server(Apart):
    """The running server."""

    def set(self, *, delay: float = 0.0, groups: int = 1, hangs: int = 0, limit: int = 0) -> None:
        """Change how it answers.

        Args:
            delay: the seconds that an answer takes.
            groups: the rows of each bucket.
            hangs: the ``start_time`` of the one query that gets no answer.
            limit: the requests that it grants in a second; 0 for all.
        """
        self.tell({"delay": delay, "groups": groups, "hangs": hangs, "limit": limit})


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """The server, in a process that ends with the context."""
    with apart(_service) as (port, pipe):
        yield Server(port, pipe)
