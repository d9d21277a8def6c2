"""The queue for each endpoint: who may send a request now, and how long the others wait.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. `rate_estimator` learns what an endpoint grants.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable
from random import Random

from .._forks import begins_anew
from .loops import Loop, has_ended
from .patience import Outlook
from .rate_estimator import RateEstimator, Ticket
from .rate_groups import RateGroups
from .rate_headers import LONG_HOLD, Limits
from .rate_pace import NOW

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
        self._groups = RateGroups(random or Random())  # noqa: S311 - jitter is not a secret
        self._out = 0
        self._lock = threading.Lock()  # the event loops of several threads share it
        # A task that is collected as garbage cancels its ticket in whatever thread that happens,
        # perhaps under the lock.
        self._cancelled: deque[tuple[Ticket, float]] = deque()
        begins_anew(self)

    def ask(
        self,
        key: Hashable,
        now: float,
        *,
        again: bool = False,
        path: Hashable = "",
        lane: Hashable = None,
        scope: Hashable = None,
        loop: Loop | None = None,
    ) -> Ticket:
        """Ask to send a request to the endpoint ``key``.

        Args:
            key: what is paced together, such as endpoint template, host and key fingerprint.
            now: seconds of a monotonic clock, the same for all calls.
            again: whether the request got a 429 before; then it waits at the head of the line.
            path: what of the endpoint may be limited by itself, such as one project.
            lane: the fan-out that the request belongs to; the lanes of an endpoint take turns.
            scope: the endpoints of one scope, such as a host and a key, may share a limit.
            loop: the running event loop; once that has ended, nobody waits for the request.
        """
        with self._lock:
            estimator = self._estimator_of(key, path, scope)
            estimator.used = now
            estimator.is_asked_in(loop)
            ticket = Ticket(estimator, key, path, lane, loop)
            if estimator.is_shared and (estimator.line.waiting or estimator.delay(now, ticket)):
                self._expire(estimator)
            if not estimator.line.waiting and not estimator.delay(now, ticket):
                self._out += 1
                estimator.take(ticket, now)
            else:
                ticket.queued = True
                estimator.line.add(ticket, again=again)
                self._plan(estimator, ticket, now)
        if self._cancelled:
            self._settle()
        return ticket

    def renew(self, ticket: Ticket, now: float) -> float:
        """Ask again: 0 when the request may go, else the seconds to wait."""
        with self._lock:
            if ticket.has_lapsed:  # its event loop runs again
                ticket.has_lapsed = False
                ticket.estimator = self._estimator_of(ticket.key, ticket.path)
                ticket.estimator.line.add(ticket, again=True)
            estimator = ticket.estimator
            if estimator is None or ticket.queue is None:
                return 0.0
            if estimator.is_shared:
                self._expire(estimator)
            if estimator.first() is not ticket or estimator.delay(now):
                self._plan(estimator, ticket, now)
                return ticket.wait
            self._send(estimator, ticket, now)
            due = self._next(estimator, now)
        self._wake(due)
        return 0.0

    def outlook(self, ticket: Ticket, now: float) -> Outlook | None:
        """What is known about the turn of a ticket in line; nothing once it has left that."""
        with self._lock:
            estimator = ticket.estimator
            if estimator is None or ticket.queue is None:
                return None
            opens = estimator.opens(now)
            ahead = max(ticket.until - now - estimator.delay(now), 0.0)
            turn = (now if opens is None else opens) + ahead
            is_held = estimator.held(now) > 0
            is_measured = not is_held and estimator.pace.is_measured(now)
            return Outlook(
                reason=ticket.reason,
                turn=turn,
                earliest=turn if is_measured or opens is None else opens,
                opens=opens,
                closed_until=estimator.closed_until(now),
                is_paced=estimator.is_paced,
                granted=estimator.last_grant,
                window=estimator.window,
                is_held=is_held,
            )

    def opens_in(self, key: Hashable, now: float, *, path: Hashable = "") -> float:
        """Seconds after which one more request of a path may go, behind those in line."""
        with self._lock:
            estimator = self._estimator_of(key, path)
            first = max(estimator.held_until - now, estimator.delay(now))
            return first + estimator.line.waiting * (estimator.pace.interval or 0.0)

    def granted(self, ticket: Ticket, now: float, limits: Limits | None = None) -> None:
        """Close the ticket of a request that the server let pass, whatever it answered."""
        with self._lock:
            estimator = self._close(ticket)
            if estimator is None:
                return
            due: list[Ticket] = []
            if ticket.queue is None:
                estimator.granted(ticket, now, limits)
                if estimator.told:
                    due += self._groups.hold_by_themselves(estimator, now)
                if self._groups.doubted:
                    self._groups.resolve(estimator, ticket)
                if len(estimator.keys) > 1 and estimator.is_unlimited:
                    parted = self._groups.end_sharing(estimator, ticket, now)
                    due += [each for other in parted for each in self._next(other, now)]
                elif self._groups.apart:
                    endpoint = self._groups.rejoined(estimator, ticket)
                    due += [] if endpoint is None else self._next(endpoint, now)
            due += self._leave(estimator, ticket, now)
        self._wake(due)

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
        with self._lock:
            estimator = self._close(ticket)
            if estimator is None:
                return
            due = []
            if ticket.queue is None:
                due = self._refuse(estimator, ticket, now, limits, retry_after)
            due += self._leave(estimator, ticket, now)
        self._wake(due)

    def cancel(self, ticket: Ticket, now: float) -> None:
        """Close the ticket of a request that was cancelled, or whose outcome says nothing."""
        self._cancelled.append((ticket, now))
        self._settle()

    def begin_anew(self) -> None:
        """In a forked child: forget all tickets, but not what was learned."""
        self._lock = threading.Lock()  # a thread that is not here may have held it
        self._cancelled.clear()
        self._out = 0
        for estimator in self._groups.all():
            estimator.forget_requests()

    def interval(self, key: Hashable) -> float | None:
        """Seconds between two requests that wait; ``None`` while no limit is known."""
        estimator = self._groups.estimators.get(key)
        return None if estimator is None else estimator.pace.interval

    @property
    def in_flight(self) -> int:
        """Requests on their way, to all endpoints."""
        return self._out

    @property
    def waiting(self) -> int:
        """Requests in line, for all endpoints."""
        with self._lock:
            return sum(estimator.line.waiting for estimator in self._groups.all())

    def _settle(self) -> None:
        """Close what was cancelled, unless the lock is held: then its holder does, after it."""
        while self._cancelled and self._lock.acquire(blocking=False):
            due: list[Ticket] = []
            try:
                while self._cancelled:
                    due += self._cancel(*self._cancelled.popleft())
            finally:
                self._lock.release()
            self._wake(due)

    def _cancel(self, ticket: Ticket, now: float) -> list[Ticket]:
        """Close a ticket of which nothing is learned; who should ask again."""
        estimator = self._close(ticket)
        if estimator is None:
            return []
        if ticket.queue is None:
            estimator.cancelled(ticket)
        return self._leave(estimator, ticket, now)

    def _expire(self, estimator: RateEstimator) -> None:
        """Close the tickets of event loops that have ended, as far as others wait for them."""
        for ticket in [ticket for ticket in estimator.out if has_ended(ticket.loop)]:
            self._close(ticket)
            estimator.cancelled(ticket)
        while estimator.line.waiting and has_ended((first := estimator.first()).loop):
            self._close(first)
            estimator.line.forget(first)
            first.has_lapsed = True

    def _wake(self, tickets: list[Ticket]) -> None:
        """Let waiters ask again; outside of the lock, as they may do so at once."""
        for ticket in tickets:
            if ticket.wake is not None:
                ticket.wake()
        if self._cancelled:
            self._settle()

    def _close(self, ticket: Ticket) -> RateEstimator | None:
        """What an open ticket belongs to."""
        estimator, ticket.estimator = ticket.estimator, None
        if estimator is not None:
            ticket.wait, ticket.reason = 0.0, ""
            self._out -= ticket.queue is None
        return estimator

    def _leave(self, estimator: RateEstimator, ticket: Ticket, now: float) -> list[Ticket]:
        """Let a closed ticket leave the line, if it still waits; who should ask again."""
        if ticket.queue is not None:
            estimator.line.forget(ticket)
        return self._next(estimator, now) if estimator.line.waiting else []

    def _send(self, estimator: RateEstimator, ticket: Ticket, now: float) -> None:
        """Let one in line go."""
        estimator.line.remove(ticket)
        self._out += 1
        estimator.take(ticket, now)

    def _plan(self, estimator: RateEstimator, ticket: Ticket, now: float) -> None:
        """Set when to ask again: the first in line when it may go, the others one after another.

        The others are woken as they become first. Their times are a safety net, spread out so
        that a thousand waiters never ask at the same moment.
        """
        first = estimator.first() is ticket
        places = 0 if first else max(1, estimator.line.ahead_of(ticket))
        interval = estimator.pace.interval or _STAGGER
        ticket.wait = max(estimator.delay(now), NOW) + places * interval
        ticket.reason = estimator.reason(now)
        ticket.until = now + ticket.wait

    def _next(self, estimator: RateEstimator, now: float) -> list[Ticket]:
        """Let those go who may; they, and the first in line, should it ask sooner than planned."""
        if estimator.is_shared:
            self._expire(estimator)
        due: list[Ticket] = []
        while estimator.line.waiting:
            first = estimator.first()
            if delay := estimator.delay(now):
                if now + delay < first.until - NOW:
                    first.until = now  # to wake it once is enough
                    due.append(first)
                break
            self._send(estimator, first, now)
            due.append(first)
        return due

    def _refuse(
        self,
        estimator: RateEstimator,
        ticket: Ticket,
        now: float,
        limits: Limits | None,
        retry_after: float | None,
    ) -> list[Ticket]:
        """Learn from a 429 what it is a limit of; who should ask again, elsewhere."""
        learner = self._groups.learner_of(estimator, ticket, now)
        held_until = learner.held_until
        learner.refused(ticket, now, limits, retry_after)
        if learner.held_until > max(held_until, now + LONG_HOLD):
            return list(learner.line)  # most of them need not wait for that
        return [] if learner is estimator else self._next(learner, now)

    def _estimator_of(self, key: Hashable, path: Hashable, scope: Hashable = None) -> RateEstimator:
        groups = self._groups
        estimator = groups.apart.get((key, path)) if groups.apart else None
        return estimator or groups.estimators.get(key) or groups.open(key, scope)
