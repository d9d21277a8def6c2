"""Where requests wait until the rate of their endpoint lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from .._wire.http import Request, Response, error_from
from ..errors import RateLimitError
from .concurrency import LANE
from .patience import Outlook, Patience
from .rate_estimator import Ticket
from .rate_headers import REMAINING, Limits
from .rate_limiter import RateLimiter
from .retry import AttemptFailure, server_delay
from .waker import Waker

# Seconds until a call that waits for the answers to others looks at whether a pace is known
# meanwhile, whose time is not the call's, or their event loop has ended; then four times as many,
# and so on, since thousands may wait.
_LOOK, _LONGEST_LOOK = 1.0, 16.0
_MORE = 0.5  # s that a wait must be longer than was told to be told again


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
        self._said: dict[tuple[str, str], str] = {}

    def ask(self, request: Request, *, again: bool) -> Ticket:
        """Ask to send a request; ``again`` puts one that got a 429 at the head of the line."""
        return self.rate_limiter.ask(
            (self._scope, request.method, request.endpoint),
            self._clock(),
            again=again,
            path=_limited_alone(request),
            lane=LANE.get(),
            scope=self._scope,
            loop=asyncio.get_running_loop(),
        )

    async def wait(
        self, ticket: Ticket, patience: Patience, tell: Callable[[Outlook, float], None]
    ) -> Outlook | None:
        """Wait until a request may go.

        Args:
            ticket: the request's.
            patience: how long it waits; what it has waited is counted there.
            tell: called with the outlook and the seconds whenever a wait for a known pace begins
                that is longer than was told before.

        Returns:
            Nothing where it may go; the outlook where that would be too late.
        """
        waker = ticket.wake = Waker(self._sleep)
        told, look = 0.0, _LOOK
        since, is_paced = patience.began, False
        while (seconds := self.rate_limiter.renew(ticket, now := self._clock())) > 0:
            if (outlook := self.rate_limiter.outlook(ticket, now)) is None:
                break
            if is_paced or outlook.is_paced:  # it may have become known since the last look
                patience.spend(now - since)
            since, is_paced, patience.reason = now, outlook.is_paced, outlook.reason
            left = patience.left(outlook, now)
            if left <= 0:
                return outlook
            if outlook.opens is None:
                seconds, look = min(seconds, look), min(4 * look, _LONGEST_LOOK)
            elif outlook.turn > told + _MORE:
                told = outlook.turn
                tell(outlook, told - now)
            await waker.sleep(min(seconds, left))
        if is_paced:
            patience.spend(self._clock() - since)
        return None

    def report(self, ticket: Ticket, request: Request, outcome: Response | AttemptFailure) -> None:
        """Learn from the outcome of an attempt."""
        if isinstance(outcome, AttemptFailure) or outcome.status >= 500:
            return  # says nothing about the limit; `leave` closes the ticket
        refusal = error_from(outcome) if outcome.status == 429 else None
        if isinstance(refusal, RateLimitError) and refusal.is_exhausted:
            return  # likewise: what is used up is money
        headers = outcome.headers
        limits = Limits.from_headers(headers) if REMAINING in headers else None
        if refusal is not None:
            asked = server_delay(headers)
            self._said[request.method, request.endpoint] = refusal.message
            self.rate_limiter.refused(ticket, self._clock(), retry_after=asked, limits=limits)
        else:
            self._granted.add((request.method, request.endpoint))
            self.rate_limiter.granted(ticket, self._clock(), limits)

    def leave(self, ticket: Ticket) -> None:
        """Close a ticket that may still be open: nothing was learned from its request."""
        self.rate_limiter.cancel(ticket, self._clock())

    def say_when(self, refusal: RateLimitError, request: Request, waited: float) -> None:
        """Say in an error when the next request may pass, and what its call has waited so far.

        Args:
            refusal: what the endpoint answered, of which `report` has learned.
            request: what it refused.
            waited: the seconds that the call has waited for the endpoint's pace.
        """
        refusal.waited = waited
        if not refusal.is_exhausted:  # which waiting does not change
            key = (self._scope, request.method, request.endpoint)
            path = _limited_alone(request)
            refusal.retry_after = self.rate_limiter.opens_in(key, self._clock(), path=path)

    def said(self, request: Request) -> str:
        """The API's words when it last refused a request to the endpoint with 429; else empty."""
        return self._said.get((request.method, request.endpoint), "")

    def has_granted(self, request: Request) -> bool:
        """Whether the endpoint has ever let a request of this session pass."""
        return (request.method, request.endpoint) in self._granted


def _limited_alone(request: Request) -> str:
    """The part of a request's path that may be limited by itself: up to its first id.

    A project that is refused is refused with all of its keys, whichever of them is asked for.
    """
    begin = request.endpoint.find("{")
    if begin < 0:
        return ""
    end = request.target.find("/", begin)
    return (request.target if end < 0 else request.target[:end]).partition("?")[0]
