"""Where requests wait until the rate of their endpoint lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from .._wire.http import Request, Response, error_from
from ..errors import RateLimitError
from .rate_estimator import Ticket
from .rate_headers import REMAINING, Limits
from .rate_limiter import RateLimiter
from .retry import AttemptFailure, server_delay


class Throttle:
    """Keeps the requests of a session to the rates of their endpoints.

    Args:
        rate_limiter: knows the rates.
        scope: what has rates of its own: a server and a key.
        clock: monotonic seconds.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        rate_limiter: RateLimiter,
        *,
        scope: Hashable,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self.rate_limiter = rate_limiter
        self._scope = scope
        self._clock = clock
        self._sleep = sleep
        self._granted: set[tuple[str, str]] = set()

    def ask(self, request: Request, *, again: bool) -> Ticket:
        """Ask to send a request; ``again`` puts one that got a 429 at the head of the line."""
        key = (self._scope, request.method, request.endpoint)
        return self.rate_limiter.ask(key, self._clock(), again=again)

    async def wait(self, ticket: Ticket, deadline: float) -> bool:
        """Wait until a request may go; false if that would be too late."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        ticket.wake = wake
        while (seconds := self.rate_limiter.renew(ticket, self._clock())) > 0:
            time_left = deadline - self._clock()
            if time_left <= 0 or self.rate_limiter.held_until(ticket) > deadline:
                return False
            await self._sleep_or(woken, min(seconds, time_left))
            woken.clear()
        return True

    def report(self, ticket: Ticket, request: Request, outcome: Response | AttemptFailure) -> None:
        """Learn from the outcome of an attempt."""
        if isinstance(outcome, AttemptFailure) or outcome.status >= 500:
            return  # says nothing about the limit; `leave` closes the ticket
        if outcome.status == 429 and _is_exhausted(outcome):
            return  # likewise: what is used up is money
        headers = outcome.headers
        limits = Limits.from_headers(headers) if REMAINING in headers else None
        if outcome.status == 429:
            asked = server_delay(headers)
            self.rate_limiter.refused(ticket, self._clock(), retry_after=asked, limits=limits)
        else:
            self._granted.add((request.method, request.endpoint))
            self.rate_limiter.granted(ticket, self._clock(), limits)

    def leave(self, ticket: Ticket) -> None:
        """Close a ticket that may still be open: nothing was learned from its request."""
        self.rate_limiter.cancel(ticket, self._clock())

    def has_granted(self, request: Request) -> bool:
        """Whether the endpoint has ever let a request of this session pass."""
        return (request.method, request.endpoint) in self._granted

    async def _sleep_or(self, woken: asyncio.Event, seconds: float) -> None:
        """Sleep until an event at the latest; what the sleep fails with is raised."""
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._sleep(seconds)),
            asyncio.ensure_future(woken.wait()),
        ]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        for each in done:
            each.result()


def _is_exhausted(refusal: Response) -> bool:
    error = error_from(refusal)
    return isinstance(error, RateLimitError) and error.is_exhausted
