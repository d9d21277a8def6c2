"""The pace of an endpoint: what is learned from when it grants and when it refuses."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque

from .rate_refusals import BACKOFF, LONGEST

START = 4  # requests in flight before the first answers
_STEADY = 8  # the fewest grants that a rate is measured over and kept for
_CREEP = 0.057  # the first rise of a rate
_STEEPEST = 0.36  # the largest rise of a rate
_ADDED = 0.5  # requests by which a period grows at least, where it grants few
_NO_LIMIT = 0.001  # s between requests; a shorter interval counts as no limit
_RECALL = 1_024  # grants remembered for each endpoint
_FADE = 0.92  # what is kept of the highest rate at each refusal
_LOST = 2.0  # times that the rate was higher before, where another process is likely
_STRAY = 100  # grants between two lone refusals that show no limit
_MANY = 16  # grants in a second that show a limit by the second
_SECOND = 1.01  # s; a window of a second, and a little
_SOON = 1.25  # s after the first refusal in which a request passes again where that is so
_DOUBLED = 4  # times that the end of a window is looked for
_WIDE = 1.5  # times the shortest that a window may be, beyond which its middle is tried first
_GUESS_CREEP = 0.16  # the same while a rate is only roughly known
_LATE = 0.1  # s of a late wake that the next requests make up for
NOW = 1e-6  # s; a shorter wait counts as none


Rate = tuple[float | None, float, float]
"""The interval, the same when it was last measured, and the period."""


class Pace:
    """How fast requests may go, as far as that is known.

    Attributes:
        interval: seconds between two requests that wait; ``None`` while no limit is known.
        period: the seconds in which a burst is granted.
        log: when the latest requests were sent, without those that were refused.
        since: the grants since the latest streak of refusals.
        grants: all grants.
        trusted: whether the rate has ever proved right.
    """

    def __init__(self) -> None:
        self.interval: float | None = None
        self.period = 0.0
        self.log: deque[float] = deque(maxlen=_RECALL)
        self.since = 0
        self.trusted = False
        self._strayed = -_STRAY  # the grants counted when a lone refusal last came
        self.grants = 0
        self._measured = 0.0  # the interval when it was last measured
        self._best = 0.0  # the highest rate that was measured, which fades
        self._due = 0.0
        self._ready = 0.0  # when the last request might have gone
        self._spaced = False  # whether the last request had to wait
        self._steps = 0  # grants to waiters since the interval was measured
        self._settled = False  # whether it had lasted when the latest 429 came
        self._recovered = -math.inf  # when the first grant since the latest streak was sent
        self._refill = 0.0  # when it could have been sent
        # The second window is used up to its end, to see whether others used up the first.
        self._expected = 0  # the grants of the first; 0 when the second is over
        self._counted = 0  # how many the second has shown there are
        self._guess = False  # whether the rate is known only roughly, so that it rises sooner
        self._drips = False  # whether the server hands out its grants one by one
        self._lately = 0  # grants between the two latest streaks
        self._bracket = (0.0, 0.0)  # s; the least and the most that the window may be
        self._windowed = False  # whether it was a window of the server

    @property
    def rate(self) -> Rate:
        """What was learned, to go back to it."""
        return self.interval, self._measured, self.period

    @rate.setter
    def rate(self, rate: Rate) -> None:
        self.interval, self._measured, self.period = rate
        if self.interval is None:
            self._expected = 0

    @property
    def burst(self) -> int:
        """How many may go at once after a quiet time."""
        return _clamp(self.period / self._measured) if self._measured else 1

    @property
    def _is_behind(self) -> bool:
        """Whether it has lost most of a rate that it had, as to another process."""
        return self._best * (self.interval or 0.0) > _LOST

    @property
    def _sample(self) -> int:
        return max(_STEADY, self.burst)

    def delay(self, now: float, *, waiting: bool, in_flight: int) -> float:
        """Seconds until the next request may go: 0 for now.

        Args:
            now: the time.
            waiting: whether requests wait.
            in_flight: how many are on their way.
        """
        if self._expected:
            if (left := self._recovered + self.period - now) > NOW:
                free = not in_flight or 1 < self.since < self._expected - in_flight
                return 0.0 if free else left  # or until an answer wakes the first in line
            self._end_count(max(self.since, self._expected))
        if self.interval is None:
            return 0.0
        ready = self._due
        burst = self.burst
        if not (waiting and self._spaced) and len(self.log) >= burst:
            ready = max(ready, self.log[-burst] + burst * self.interval)
        self._ready = ready
        return ready - now if ready - now > NOW else 0.0

    def is_counting(self, now: float) -> bool:
        """Whether the second window is being used up, so that the rate may still prove another."""
        return bool(self._expected) and now < self._recovered + self.period

    def is_measured(self, now: float) -> bool:
        """Whether the rate is known well enough to say when the turn of one that waits comes."""
        return self.interval is not None and self.trusted and not self.is_counting(now)

    def sent(self, now: float, *, queued: bool) -> None:
        """Note a request that was sent, and whether it had to wait."""
        self._spaced = queued
        if queued and self.interval is not None:
            self._due = max(self._ready, now - _LATE) + self.interval

    def granted(self, *, queued: bool) -> None:
        """Go a little faster after each request that waited and passed."""
        self.since += 1
        self.grants += 1
        if self.interval is None or self._expected or not queued:
            return
        self._steps += 1
        creep = _GUESS_CREEP if self._guess else _CREEP
        rise = min(_STEEPEST, creep * 2.0 ** min(self._steps // self._sample, 20)) / self._sample
        # As much for a small share of a limit as for a large one: so two processes get equal.
        if self._windowed or self._is_behind:
            size = max(1.0, self.period / self.interval)
            if size < _STEADY:
                rise = max(rise, _ADDED / size**2)
        if self._is_behind:
            rise = min(_STEEPEST, rise * self._best * self.interval)
        interval = self.interval / (1 + rise)
        self.interval = interval if interval > _NO_LIMIT else None

    def not_granted(self, sent: float) -> None:
        """Take a refused request out of what was granted."""
        if sent in self.log:
            self.log.remove(sent)

    def refused(
        self, *, began: float, granted: float, at_mark: bool
    ) -> tuple[float, tuple[float, ...]]:
        """Learn from the first 429 of a streak.

        Args:
            began: when the streak before it began.
            granted: when the latest request that passed was sent.
            at_mark: whether the probe that ended that streak was sent at a told or usual moment.

        Returns:
            Seconds until the first probe, and when the server may grant again, in ascending order,
            if that is known.
        """
        since, self.since = self.since, 0
        self._lately, self._guess = since, False
        if self.interval is None:
            return BACKOFF, ()
        if self._expected and since >= (self._expected / 2 if at_mark else self._expected):
            self._end_count(since)
            self._counted = since
            self.trusted = True
            self._windowed = at_mark
            return BACKOFF, self._ends(at_mark)
        is_within = granted - self._recovered < self.period  # else a window may have ended
        self._best *= _FADE
        if since >= self.burst and not is_within:
            self._best = max(self._best, 1 / self._measured)
        self._expected = 0
        self._settled = self._steps >= 2 * self._sample
        is_first, self.trusted = not self.trusted, self.trusted or self._settled or at_mark
        is_within = granted - self._recovered < self.period
        if (
            is_first and is_within and 0 < since < self.burst
        ):  # the server hands out its grants one by one
            span = granted - self._recovered + self._refill - began
            interval = span / since
            if self.burst > _MANY:
                interval = min(interval, 4 * self.interval)
            self.interval = self._measured = max(self.interval, interval)
            self.period = since * self.interval
            self._drips = True
        return self._measured if self.trusted else max(BACKOFF, self._measured), ()

    def _ends(self, is_usual: bool) -> tuple[float, ...]:
        """When the second window may end: in the middle of what is possible, at its end, or later.

        Later is where the first had begun before the first request.
        """
        least, most = self._bracket
        if is_usual:
            return (self._recovered + self.period,)
        tried = [most * 2**times for times in range(_DOUBLED)]
        if most > _WIDE * least > 0:
            tried.insert(0, math.sqrt(least * most))
        return tuple(self._recovered + end for end in tried)

    def _end_count(self, grants: int) -> None:
        """End the second window, with so many grants."""
        self._expected = 0
        self.interval = self._measured = max(self.period / grants, _NO_LIMIT)

    def is_stray(self, sent: float) -> bool:
        """Whether a lone refusal shows no limit: none is known, and the last one was long ago.

        Args:
            sent: when the request was sent that passed after it.
        """
        if self.interval is not None or self.grants - self._strayed < _STRAY:
            return False
        self._strayed, self._recovered = self.grants, sent
        return True

    def measure(
        self, sent: float, refill: float, *, began: float, refused: float, at_mark: bool
    ) -> None:
        """Measure the rate, when a request has passed again.

        Args:
            sent: when that request was sent.
            refill: when the server was ready again.
            began: when the streak of refusals began.
            refused: when the latest of them came.
            at_mark: whether that request was sent at a told or usual moment.
        """
        since = max(began - LONGEST, self._recovered)
        if self._is_behind:
            refill = min(refill, refused + 1 / self._best)
        counted_from, self._refill, self._recovered = self._recovered, refill, sent
        before = [time for time in self.log if time < sent]
        first = self.interval is None
        if first:
            grants, span = self._first_window(before, since, refill, began)
            burst = max(1, grants)
        else:
            burst = _clamp(self.period / (self.interval or 1))
            grants, span = self._latest_grants(before, burst, refill, began)
        interval = max(self.interval or 0.0, _NO_LIMIT)
        if not self._counted:
            interval = max(interval, span / max(1, grants))
        elif not self._windowed or refused > counted_from + self.period:
            if refused > counted_from + self._bracket[1]:
                refill = sent
            interval = max((refill - counted_from) / self._counted, _NO_LIMIT)
            self.period = interval * self._counted
            self._guess = True
        self.interval = self._measured = interval
        self._counted = 0
        if first or not (self._settled or burst > _MANY):
            self.period = burst * interval
        self._due = sent + interval
        self._steps = 0
        if first:
            self._expected = burst
            last = before[-1] if grants else began
            # What passed may have been sent after the refusal came, while others were on their way.
            least = max(refused - last, 0.0)
            self._bracket = least, sent - (before[-grants] if grants else began)

    def _first_window(
        self, before: list[float], since: float, refill: float, began: float
    ) -> tuple[int, float]:
        """The grants of what is taken for the server's window, and its seconds."""
        if self._recovered - began < _SOON and (many := _latest(before, 1.0)) > _MANY:
            return many, _SECOND
        grants = sum(time >= since for time in before)
        return grants, refill - (before[-grants] if grants else began)

    def _latest_grants(
        self, before: list[float], burst: int, refill: float, began: float
    ) -> tuple[int, float]:
        """The grants that a rate is measured over again, and the seconds from the first on."""
        grants = min(self._sample, len(before))
        if self._drips and self._lately:
            grants = min(grants, self._lately)
            self._guess = grants < _STEADY
        span = refill - (before[-grants] if grants else began)
        if burst > _MANY and 0 < (latest := _latest(before, self.period)) < grants:
            # There was a hold in the sample, or a start with few places.
            shorter = refill - before[-latest]
            if shorter / latest < span / grants:
                return latest, shorter
        return grants, span

    def forget(self) -> None:
        """Forget the rate, as the server tells how many requests may go."""
        self.interval, self._expected = None, 0


def _clamp(number: float) -> int:
    return max(1, min(_RECALL, round(number)))


def _latest(times: list[float], seconds: float) -> int:
    """How many of ascending times lie in the last seconds of them."""
    return len(times) - bisect_left(times, times[-1] - seconds) if times else 0
