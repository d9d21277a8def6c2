"""The queue for each endpoint: who may send a request now, and how long the others wait.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. `rate_estimator` learns what an endpoint grants.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable
from random import Random

import attrs

from .._forks import begins_anew
from .loops import Loop, has_ended
from .patience import Outlook
from .rate_estimator import RateEstimator, Ticket
from .rate_headers import LONG_HOLD, Limits
from .rate_pace import NOW

_CAPACITY = 256  # endpoints; beyond that a quarter of them is forgotten, the longest unused
_STAGGER = 0.05  # s between the times at which waiters whose turn is unknown ask again
_TOGETHER = 2.0  # s between refusals of two endpoints that are taken for one limit
_STRANGE = 3  # requests of others that pass while one is refused, before they share no limit


@attrs.define(eq=False)
class Doubt:
    """Whether an endpoint that is refused shares the limit of others after all.

    Attributes:
        rest: the others.
        passed: how many of their requests passed that were sent since it was refused.
    """

    rest: RateEstimator
    passed: int = 0


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
        # Paths that are limited by themselves, by endpoint and path.
        self._apart: dict[Hashable, RateEstimator] = {}
        # Endpoints that do not share a limit again, as one was refused while the other passed; and
        # those of which this is being found out.
        self._strangers: dict[Hashable, None] = {}
        self._doubted: dict[RateEstimator, Doubt] = {}
        self._scopes: dict[Hashable, Hashable] = {}
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
            if estimator.is_shared and (estimator.line.waiting or estimator.delay(now)):
                self._expire(estimator)
            if not estimator.line.waiting and not estimator.delay(now):
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
        """What is known about the turn of a ticket in line; nothing once it is closed."""
        with self._lock:
            estimator = ticket.estimator
            if estimator is None:
                return None
            return Outlook(
                reason=ticket.reason,
                turn=now + ticket.wait,
                opens=estimator.opens(now),
                granted=estimator.last_grant,
                window=estimator.window,
                is_held=estimator.held_until > now,
                is_shared=estimator.is_shared,
            )

    def granted(self, ticket: Ticket, now: float, limits: Limits | None = None) -> None:
        """Close the ticket of a request that the server let pass, whatever it answered."""
        with self._lock:
            estimator = self._close(ticket)
            if estimator is None:
                return
            due = []
            if ticket.queue is None:
                estimator.granted(ticket, now, limits)
                if self._doubted:
                    self._resolve(estimator, ticket)
                if len(estimator.keys) > 1 and estimator.is_unlimited:
                    due = self._end_sharing(estimator, ticket, now)
                elif self._apart:
                    due = self._rejoin(estimator, ticket, now)
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
        for estimator in {*self._estimators.values(), *self._apart.values()}:
            estimator.forget_requests()

    def interval(self, key: Hashable) -> float | None:
        """Seconds between two requests that wait; ``None`` while no limit is known."""
        estimator = self._estimators.get(key)
        return None if estimator is None else estimator.pace.interval

    @property
    def in_flight(self) -> int:
        """Requests on their way, to all endpoints."""
        return self._out

    @property
    def waiting(self) -> int:
        """Requests in line, for all endpoints."""
        with self._lock:
            known = {*self._estimators.values(), *self._apart.values()}
            return sum(estimator.line.waiting for estimator in known)

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

    # --- what is limited together, and what by itself --------------------------------------

    def _refuse(
        self,
        estimator: RateEstimator,
        ticket: Ticket,
        now: float,
        limits: Limits | None,
        retry_after: float | None,
    ) -> list[Ticket]:
        """Learn from a 429 what it is a limit of; who should ask again, elsewhere."""
        learner, is_blamed = estimator, False
        if estimator.is_left:
            learner = self._estimators.get(ticket.key, estimator)
        elif (fellow := self._fellow(estimator, ticket.key, now)) is not None:
            learner = self._share(estimator, fellow)
        elif estimator.is_apart(ticket):
            learner = self._set_apart(estimator, estimator.unit(ticket), now)
            learner.blame(ticket, estimator)
            is_blamed = True
            if ticket.key in learner.keys:
                self._doubted[learner] = Doubt(estimator)
        if learner is not estimator and not is_blamed:
            learner.adopt(ticket, estimator)
        held_until = learner.held_until
        learner.refused(ticket, now, limits, retry_after)
        if learner.held_until > max(held_until, now + LONG_HOLD):
            return list(learner.line)  # most of them need not wait for that
        return [] if learner is estimator else self._next(learner, now)

    def _set_apart(self, estimator: RateEstimator, unit: Hashable, now: float) -> RateEstimator:
        """Give an endpoint, or a path of one, a line and a rate of its own."""
        apart = RateEstimator(self._random, unit, estimator.paces.get(unit))
        apart.used = now
        if unit in estimator.keys:
            self._estimators[unit] = apart
        else:
            _make_room(self._apart)
            self._apart[unit] = apart
        estimator.separate(unit, apart)
        return apart

    def _fellow(self, estimator: RateEstimator, key: Hashable, now: float) -> RateEstimator | None:
        """Another endpoint that is refused at the same time, as if one limit held for both."""
        if estimator.streak.count or key in self._strangers or key not in estimator.keys:
            return None
        scope = self._scopes.get(key)
        for other_key, other in self._estimators.items():
            if (
                other is not estimator
                and other.streak.count
                and self._is_together(estimator, other, now)
                and other_key not in self._strangers
                and self._scopes.get(other_key) == scope
            ):
                return other
        return None

    def _is_together(self, estimator: RateEstimator, other: RateEstimator, now: float) -> bool:
        doubt = self._doubted.get(other)
        if doubt is not None and doubt.rest is estimator:
            return True
        recent = now - other.streak.latest <= _TOGETHER
        return recent and estimator.last_grant <= other.streak.began

    def _share(self, estimator: RateEstimator, other: RateEstimator) -> RateEstimator:
        """Let the endpoints of two lines share one; which that is."""
        confirmed = self._doubted.pop(other, None) is not None
        kept, left = (estimator, other) if estimator.paces else (other, estimator)
        for key in left.keys:
            self._estimators[key] = kept
        kept.join(left)
        kept.is_confirmed = kept.is_confirmed or confirmed
        return kept

    def _resolve(self, estimator: RateEstimator, ticket: Ticket) -> None:
        """See whether one passes that was taken to share a limit with one that is refused."""
        for apart, doubt in list(self._doubted.items()):
            if not apart.streak.count:
                del self._doubted[apart]
            elif doubt.rest is estimator and ticket.sent > apart.streak.began:
                doubt.passed += 1
                if doubt.passed == _STRANGE:
                    del self._doubted[apart]
                    self._strangers |= dict.fromkeys(apart.keys)
                    doubt.rest.be_alone()

    def _end_sharing(self, estimator: RateEstimator, ticket: Ticket, now: float) -> list[Ticket]:
        """Separate what shares a line, once no limit is known."""
        due = []
        for key in [key for key in estimator.keys if key != ticket.key]:
            due += self._next(self._set_apart(estimator, key, now), now)
        estimator.be_alone()
        return due

    def _rejoin(self, estimator: RateEstimator, ticket: Ticket, now: float) -> list[Ticket]:
        """Let a path that passes go with its endpoint again, if it need not be by itself."""
        unit = (ticket.key, ticket.path)
        if self._apart.get(unit) is not estimator:
            return []
        endpoint = self._estimator_of(ticket.key, None, self._scopes.get(ticket.key))
        # Where the endpoint has a limit that limit has refused it; else it has one of its own.
        if endpoint.is_unlimited and not (estimator.is_unlimited and not estimator.line.waiting):
            return []
        del self._apart[unit]
        endpoint.take_back(estimator)
        return self._next(endpoint, now)

    def _estimator_of(self, key: Hashable, path: Hashable, scope: Hashable = None) -> RateEstimator:
        estimator = self._apart.get((key, path)) if self._apart else None
        return estimator or self._estimators.get(key) or self._open(key, scope)

    def _open(self, key: Hashable, scope: Hashable) -> RateEstimator:
        for forgotten in _make_room(self._estimators):
            self._scopes.pop(forgotten, None)
            self._strangers.pop(forgotten, None)
        estimator = self._estimators[key] = RateEstimator(self._random, key)
        self._scopes[key] = scope
        return estimator


def _make_room(estimators: dict[Hashable, RateEstimator]) -> list[Hashable]:
    """Forget the longest unused where there are too many; which those were."""
    if len(estimators) < _CAPACITY:
        return []
    idle = [key for key, each in estimators.items() if not (each.out or each.line.waiting)]
    idle.sort(key=lambda key: estimators[key].used)
    forgotten = idle[: _CAPACITY // 4]
    for key in forgotten:
        estimators.pop(key).keys.discard(key)
    return forgotten
