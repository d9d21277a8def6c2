"""Where requests wait until their endpoint's pace lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from .._wire.http import Request, Response
from ..waits import Wait, announce
from .connection import Failed
from .rate_estimator import Ticket
from .rate_headers import Limits
from .rate_limiter import RateLimiter
from .retry import server_delay

# Seconds between two lines in the log about waiting for the same endpoint.
_LOG_EVERY = 5.0


class Throttle:
    """Keeps requests to their endpoints' paces.

    Args:
        rate_limiter: the paces.
        scope: what the paces are apart for: the server and the key.
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
        self._logged: dict[str, float] = {}

    def ask(self, request: Request, *, again: bool) -> Ticket:
        """Ask for a request to go; ``again`` puts one that was refused to the head of the line."""
        key = (self._scope, request.method, request.endpoint)
        return self.rate_limiter.ask(key, self._clock(), again=again)

    async def wait(self, ticket: Ticket, deadline: float, emit: Callable[[Ticket], None]) -> bool:
        """Wait until a request may go; false when the time for it is over, or would be then."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        ticket.wake = wake
        emit(ticket)
        while (seconds := self.rate_limiter.renew(ticket, self._clock())) > 0:
            time_left = deadline - self._clock()
            if time_left <= 0 or self.rate_limiter.held_until(ticket) > deadline:
                return False
            await self._sleep_or(woken, min(seconds, time_left))
            woken.clear()
        return True

    def report(self, ticket: Ticket, request: Request, outcome: Response | Failed) -> None:
        """Learn from what came of a request."""
        if isinstance(outcome, Failed) or outcome.status >= 500:
            return  # tells nothing of the limit; `leave` closes the ticket
        limits = Limits.from_headers(outcome.headers)
        if outcome.status == 429:
            asked = server_delay(outcome.headers)
            self.rate_limiter.refused(ticket, self._clock(), retry_after=asked, limits=limits)
        else:
            self._granted.add((request.method, request.endpoint))
            self.rate_limiter.granted(ticket, self._clock(), limits)

    def leave(self, ticket: Ticket) -> None:
        """Close a ticket that was given up, or whose outcome told nothing."""
        if ticket.estimator is not None:
            self.rate_limiter.cancel(ticket, self._clock())

    def has_granted(self, request: Request) -> bool:
        """Whether the endpoint has ever let a request of this session pass."""
        return (request.method, request.endpoint) in self._granted

    def announce(self, endpoint: str, ticket: Ticket) -> None:
        """Tell the process of a wait; the log only now and then."""
        now = self._clock()
        log = now - self._logged.get(endpoint, -_LOG_EVERY) >= _LOG_EVERY
        if log:
            self._logged[endpoint] = now
        announce(Wait(endpoint, ticket.wait, ticket.reason), log=log)

    async def _sleep_or(self, woken: asyncio.Event, seconds: float) -> None:
        """Sleep, but no longer than until an event; what ends the sleep with an error is raised."""
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
