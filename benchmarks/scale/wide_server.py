"""A server of usage and costs with many rows a bucket, in a process of its own.

It names the projects that costs are of.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from ..apart import Apart, Requests
from ..apart import running as apart
from ..server import WIDTHS

LINE_ITEMS = 26
"""That each project has costs of on every day."""


@lru_cache(maxsize=4)  # all buckets have the same rows, so that making them takes no time
def _rows(costs: bool, count: int, seed: int) -> bytes:
    rng = random.Random(seed)
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
        "line_item": f"gpt-bench-{number % LINE_ITEMS}, input",
        "project_id": _project(number // LINE_ITEMS)["id"],
        "organization_id": "org-bench",
    }


def _project(number: int) -> dict[str, object]:
    return {
        "object": "organization.project",
        "id": f"proj_{number:024d}",
        "name": f"Project {number}",
        "status": "active",
    }


class _Protocol(Requests):
    def __init__(self, having: list[int], requests: list[int]) -> None:
        super().__init__()
        self._having, self._requests = having, requests

    def asked(self, target: str) -> None:
        self._requests[0] += 1
        self.send(*self._page(target))

    def _page(self, target: str) -> list[bytes]:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        count, seed = self._having
        if parts.path.endswith("/projects"):
            return [_listing(-(-count // LINE_ITEMS), int(query["limit"][0]), query.get("after"))]
        step = WIDTHS[query.get("bucket_width", ["1d"])[0]]
        times = range(int(query["start_time"][0]), int(query["end_time"][0]), step)
        rows = _rows(parts.path.endswith("/costs"), count, seed)
        page = [b'{"object":"page","data":[']
        for number, at in enumerate(times[: int(query["limit"][0])]):
            head = b'{"object":"bucket","start_time":%d,"end_time":%d,"results":' % (at, at + step)
            page += [b"," * (number > 0) + head, rows, b"}"]
        return [*page, b'],"has_more":false,"next_page":null}']


def _listing(count: int, limit: int, after: list[str] | None) -> bytes:
    first = int(after[0].removeprefix("proj_")) + 1 if after else 0
    found = [_project(number) for number in range(first, min(first + limit, count))]
    page = {
        "object": "list",
        "data": found,
        "first_id": found[0]["id"],
        "last_id": found[-1]["id"],
        "has_more": first + limit < count,
    }
    return json.dumps(page).encode()


def _service() -> tuple[Callable[[], _Protocol], Callable[[tuple[int, int]], int]]:
    having, requests = [1, 0], [0]

    def change(told: tuple[int, int]) -> int:
        having[:], until_now, requests[0] = told, requests[0], 0
        return until_now

    return lambda: _Protocol(having, requests), change


class WideServer(Apart):
    """The running server."""

    def begin(self, rows: int, seed: int = 0) -> int:
        """Answer with so many rows in each bucket from now on; returns the requests until now.

        Figures are made from the seed: with another one, they are restated.
        """
        requests: int = self.tell((rows, seed))
        return requests


@contextlib.contextmanager
def running() -> Iterator[WideServer]:
    """The server, in a process that ends with the context."""
    with apart(_service) as (port, pipe):
        yield WideServer(port, pipe)
