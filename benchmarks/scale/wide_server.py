"""A server of usage and costs with many rows a bucket, in a process of its own."""

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


@lru_cache(maxsize=4)  # all buckets have the same rows, so that making them takes no time
def _rows(costs: bool, count: int) -> bytes:
    rng = random.Random(0)
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
        "line_item": f"gpt-bench-{number % 26}, input",
        "project_id": f"proj_{number // 26:024d}",
        "organization_id": "org-bench",
    }


class _Protocol(Requests):
    def __init__(self, rows: list[int], requests: list[int]) -> None:
        super().__init__()
        self._rows, self._requests = rows, requests

    def asked(self, target: str) -> None:
        self._requests[0] += 1
        self.send(*self._page(target))

    def _page(self, target: str) -> list[bytes]:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        step = WIDTHS[query.get("bucket_width", ["1d"])[0]]
        times = range(int(query["start_time"][0]), int(query["end_time"][0]), step)
        rows = _rows(parts.path.endswith("/costs"), self._rows[0])
        page = [b'{"object":"page","data":[']
        for number, at in enumerate(times[: int(query["limit"][0])]):
            head = b'{"object":"bucket","start_time":%d,"end_time":%d,"results":' % (at, at + step)
            page += [b"," * (number > 0) + head, rows, b"}"]
        return [*page, b'],"has_more":false,"next_page":null}']


def _service() -> tuple[Callable[[], _Protocol], Callable[[int], int]]:
    rows, requests = [1], [0]

    def change(count: int) -> int:
        rows[0], until_now, requests[0] = count, requests[0], 0
        return until_now

    return lambda: _Protocol(rows, requests), change


class WideServer(Apart):
    """The running server."""

    def begin(self, rows: int) -> int:
        """Answer with so many rows in each bucket from now on; returns the requests until now."""
        requests: int = self.tell(rows)
        return requests


@contextlib.contextmanager
def running() -> Iterator[WideServer]:
    """The server, in a process that ends with the context."""
    with apart(_service) as (port, pipe):
        yield WideServer(port, pipe)
