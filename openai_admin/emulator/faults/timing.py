"""Time: answers that come late, and a server whose clock is wrong."""

from __future__ import annotations

import math
from datetime import UTC, timedelta
from email.utils import format_datetime, formatdate, parsedate_to_datetime

import attrs
from aiohttp import web

from .fault import Exchange, Fault

_CENTURY = 100 * 365.25 * 86_400


@attrs.frozen(kw_only=True)
class Latency(Fault):
    """The answer is late by so many seconds; the request is carried out after the wait.

    `jitter` is the most that a request waits beyond that, evenly distributed.
    """

    seconds: float = attrs.field(validator=attrs.validators.ge(0))
    jitter: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))

    async def apply(self, exchange: Exchange) -> web.Response:
        extra = exchange.random.uniform(0, self.jitter) if self.jitter else 0.0
        await exchange.environment.sleep(self.seconds + extra)
        return await exchange.run()


@attrs.frozen(kw_only=True)
class ClockSkew(Fault):
    """The server's clock is ahead by so many seconds (behind, if negative).

    It shows in `Date`, and in a `Retry-After` that is a date; add it before the fault that sends
    the latter.
    """

    seconds: float = attrs.field(
        validator=[attrs.validators.ge(-_CENTURY), attrs.validators.le(_CENTURY)]
    )
    """At most a hundred years."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        answer.headers["Date"] = _http_date(exchange.environment.now() + self.seconds)
        retry_after = answer.headers.get("Retry-After", "")
        if retry_after.endswith("GMT"):
            date = parsedate_to_datetime(retry_after) + timedelta(seconds=self.seconds)
            answer.headers["Retry-After"] = format_datetime(date.astimezone(UTC), usegmt=True)
        return answer


def retry_after(form: str, seconds: float, now: int) -> dict[str, str]:
    """The header that asks to wait: in whole `seconds`, in `ms`, as a `date`, or `no` header."""
    if form == "no":
        return {}
    if form == "ms":
        return {"retry-after-ms": str(round(seconds * 1000))}
    whole = math.ceil(round(seconds, 3))
    return {"Retry-After": str(whole) if form == "seconds" else _http_date(now + whole)}


def _http_date(unix_seconds: float) -> str:
    return formatdate(unix_seconds, usegmt=True)
