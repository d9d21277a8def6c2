"""Rate limits, each endpoint with its own count."""

from __future__ import annotations

import math
from typing import Literal, get_args

import attrs
import msgspec
from aiohttp import web

from .fault import Exchange, Fault, one_of
from .status import RetryAfter, usual_body
from .timing import retry_after
from .windows import FixedWindow, SlidingWindow, TokenBucket, Verdict, Window

_COUNTS: dict[str, type[Window]] = {
    "fixed": FixedWindow,
    "sliding": SlidingWindow,
    "bucket": TokenBucket,
}


@attrs.frozen(kw_only=True)
class RateLimit(Fault):
    """So many requests of each operation in a window of time; the others get 429.

    The emulator's `clock` measures the time. `then` is the limit from `then_after` seconds after
    the first request on. `headers` sends the API's `x-ratelimit-*-requests` with every answer,
    `retry_after` the wait with a 429. `times` and `rate` count every request it looks at, granted
    or not.
    """

    limit: int = attrs.field(validator=attrs.validators.ge(1))
    window: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    count: Literal["fixed", "sliding", "bucket"] = attrs.field(
        default="fixed", validator=one_of(_COUNTS)
    )
    headers: bool = False
    retry_after: RetryAfter = attrs.field(default="no", validator=one_of(get_args(RetryAfter)))
    then: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
    then_after: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))

    async def apply(self, exchange: Exchange) -> web.Response:
        environment = exchange.environment
        now = environment.clock()
        limit = self._limit_at(now - exchange.memory.setdefault("began", now))
        windows: dict[str, Window] = exchange.memory.setdefault("windows", {})
        window = windows.get(exchange.operation)
        if window is None:
            window = windows[exchange.operation] = _COUNTS[self.count](self.window)
        verdict = window.take(now, limit)
        if verdict.granted:
            answer = await exchange.run()
        else:
            answer = _refusal(retry_after(self.retry_after, verdict.wait, environment.now()))
        if self.headers:
            answer.headers.update(_headers(limit, verdict))
        return answer

    def _limit_at(self, elapsed: float) -> int:
        changed = self.then is not None and elapsed >= self.then_after
        return self.then if changed and self.then is not None else self.limit


def _refusal(headers: dict[str, str]) -> web.Response:
    body = msgspec.json.encode(usual_body(429))
    return web.Response(status=429, body=body, content_type="application/json", headers=headers)


def _headers(limit: int, verdict: Verdict) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-remaining-requests": str(verdict.remaining),
        "x-ratelimit-reset-requests": _duration(verdict.full),
    }


def _duration(seconds: float) -> str:
    """Seconds as the API's headers write them: `120ms`, `7.66s`, `6m0s`."""
    if seconds < 1:
        return f"{math.ceil(round(seconds * 1000, 3))}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    shown = f"{rest:.3f}".rstrip("0").rstrip(".")
    return f"{int(minutes)}m{shown}s" if minutes else f"{shown}s"
