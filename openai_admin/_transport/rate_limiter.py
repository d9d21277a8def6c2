"""The queue for each endpoint: who may send a request now, and how long the others wait.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. `rate_estimator` learns what an endpoint grants.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from random import Random
from typing import Any

from .expiry import Loop, forgets_in_children
from .patience import Outlook
from .rate_estimator import NOW, RateEstimator, Ticket
from .rate_headers import LONG_HOLD, Limits

_CAPACITY = 256  # endpoints; beyond that a quarter of them is forgotten, the longest unused
_STAGGER = 0.05  # s between the times at which waiters whose turn is unknown ask again


class RateLimiter:
    """Lets requests go at the rates of their endpoints; one for the process, for all its threads.

    What a request does: `ask`; while ``ticket.wait`` is not 0, sleep that long or until woken, and
    `renew`; then send, and close the ticket with one of `granted`, `refused` and `cancel`. Closing
    a ticket twice does no harm.

    Args:
        random: where the jitter of probes comes from.
    """

    def __init__(self, *, random: Random | None = None) -> None:
        self._random = random or Random()  # noqa: S311 - jitter is not a secret
        self._estimators: dict[Hashable, RateEstimator] = {}
        self._lock = threading.Lock()  # the event loops of several threads share it
        # Tickets to close, with the time and what is learned. A task that is collected as garbage
        # closes its ticket in whatever thread that happens, perhaps under the lock.
        self._closing: deque[tuple[Ticket, float, Callable[..., None], tuple[Any, ...]]] = deque()
        forgets_in_children(self)

    def ask(
        self, key: Hashable, now: float, *, again: bool = False, loop: Loop | None = None
    ) -> Ticket:
        """Ask to send a request to the endpoint ``key``.

        Args:
            key: what is limited together, such as endpoint template, host and key fingerprint.
            now: seconds of a monotonic clock, the same for all calls.
            again: whether the request got a 429 before; then it waits at the head of the line.
            loop: the running event loop; once it has ended, nobody waits for the request.
        """
        with self._lock:
            estimator = self._estimators.get(key)
            if estimator is None:
                estimator = self._open(key)
            estimator.used = now
            estimator.is_asked_in(loop)
            ticket = Ticket(estimator, loop)
            if estimator.line or estimator.delay(now):
                estimator.expire(now)
            if not estimator.line and not estimator.delay(now):
                estimator.take(ticket, now)
            else:
                ticket.queued = True
                self._line_up(estimator, ticket, first=again)
                self._plan(estimator, ticket, now)
        if self._closing:
            self._settle()
        return ticket

    def renew(self, ticket: Ticket, now: float) -> float:
        """Ask again: 0 when the request may go, else the seconds to wait."""
        next_in_line = None
        with self._lock:
            estimator = ticket.estimator
            if estimator is None or ticket in estimator.out:
                return 0.0
            if ticket not in estimator.line:  # its event loop had been stopped meanwhile
                self._line_up(estimator, ticket, first=True)
            estimator.expire(now)
            if next(iter(estimator.line)) is ticket and not estimator.delay(now):
                del estimator.line[ticket]
                estimator.take(ticket, now)
                next_in_line = self._next(estimator, now)
            else:
                self._plan(estimator, ticket, now)
        if next_in_line is not None and next_in_line.wake is not None:
            next_in_line.wake()
        if self._closing:
            self._settle()
        return ticket.wait

    def outlook(self, ticket: Ticket, now: float) -> Outlook | None:
        """What is known about the turn of a ticket in line; nothing once it is closed."""
        estimator = ticket.estimator
        if estimator is None:
            return None
        with self._lock:
            opens = estimator.opens(now)
        if self._closing:
            self._settle()
        return Outlook(
            reason=ticket.reason,
            turn=now + ticket.wait,
            opens=opens,
            granted=estimator.last_grant,
            window=estimator.window,
            is_held=estimator.held_until > now,
            is_shared=estimator.is_shared,
        )

    def granted(self, ticket: Ticket, now: float, limits: Limits | None = None) -> None:
        """Close the ticket of a request that the server let pass, whatever it answered."""
        self._close(ticket, now, RateEstimator.granted, limits)

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
        self._close(ticket, now, RateEstimator.refused, limits, retry_after)

    def cancel(self, ticket: Ticket, now: float) -> None:
        """Close the ticket of a request that was cancelled, or whose outcome says nothing."""
        self._close(ticket, now, RateEstimator.cancelled)

    def interval(self, key: Hashable) -> float | None:
        """Seconds between two requests that wait; ``None`` while no limit is known."""
        estimator = self._estimators.get(key)
        return None if estimator is None else estimator.interval

    @property
    def in_flight(self) -> int:
        """Requests on their way, to all endpoints."""
        with self._lock:
            return sum(len(estimator.out) for estimator in self._estimators.values())

    @property
    def waiting(self) -> int:
        """Requests in line, for all endpoints."""
        with self._lock:
            return sum(len(estimator.line) for estimator in self._estimators.values())

    def forget_requests(self) -> None:
        """Forget all tickets, but not what was learned; the child of a fork does."""
        self._lock = threading.Lock()  # a thread that is not here may have held it
        self._closing.clear()
        for estimator in self._estimators.values():
            estimator.forget_requests()

    def _close(self, ticket: Ticket, now: float, learn: Callable[..., None], *what: Any) -> None:
        """Close a ticket, and call ``learn(estimator, ticket, now, *what)`` if it was sent."""
        self._closing.append((ticket, now, learn, what))
        self._settle()

    def _settle(self) -> None:
        """Close what is to be closed, unless the lock is held: then its holder does, after it."""
        while self._closing and self._lock.acquire(blocking=False):
            woken: list[Ticket] = []
            try:
                while self._closing:
                    woken += self._closed(*self._closing.popleft())
            finally:
                self._lock.release()
            for ticket in woken:
                if ticket.wake is not None:
                    ticket.wake()

    def _closed(
        self, ticket: Ticket, now: float, learn: Callable[..., None], what: tuple[Any, ...]
    ) -> Iterable[Ticket]:
        """Close a ticket; those that should ask again then."""
        estimator, ticket.estimator = ticket.estimator, None
        if estimator is None:
            return ()
        ticket.wait, ticket.reason = 0.0, ""
        held_until = estimator.held_until
        if ticket in estimator.out:
            learn(estimator, ticket, now, *what)
        else:
            estimator.line.pop(ticket, None)
        if not estimator.line:
            return ()
        if estimator.held_until > max(held_until, now + LONG_HOLD):
            return list(estimator.line)  # most of them need not wait for that
        first = self._next(estimator, now)
        return () if first is None else (first,)

    def _line_up(self, estimator: RateEstimator, ticket: Ticket, *, first: bool) -> None:
        line = estimator.line
        if line:
            head, last = next(iter(line)), next(reversed(line))
            ticket.number = head.number - 1 if first else last.number + 1
        line[ticket] = None
        if first:
            line.move_to_end(ticket, last=False)

    def _plan(self, estimator: RateEstimator, ticket: Ticket, now: float) -> None:
        """Set when to ask again: the first in line when it may go, the others one after another.

        The others are woken as they become first. Their times are a safety net, spread out so
        that a thousand waiters never ask at the same moment.
        """
        places = ticket.number - next(iter(estimator.line)).number
        ticket.wait = max(estimator.delay(now), NOW) + places * (estimator.interval or _STAGGER)
        ticket.reason = estimator.reason(now)
        ticket.until = now + ticket.wait

    def _next(self, estimator: RateEstimator, now: float) -> Ticket | None:
        """The first in line, if it should ask again sooner than planned."""
        estimator.expire(now)
        if estimator.line:
            first = next(iter(estimator.line))
            if now + estimator.delay(now) < first.until - NOW:
                first.until = now  # to wake it once is enough
                return first
        return None

    def _open(self, key: Hashable) -> RateEstimator:
        if len(self._estimators) >= _CAPACITY:
            idle = [
                old
                for old, estimator in self._estimators.items()
                if not (estimator.out or estimator.line)
            ]
            idle.sort(key=lambda old: self._estimators[old].used)
            for old in idle[: _CAPACITY // 4]:
                del self._estimators[old]
        estimator = self._estimators[key] = RateEstimator(self._random)
        return estimator
