"""The line before each endpoint: who may send a request now, and who waits how long.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. `rate_estimator` learns what an endpoint grants.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from random import Random

from .rate_estimator import NOW, RateEstimator, Ticket
from .rate_headers import Limits

_ROOM = 256  # endpoints remembered before those not used for longest are forgotten
_STAGGER = 0.05  # s between the safety nets of waiters whose turn is unknown


class RateLimiter:
    """The paces of all endpoints; one for the process, to be used from any thread.

    A request's way: `ask`, then (while ``ticket.wait``) sleep that long or until woken and
    `renew`; once it is 0 send, and close the ticket with exactly one of `granted`, `refused` and
    `cancel`. Closing a ticket twice does no harm.

    Args:
        random: where the jitter of probes comes from.
    """

    def __init__(self, *, random: Random | None = None) -> None:
        self._random = random or Random()  # noqa: S311 - jitter is no secret
        self._estimators: dict[Hashable, RateEstimator] = {}
        self._lock = threading.Lock()  # event loops of several threads share one rate_limiter

    def ask(self, key: Hashable, now: float, *, again: bool = False) -> Ticket:
        """Ask to send a request to the endpoint ``key``.

        Args:
            key: what is limited together, such as endpoint template, host and key fingerprint.
            now: seconds of a monotonic clock, the same for all calls.
            again: whether the request was refused before; then it waits at the head of the line.
        """
        with self._lock:
            estimator = self._estimators.get(key)
            if estimator is None:
                estimator = self._open(key)
            estimator.used = now
            ticket = Ticket(estimator)
            if not estimator.line and not estimator.delay(now):
                estimator.take(ticket, now)
                return ticket
            ticket.queued = True
            if estimator.line:
                first, last = next(iter(estimator.line)), next(reversed(estimator.line))
                ticket.number = first.number - 1 if again else last.number + 1
            estimator.line[ticket] = None
            if again:
                estimator.line.move_to_end(ticket, last=False)
            self._plan(estimator, ticket, now)
        return ticket

    def renew(self, ticket: Ticket, now: float) -> float:
        """Ask again: 0 when the request may go, else the seconds to wait."""
        woken = None
        with self._lock:
            estimator = ticket.estimator
            if estimator is None or ticket not in estimator.line:
                return 0.0
            if next(iter(estimator.line)) is ticket and not estimator.delay(now):
                del estimator.line[ticket]
                estimator.take(ticket, now)
                woken = self._next(estimator, now)
            else:
                self._plan(estimator, ticket, now)
        _wake(woken)
        return ticket.wait

    def held_until(self, ticket: Ticket) -> float:
        """Before when nobody goes after a 429, on the monotonic clock; never put forward."""
        estimator = ticket.estimator
        return estimator.held_until if estimator is not None else 0.0

    def granted(self, ticket: Ticket, now: float, limits: Limits | None = None) -> None:
        """Close the ticket of a request that the server let pass, whatever it answered."""
        self._close(ticket, now, lambda estimator: estimator.granted(ticket, now, limits))

    def refused(
        self,
        ticket: Ticket,
        now: float,
        *,
        retry_after: float | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Close the ticket of a request that was answered with 429.

        Args:
            ticket: the request's.
            now: the time.
            retry_after: the seconds that a ``Retry-After`` header asks for.
            limits: what the ``x-ratelimit`` headers say.
        """
        self._close(
            ticket, now, lambda estimator: estimator.refused(ticket, now, retry_after, limits)
        )

    def cancel(self, ticket: Ticket, now: float) -> None:
        """Close the ticket of a request that was given up, or whose answer tells nothing."""
        self._close(ticket, now, lambda estimator: estimator.given_up(ticket))

    def interval(self, key: Hashable) -> float | None:
        """Seconds between two requests that wait; ``None`` while no limit is known."""
        estimator = self._estimators.get(key)
        return None if estimator is None else estimator.interval

    @property
    def in_flight(self) -> int:
        """Requests on their way, to all endpoints."""
        with self._lock:
            return sum(estimator.out for estimator in self._estimators.values())

    @property
    def waiting(self) -> int:
        """Requests in line, for all endpoints."""
        with self._lock:
            return sum(len(estimator.line) for estimator in self._estimators.values())

    def _close(self, ticket: Ticket, now: float, learn: Callable[[RateEstimator], None]) -> None:
        with self._lock:
            estimator, ticket.estimator = ticket.estimator, None
            if estimator is None:
                return
            ticket.wait, ticket.reason = 0.0, ""
            if ticket in estimator.line:
                del estimator.line[ticket]
            else:
                learn(estimator)
            woken = self._next(estimator, now)
        _wake(woken)

    def _plan(self, estimator: RateEstimator, ticket: Ticket, now: float) -> None:
        """Say when to ask again: the first in line when it may go, the others one after another.

        The others are woken as they become first; their times are a safety net, spread out so
        that a thousand waiters never ask at the same moment.
        """
        places = ticket.number - next(iter(estimator.line)).number
        ticket.wait = max(estimator.delay(now), NOW) + places * (estimator.interval or _STAGGER)
        ticket.reason = estimator.reason(now)
        ticket.until = now + ticket.wait

    def _next(self, estimator: RateEstimator, now: float) -> Ticket | None:
        """The first in line, if it should ask sooner than it was told."""
        if estimator.line:
            first = next(iter(estimator.line))
            if now + estimator.delay(now) < first.until - NOW:
                first.until = now  # woken once is enough
                return first
        return None

    def _open(self, key: Hashable) -> RateEstimator:
        if len(self._estimators) >= _ROOM:
            idle = [
                old
                for old, estimator in self._estimators.items()
                if not (estimator.out or estimator.line)
            ]
            idle.sort(key=lambda old: self._estimators[old].used)
            for old in idle[: _ROOM // 4]:
                del self._estimators[old]
        estimator = self._estimators[key] = RateEstimator(self._random)
        return estimator


def _wake(ticket: Ticket | None) -> None:
    if ticket is not None and ticket.wake is not None:
        ticket.wake()
