"""Learn how fast each endpoint answers, and say how long to wait before the next request.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. How a rate is learned, in plain words:

1. **Start.** Four requests go at once; when all were answered eight go, then as many as are
   asked for, one more in flight for each success. A healthy server is soon not limited.
2. **Headers.** Where answers carry ``x-ratelimit-*-requests`` headers, they are believed: as
   many requests go as are said to remain, then none until the stated reset.
3. **A 429 holds everybody.** All waiters of the endpoint are held at once. A single request
   tries again (a *probe*) after ``Retry-After``, or else after 0.5 s, 1.5 s, 4.5 s … (jittered, at
   most 60 s). As limits are usually stated by the second or by the minute, no probe skips the
   moment a second or a minute after the last success.
4. **The first success shows the rate.** So many requests were granted, and then none for so
   long: that is the server's rate. Requests that have to wait go at that rate from now on, evenly
   spaced, which suits fixed windows, sliding windows and token buckets alike. After a quiet time
   as many as were granted at once before may go at once again.
5. **Too fast** shows in the next 429: held again, the rate is measured anew over the last
   grants. If even fewer were granted since the 429 before than fit in one burst, the server
   hands out its grants one by one, and those few show the rate.
6. **Too slow** is found by creeping up: while requests wait and succeed, the rate rises by 6 %
   over a burst's worth of grants (at least eight), then 12 %, 24 %, 36 %. A limit that has not
   changed is exceeded by a single request now and then; one that was raised is found in a few
   rounds.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from random import Random

from .expiry import Loop, has_ended
from .rate_headers import LONGEST_HOLD, Limits

_START = 4  # requests in flight before the first answers
_FREE = 16  # from here on the number in flight grows with each success
_WINDOWS = (1.0, 60.0)  # s; the windows that limits are usually stated for
_MARGIN = 1.01  # of a window: a probe a moment early is wasted
_LONGEST = 60.0  # s; the most between probes
_BACKOFF = 0.5  # s until the first probe where nothing is known
_STEADY = 8  # the fewest grants that a rate is measured over and kept for
_CREEP = 0.06  # the first rise of a rate
_STEEPEST = 0.36  # the largest rise of a rate
_NO_LIMIT = 0.001  # s between requests; a shorter interval counts as no limit
_RECALL = 1_024  # grants remembered for each endpoint
NOW = 1e-6  # s; a shorter wait counts as none


class Ticket:
    """The place of one request: in the line of its endpoint, or on its way.

    Attributes:
        wait: 0 when the request may go; else seconds after which to call `RateLimiter.renew`.
        reason: what it waits for, in words; empty when it does not wait.
        wake: set by the waiter; called when `RateLimiter.renew` should be called sooner, from any
            thread and outside of the rate limiter's lock.
    """

    __slots__ = (
        "estimator",
        "loop",
        "number",
        "queued",
        "reason",
        "round",
        "sent",
        "until",
        "wait",
        "wake",
    )

    def __init__(self, estimator: RateEstimator, loop: Loop | None = None) -> None:
        self.estimator: RateEstimator | None = estimator  # until it is closed
        self.loop = loop  # whose task it is
        self.wait = 0.0
        self.reason = ""
        self.wake: Callable[[], None] | None = None
        self.queued = False
        self.number = 0  # in line
        self.until = 0.0  # when the waiter asks again by itself
        self.sent = 0.0
        self.round = 0


class RateEstimator:
    """What is known about one endpoint: its requests on their way and in line, and its rate."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.used = 0.0
        self.line: OrderedDict[Ticket, None] = OrderedDict()
        self.out: set[Ticket] = set()  # requests on their way
        self.asked_in = 0  # the id of the event loop that the newest ticket is of
        self.is_shared = False  # whether tickets were of several
        # How many at once. Each 429 begins a new round; what was sent before no longer counts.
        self._round = 0
        self._in_flight = 0
        self._allowance: float = _START
        self._left: float = _START  # of the allowance, until all of it was answered
        self._log: deque[float] = deque(maxlen=_RECALL)  # send times, without those refused
        # How fast, learned from refusals.
        self._interval: float | None = None  # s between requests; None: no limit is known
        self._measured = 0.0  # the interval when it was last measured
        self._period = 0.0  # s in which a burst is granted
        self._due = 0.0
        self._spaced = False  # whether the last request had to wait
        self._steps = 0  # grants to waiters since the interval was measured
        self._settled = False  # whether it had lasted when the latest 429 came
        self._trusted = False  # whether it has ever proved right
        self._doubted = False  # whether a rate was once rejected, for too few grants
        # The streak: 429s without a success in between; and what came before it.
        self._streak = 0
        self._began = 0.0
        self._last_refusal = 0.0
        self.held_until = 0.0
        self._first_wait = _BACKOFF
        self._at_mark = False  # whether the next probe comes at the end of a usual window
        self._since = 0  # grants since the last streak
        self.last_grant = 0.0
        self._recovered = 0.0  # when the first of them was sent
        self._refill = 0.0  # when it could have been sent
        # How many, as the headers say.
        self._believes = True
        self._limit: int | None = None
        self._remaining: float = math.inf
        self._reset_at = math.inf  # inf: the next answer will say

    @property
    def interval(self) -> float | None:
        """Seconds between two requests that wait; ``None`` while no limit is known."""
        return self._interval

    @property
    def burst(self) -> int:
        """How many may go at once after a quiet time."""
        return _clamp(self._period / self._measured, 1) if self._measured else 1

    @property
    def _sample(self) -> int:
        return max(_STEADY, self.burst)

    def delay(self, now: float) -> float:
        """Seconds until the next request may go: 0 for now."""
        if now + NOW < self.held_until:
            return self.held_until - now
        if self._in_flight >= self._allowance or not self._left:
            return _LONGEST  # an answer wakes the first in line
        if now >= self._reset_at:
            self._remaining = (self._limit or 1) if self._remaining > self._in_flight else 1
            self._reset_at = math.inf
        if self._in_flight >= self._remaining:
            # The next answer says where no reset is known.
            return max(self._reset_at - now, NOW) if self._reset_at < math.inf else _LONGEST
        if self._interval is None:
            return 0.0
        ready = self._due
        burst = self.burst
        if not (self.line and self._spaced) and len(self._log) >= burst:
            ready = max(ready, self._log[-burst] + burst * self._interval)
        return ready - now if ready - now > NOW else 0.0

    def opens(self, now: float) -> float | None:
        """When the next request may go; ``None`` where that depends on the answers of others."""
        if now + NOW >= self.held_until:
            if self._in_flight >= self._allowance or not self._left:
                return None
            if self._in_flight >= self._remaining and self._reset_at == math.inf:
                return None
        return now + self.delay(now)

    @property
    def window(self) -> float:
        """Seconds within which it grants something, as far as that was learned or said."""
        window = max(_LONGEST, self._period, self.held_until - self._last_refusal)
        if self._reset_at < math.inf:
            window = max(window, self._reset_at - self.last_grant)
        return window

    def reason(self, now: float) -> str:
        """What a request that may not go now is waiting for."""
        if now < self.held_until:
            return "held after a 429; a single request tries again first"
        if self._remaining <= self._in_flight:
            return "the x-ratelimit headers say that no request is left"
        if self._interval is not None and self._in_flight < self._allowance and self._left:
            rate, unit = 1 / self._interval, "second"
            if rate < 1:
                rate, unit = 60 * rate, "minute"
            return f"paced to {rate:.3g} requests a {unit}"
        return "started with a few requests; more follow when these are answered"

    def take(self, ticket: Ticket, now: float) -> None:
        """Let a request go."""
        ticket.sent, ticket.round = now, self._round
        ticket.wait, ticket.reason = 0.0, ""
        self.out.add(ticket)
        self._in_flight += 1
        self._left -= 1
        self._log.append(now)
        self._spaced = ticket.queued
        if ticket.queued and self._interval is not None:
            self._due = now + self._interval

    def _release(self, ticket: Ticket) -> bool:
        """Count a request as no longer on its way; whether it belongs to this round."""
        self.out.discard(ticket)
        if ticket.round != self._round:
            return False
        self._in_flight -= 1
        return True

    def granted(self, ticket: Ticket, now: float, limits: Limits | None) -> None:
        """Learn from an answer other than a 429."""
        if not self._release(ticket):
            return
        self._since += 1
        self.last_grant = ticket.sent
        if self._allowance >= _FREE:
            self._allowance += 1
        else:
            self._next_batch(2)
        if limits is not None and self._believes:
            self._interval, self._streak = None, 0
            fresh = self._reset_at == math.inf
            self._remaining = limits.remaining if fresh else min(self._remaining, limits.remaining)
            self._limit, self._reset_at = limits.limit, now + limits.reset
            return
        if self._reset_at == math.inf:
            self._remaining = math.inf
        if self._streak:
            self._recover(ticket.sent)
        elif self._interval is not None and ticket.queued:
            self._creep(self._interval)

    def is_asked_in(self, loop: Loop | None) -> None:
        """Note the event loop of a request."""
        if id(loop) != self.asked_in:
            self.is_shared = self.asked_in != 0
            self.asked_in = id(loop)

    def expire(self, now: float) -> None:
        """Take out the requests of event loops that have ended, as far as others wait for them."""
        if not self.is_shared:
            return
        for ticket in [ticket for ticket in self.out if has_ended(ticket.loop)]:
            ticket.estimator = None
            self.cancelled(ticket, now)
        while self.line and has_ended((first := next(iter(self.line))).loop):
            del self.line[first]  # which gets back to the head of the line should it be resumed

    def forget_requests(self) -> None:
        """Go on with what was learned, and without the requests, which are another process's."""
        for ticket in (*self.line, *self.out):
            ticket.estimator = None
        self.line.clear()
        self.out.clear()
        self._in_flight = 0
        self._left = self._allowance if self._allowance < _FREE else math.inf

    def cancelled(self, ticket: Ticket, now: float) -> None:
        """Take back a request that nothing is learned from."""
        if self._release(ticket):
            self._next_batch(1)

    def _next_batch(self, growth: int) -> None:
        """Once all that were allowed have been answered, allow ``growth`` times as many."""
        if not self._left and not self._in_flight:
            self._allowance *= growth
            self._left = self._allowance if self._allowance < _FREE else math.inf

    def refused(
        self, ticket: Ticket, now: float, limits: Limits | None, retry_after: float | None
    ) -> None:
        """Learn from a 429, and hold the endpoint."""
        if ticket.sent in self._log:
            self._log.remove(ticket.sent)
        if not self._release(ticket):
            return  # it was on its way when the hold began
        self._round += 1
        self._in_flight = 0
        self._allowance = self._left = 1
        if not self._streak:
            self._begin_streak(now)
        self._streak += 1
        self._last_refusal = now
        wait = self._backoff(now)
        asked = retry_after
        if limits is not None:
            self._believes = self._believes and not limits.remaining
            if self._believes:
                asked = max(limits.reset, retry_after or 0.0)
                self._remaining, self._limit, self._reset_at = 0, limits.limit, now + asked
        if asked is not None and asked >= 0:
            self._at_mark = True
            wait = asked if self._streak == 1 else max(asked, wait)
        self.held_until = now + min(wait, LONGEST_HOLD)

    def _begin_streak(self, now: float) -> None:
        self._first_wait = _BACKOFF
        if self._interval is not None:
            self._settled = self._steps >= 2 * self._sample
            self._trusted = self._trusted or self._settled or self._at_mark
            if 0 < self._since < self.burst:
                span = self.last_grant - self._recovered + self._refill - self._began
                self._interval = self._measured = max(self._interval, span / self._since)
                self._period = self._since * self._interval
            self._first_wait = self._measured if self._trusted else max(_BACKOFF, self._measured)
        self._began = now
        self._since = 0

    def _backoff(self, now: float) -> float:
        """Seconds until the next probe."""
        growth = 2.0 if self._trusted else 3.0
        wait = min(_LONGEST, self._first_wait * growth ** min(self._streak - 1, 20))
        wait *= self._random.uniform(1.0, 1.2)
        self._at_mark = False
        if self._log:
            for window in _WINDOWS:
                to_mark = self._log[-1] + window * _MARGIN - now
                if 0 < to_mark <= wait:
                    self._at_mark = True
                    return to_mark
        return wait

    def _recover(self, sent: float) -> None:
        """Measure the rate, now that a request sent at ``sent`` ended a streak of refusals."""
        # When the server was ready again: at a usual moment, or between the last two probes.
        self._refill = (
            sent if self._at_mark and not self._trusted else (sent + self._last_refusal) / 2
        )
        self._recovered = sent
        self._streak = 0
        before = [time for time in self._log if time < sent]
        if self._interval is None:
            grants = sum(time > self._began - _LONGEST for time in before)
            if grants < _START and not self._doubted:
                self._doubted = True  # others had used the limit up; see how many are granted
                return
            grants = burst = max(1, grants)
        else:
            grants = min(self._sample, len(before))
            burst = _clamp(self._period / self._interval, 1)
        start = before[-grants] if before else self._began
        measured = (self._refill - start) / grants
        self._interval = self._measured = max(self._interval or 0.0, measured, _NO_LIMIT)
        if not self._settled:
            self._period = burst * self._interval
        self._due = sent + self._interval
        self._steps = 0

    def _creep(self, interval: float) -> None:
        """Go a little faster after each request that waited and succeeded."""
        self._steps += 1
        rise = min(_STEEPEST, _CREEP * 2.0 ** min(self._steps // self._sample, 20))
        interval /= 1 + rise / self._sample
        self._interval = interval if interval > _NO_LIMIT else None


def _clamp(number: float, least: int) -> int:
    return max(least, min(_RECALL, round(number)))
