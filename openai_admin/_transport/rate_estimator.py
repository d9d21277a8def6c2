"""Learn how fast each endpoint answers, and say how long to wait before the next request.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. How a rate is learned, in plain words:

1. **Start.** Four requests go at once, and each that passes lets two more go. A request that hangs
   costs one of these places, for a second, and if what follows hangs too, for less. A healthy
   server is soon not limited.
2. **Headers.** Where answers carry ``x-ratelimit-*-requests`` headers, they are believed: as
   many requests go as are said to remain, then none until the stated reset (`rate_headers`).
3. **A 429 holds what it refused.** While no rate is known, a request of another path goes at
   once, and if it passes the others are free (`rate_fresh`). Else all waiters of the endpoint are
   held. A single request tries again (a *probe*) after ``Retry-After``; or else, where requests
   had passed, 1, 3, 10, 30 and 60 s after the last of them, and where none ever did, after 1 s,
   4 s, 16 s … (jittered, at most 60 s) (`rate_refusals`).
4. **The probe asks something else.** It goes to another path than those refused, where one waits.
   If others pass and a path is refused again, it is limited by itself: `RateGroups` gives it a
   line and a rate of its own, and it holds the others no more. Endpoints that were refused at the
   same time share a line and a rate likewise, until one of them is refused while others pass.
5. **A single refusal may mean nothing.** If one request was refused, and what was on its way with
   it and the probe passed, no rate is learned; the places are halved.
6. **The first success shows the rate.** So many requests were granted, and then none for so
   long: that is about the server's rate (`rate_pace`). Others may have used up that window: the
   second is used to its end, one request at a time beyond what the first granted, and what it
   grants counts. Its end is looked for in the middle of what is possible, then at the longest
   that was possible, then twice as late, and so on. Where many passed and soon pass again, the
   limit is taken for one by the second.
7. **Evenly from then on.** Requests that have to wait go at that rate, evenly spaced, which suits
   fixed windows, sliding windows and token buckets alike; what a late wake missed is made up for.
   After a quiet time as many as were granted at once before may go at once again.
8. **Too fast** shows in the next 429: held again, the rate is measured anew over the last
   grants. If even fewer were granted since the 429 before than fit in one burst, the server
   hands out its grants one by one, and those few show the rate.
9. **Too slow** is found by creeping up: while requests wait and succeed, the rate rises by 5.7 %
   over a burst's worth of grants (at least eight), then twice that, up to 36 %; where it is only
   roughly known, nearly three times as fast. A limit that has not
   changed is exceeded by a single request now and then; one that was raised is found in a few
   rounds. Where most of a proven rate was lost, as to another process, it rises by a part of what
   it was, so that two processes come to equal shares.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from random import Random

from .loops import Loop
from .rate_fresh import Fresh
from .rate_headers import Limits, Quota
from .rate_line import Line, Waiter
from .rate_pace import NOW, START, Pace, Rate
from .rate_refusals import LONGEST, Streak

_USUAL = 10  # requests that the API is known to grant in a minute; until then places are few
_GROWTH = 0.25  # places that each answer adds until then
# Places that requests open which wait for one of the client's besides; more would only wait there.
_CROWDED = 32
_OVERDUE = 5.0  # s after which a request without an answer holds no place any more
# The same while no limit is known; half of that once one was overdue, and so on down to the last.
_OVERDUE_FIRST, _OVERDUE_LAST = 1.0, 0.25
_NEIGHBOURS = 3  # that pass before a path that was refused is tried again, where others wait
_CONFIRMED = 3  # refusals in a row before what is known to share a limit is limited by itself
_SUSPECTS = 64  # paths remembered as refused; the oldest are forgotten


class Ticket(Waiter):
    """The place of one request: in the line of its endpoint, or on its way.

    Attributes:
        estimator: what it waits for or has asked; ``None`` once it is closed.
        wait: 0 when the request may go; else seconds after which to call `RateLimiter.renew`.
        reason: what it waits for, in words; empty when it does not wait.
        wake: set by the waiter; called when `RateLimiter.renew` should be called sooner, from any
            thread and outside of the rate limiter's lock.
        queued: whether it had to wait.
        until: when the waiter asks again by itself.
        sent: when it went.
        loop: the event loop of its task.
        has_lapsed: whether it was closed in line, since that had ended.
        is_crowded: set where it waits for one of the client's places once it may go.
    """

    __slots__ = (
        "estimator",
        "has_lapsed",
        "is_crowded",
        "loop",
        "queued",
        "reason",
        "sent",
        "until",
        "wait",
        "wake",
    )

    def __init__(
        self,
        estimator: RateEstimator,
        key: Hashable,
        path: Hashable,
        lane: Hashable,
        loop: Loop | None = None,
    ) -> None:
        self.estimator: RateEstimator | None = estimator
        self.loop = loop
        self.has_lapsed = self.is_crowded = False
        self.key, self.path, self.lane = key, path, lane
        self.number, self.queue = 0, None
        self.wait = 0.0
        self.reason = ""
        self.wake: Callable[[], None] | None = None
        self.queued = False
        self.until = 0.0
        self.sent = 0.0


class RateEstimator:
    """What is known about endpoints that are limited together: who is sent, who waits, the rate.

    Attributes:
        keys: the endpoints.
        line: the requests that wait.
        pace: the rate, learned from refusals.
        streak: the refusals since the latest grant.
        quota: what the headers say.
        out: requests on their way.
        used: when it was last asked.
        is_shared: whether requests of several event loops were among them.
        last_grant: when the newest of the requests that passed was sent.
        paces: the rate of each endpoint alone, where several are taken to share a limit.
        is_confirmed: whether these were found to be refused together again.
        is_left: whether its endpoints wait for another one since.
        told: until when the server asked the paths of the latest streak to wait.
    """

    def __init__(self, random: Random, key: Hashable, pace: Pace | None = None) -> None:
        self.keys = {key}
        self.line: Line[Ticket] = Line()
        self.pace = pace or Pace()
        self.paces: dict[Hashable, Pace] = {}
        self.is_confirmed = self.is_left = False
        self.streak = Streak(random)
        self.quota = Quota()
        self.out: set[Ticket] = set()
        self.used = 0.0
        self.is_shared = False
        self._asked_in = 0  # the id of the event loop that asked last
        self.last_grant = -math.inf
        # How many at once. A 429 begins a new round; what was sent before no longer counts.
        self._places: float = START
        self._places_before: float = START
        self._answered = 0
        self._in_flight: OrderedDict[Ticket, None] = OrderedDict()
        self._overdue: set[Ticket] = set()
        self._overdue_after = _OVERDUE_FIRST
        self._replaced = 0.0  # when a place last became free without an answer
        # Who was refused how often and has not passed since; how many others passed since.
        self._suspects: dict[Hashable, int] = {}
        self._counted: set[Hashable] = set()  # in this streak
        # Who began the latest streaks, and the rate before; it holds if that is limited by itself.
        self._blamed: tuple[set[Hashable], Rate] | None = None
        self._passed = 0
        self._fresh = Fresh()
        self.told: dict[Hashable, float] = {}
        # The endpoint that goes alone after the first refusals of several, to see if it is they.
        self._trying: Hashable = None

    @property
    def held_until(self) -> float:
        """Until when a 429 holds the endpoint; it never becomes earlier."""
        return self.streak.held_until

    def unit(self, ticket: Ticket) -> Hashable:
        """What of this may be limited by itself: one of several endpoints, or a path of one."""
        return ticket.key if len(self.keys) > 1 else (ticket.key, ticket.path)

    def first(self) -> Ticket:
        """Who goes next."""
        if self._suspects and (self.streak.count or self._passed < _NEIGHBOURS):
            other = self._untried()
            if other is not None:
                return other
        if self._trying is not None:
            same = self.line.first_of(self._trying)
            if same is not None:
                return same
        return self.line.first()

    def _untried(self) -> Ticket | None:
        """Somebody who asks what was not refused lately; first what nobody asked in a streak."""
        other = None
        if self._fresh.asked:
            other = self.line.other_than(self._suspects, self._fresh.asked)
        return other or self.line.other_than(self._suspects)

    def _is_untried(self, ticket: Ticket | None) -> bool:
        """Whether what goes next was not refused: the one that asks, where nobody waits."""
        if ticket is None or self.line.waiting:
            return self._untried() is not None
        return self.unit(ticket) not in self._suspects

    def held(self, now: float, ticket: Ticket | None = None) -> float:
        """Seconds that a 429 holds the next request.

        Args:
            now: the time.
            ticket: the one that asks, where nobody waits.
        """
        until = self.streak.held_until
        if now + NOW >= until:
            return 0.0
        if self.streak.count and self._fresh.is_open and self._is_untried(ticket):
            until = min(until, self._fresh.at)
        return until - now if now + NOW < until else 0.0

    def delay(self, now: float, ticket: Ticket | None = None) -> float:
        """Seconds until the next request may go: 0 for now.

        Args:
            now: the time.
            ticket: the one that asks, where nobody waits.
        """
        if wait := self.held(now, ticket):
            return wait
        if len(self._in_flight) >= self._places and (wait := self._until_overdue(now)):
            return wait
        in_flight = len(self._in_flight)
        if self.quota.remaining < math.inf and self.quota.is_used_up(now, in_flight):
            # The next answer says where no reset is known.
            reset = self.quota.reset_at
            return max(reset - now, NOW) if reset < math.inf else LONGEST
        if self.pace.interval is None:
            return 0.0
        alone = self._trying
        if self.paces and len(self.keys) == 1:  # the others were separated
            (alone,) = self.keys
        pace = self.pace if alone is None else self.paces[alone]
        return pace.delay(now, waiting=self.line.waiting > 0, in_flight=in_flight)

    def _until_overdue(self, now: float) -> float:
        """Seconds until a request that hangs holds its place no more; 0 if one is free."""
        while len(self._in_flight) >= self._places:
            oldest = next(iter(self._in_flight))
            overdue = oldest.sent + (self._overdue_after if self.is_unlimited else _OVERDUE)
            if now + NOW < overdue:
                return overdue - now
            if oldest.sent >= self._replaced:
                self._overdue_after = max(_OVERDUE_LAST, self._overdue_after / 2)
                self._replaced = now
            del self._in_flight[oldest]
            self._overdue.add(oldest)
        return 0.0

    def opens(self, now: float) -> float | None:
        """When the next request may go; ``None`` where that depends on the answers of others."""
        wait = self.delay(now)
        if not self.held(now):
            if len(self._in_flight) >= self._places:
                return None
            if len(self._in_flight) >= self.quota.remaining and self.quota.reset_at == math.inf:
                return None
            if not self.is_paced:
                return None
            if self.pace.is_counting(now):
                return now  # each answer lets the next go
        return now + wait

    @property
    def is_paced(self) -> bool:
        """Whether anything is known that limits it; else only answers are waited for."""
        return not self.is_unlimited or self.quota.remaining < math.inf

    def closed_until(self, now: float) -> float:
        """Until when it is certain to take nothing: that was told, or the pace was measured."""
        if held := self.held(now):
            return min(self.streak.told_until, now + held)
        opens = self.opens(now)
        return now if opens is None else opens

    @property
    def window(self) -> float:
        """Seconds within which it grants something, as far as that was learned or said."""
        window = max(LONGEST, self.pace.period, self.streak.held_until - self.streak.latest)
        if self.quota.reset_at < math.inf:
            window = max(window, self.quota.reset_at - max(self.last_grant, self.streak.latest))
        return window

    def reason(self, now: float) -> str:
        """What a request that may not go now is waiting for."""
        if self.held(now) or (self.streak.count and self.pace.interval is None):
            return "held after a 429; a single request tries again first"
        if self.quota.remaining <= len(self._in_flight):
            return "the x-ratelimit headers say that no request is left"
        interval = self.pace.interval
        if interval is not None and len(self._in_flight) < self._places:
            rate, unit = 1 / interval, "second"
            if rate < 1:
                rate, unit = 60 * rate, "minute"
            return f"paced to {rate:.3g} requests a {unit}"
        return "started with a few requests; more follow when these are answered"

    @property
    def is_unlimited(self) -> bool:
        """Whether no limit is known."""
        return self.pace.interval is None and not self.streak.count

    def take(self, ticket: Ticket, now: float) -> None:
        """Let a request go."""
        ticket.sent, ticket.wait, ticket.reason = now, 0.0, ""
        self.out.add(ticket)
        self._in_flight[ticket] = None
        self.pace.log.append(now)
        if self.streak.count and self._fresh.is_open:
            unit = self.unit(ticket)
            self._fresh.sent(ticket, unit, is_untried=unit not in self._suspects)
        if self.pace.interval is not None:
            self.pace.sent(now, queued=ticket.queued)
        if self.paces:
            own = self.paces[ticket.key]
            own.log.append(now)
            own.sent(now, queued=ticket.queued)

    def _release(self, ticket: Ticket) -> bool:
        """Count a request as no longer on its way; whether it belongs to this round."""
        self.out.discard(ticket)
        if ticket in self._in_flight:
            del self._in_flight[ticket]
            return True
        if ticket in self._overdue:
            self._overdue.remove(ticket)
            return True
        return False

    def is_asked_in(self, loop: Loop | None) -> None:
        """Note the event loop of a request."""
        if id(loop) != self._asked_in:
            self.is_shared = self._asked_in != 0
            self._asked_in = id(loop)

    def forget_requests(self) -> None:
        """Go on with what was learned, and without the requests, which are another process's."""
        for ticket in (*self.line, *self.out):
            ticket.estimator = None
        self.line = Line()
        for each in (self.out, self._in_flight, self._overdue):
            each.clear()

    def cancelled(self, ticket: Ticket) -> None:
        """Take back a request that nothing is learned from."""
        self._release(ticket)

    def granted(self, ticket: Ticket, now: float, limits: Limits | None) -> None:
        """Learn from an answer other than a 429."""
        if not self._release(ticket) and not (self.streak.count and ticket in self._fresh.probes):
            self.streak.granted += 1
            return
        self.last_grant = max(self.last_grant, ticket.sent)
        self._answered += 1
        self._overdue_after = _OVERDUE_FIRST
        if not ticket.is_crowded or self._places < _CROWDED:
            self._places += _GROWTH if self._answered < _USUAL else 1
        self._passed += 1
        if self._suspects and self._suspects.pop(self.unit(ticket), 0):
            self._fresh.is_common = True  # it was no fault of the path
        if limits is not None and self.quota.is_believed:
            self.pace.forget()
            self.streak.count = 0
            self.quota.granted(now, limits)
            return
        if self.quota.remaining < math.inf:
            self.quota.granted_untold()
        if self.pace.interval is None and not self.paces:
            self.pace.since += 1
            self.pace.grants += 1
        else:
            is_paced = self.pace.interval is not None
            for pace in self._paces_of(ticket):
                pace.granted(queued=ticket.queued and not self.streak.count)
            if is_paced and self.pace.interval is None:
                self._places = max(START, len(self._in_flight) + 1.0)
        if self.streak.count:
            self._recover(ticket)
            self._trying = None if len(self.keys) == 1 or self.is_confirmed else ticket.key

    def _recover(self, ticket: Ticket) -> None:
        """Go on after a streak of refusals, now that a request has passed."""
        streak, pace, sent = self.streak, self.pace, ticket.sent
        streak.held_until = min(streak.held_until, ticket.sent)
        self.told = self._fresh.until.copy()
        if self._fresh.is_open:
            self._in_flight.clear()  # the other paths tried with it say nothing about the rest
        if self._fresh.is_first(ticket) or (streak.is_alone and pace.is_stray(sent)):
            streak.count = self._answered = 0
            self._places = max(1.0, self._places_before / 2)
            return
        refill = streak.end(sent, trusted=pace.trusted)
        if pace.trusted and pace.interval is not None:
            self._places = max(self._places, self._places_before / 2)
        for each in (pace, *self.paces.values()):
            each.measure(
                sent, refill, began=streak.began, refused=streak.latest, at_mark=streak.at_mark
            )

    def _paces_of(self, ticket: Ticket) -> tuple[Pace, ...]:
        """Those that learn from a request: the common one, and its endpoint's own."""
        own = self.paces.get(ticket.key)
        return (self.pace,) if own is None else (self.pace, own)

    def is_apart(self, ticket: Ticket) -> bool:
        """Whether a request that was refused is limited by itself: its neighbours pass."""
        if self.streak.count or not self._passed or ticket not in self._in_flight:
            return False
        if len(self.keys) > 1:
            needed = _CONFIRMED if self.is_confirmed else 0
        elif self.pace.interval is None:
            needed = 1
        else:
            is_doubted = self._fresh.is_open and not self._fresh.is_common
            needed = 1 if is_doubted and self._passed >= _NEIGHBOURS else _CONFIRMED
        return self._suspects.get(self.unit(ticket), 0) >= needed

    def refused(
        self, ticket: Ticket, now: float, limits: Limits | None, retry_after: float | None
    ) -> None:
        """Learn from a 429, and hold the endpoint."""
        streak, pace = self.streak, self.pace
        for each in self._paces_of(ticket):
            each.not_granted(ticket.sent)
        unit = self.unit(ticket)
        if not self._release(ticket):
            self._suspect(unit)
            self._fresh.told(unit, now, retry_after)
            streak.refused += 1
            return  # it was on its way when the hold began
        if not streak.count:
            self._counted.clear()
            if self._blamed is None or unit not in self._blamed[0]:
                self._blamed = {unit}, pace.rate
            self._fresh.begin(
                (self.unit(each) for each in self._in_flight),
                is_open=pace.interval is None and len(self.keys) == 1,
                is_new=self.last_grant == -math.inf,
            )
            self._places_before = self._places
            for each in (*self.paces.values(), pace):
                first_wait, ends = each.refused(
                    began=streak.began, granted=self.last_grant, at_mark=streak.at_mark
                )
            streak.begin(
                now,
                first_wait,
                trusted=pace.trusted,
                is_open=pace.interval is None and self.last_grant > -math.inf,
                ends=ends,
            )
        is_first = unit not in self._counted
        self._suspect(unit)
        self.begin_round()
        asked = retry_after
        if limits is not None:
            asked = self.quota.refused(now, limits, retry_after)
        self._fresh.told(unit, now, asked)
        granted = pace.log[-1] if pace.log else None
        usual = streak.add(now, granted=granted, asked=asked, free=self._fresh.free)
        if self._fresh.is_open and is_first:
            self._places = self._fresh.refused(now, usual)

    def begin_round(self) -> None:
        """Let what is on its way no longer count; a single request goes next."""
        self._in_flight.clear()
        self._overdue.clear()
        self._places = 1
        self._passed = 0

    def _suspect(self, unit: Hashable) -> None:
        """Count a refusal against an endpoint or a path, one for each streak."""
        counted = unit in self._counted
        self._suspects[unit] = self._suspects.pop(unit, 0) + (not counted)
        self._counted.add(unit)
        if self._blamed is not None and self._fresh.is_open:
            self._blamed[0].add(unit)
        if len(self._suspects) > _SUSPECTS:
            del self._suspects[next(iter(self._suspects))]

    # --- what is limited together changes -------------------------------------------------

    def separate(self, unit: Hashable, other: RateEstimator) -> None:
        """Let an endpoint, or one of its paths, wait for another estimator."""
        self._trying = None
        self._suspects.pop(unit, None)
        self.keys.discard(unit)
        if self._blamed is not None and unit in self._blamed[0]:
            self.pace.rate = self._blamed[1]
        if self.paces.pop(unit, None) is not None:
            other.last_grant = self.last_grant
            other.streak.began, other.streak.at_mark = self.streak.began, self.streak.at_mark
            self._places = 1  # the next answers say whether the others pass
        for ticket in (*self._in_flight, *self._overdue):
            if unit in (ticket.key, (ticket.key, ticket.path)) and ticket.estimator is not None:
                other.adopt(ticket, self)
        for ticket in self.line.those_of(unit):
            self._move(ticket, other)

    def be_alone(self) -> None:
        """Go on with the rate of the only endpoint that is left."""
        if len(self.keys) == 1 and self.paces:
            self.pace, self.paces = self.paces.popitem()[1], {}
            self._trying = None
            self._suspects.clear()

    def adopt(self, ticket: Ticket, other: RateEstimator) -> None:
        """Take over a request that was sent for another; it belongs to no round here."""
        other._release(ticket)
        self.out.add(ticket)
        if ticket.estimator is not None:
            ticket.estimator = self

    def blame(self, ticket: Ticket, other: RateEstimator) -> None:
        """Take over a request whose refusal counts here rather than there."""
        self.adopt(ticket, other)
        self._in_flight[ticket] = None
        other.pace.not_granted(ticket.sent)
        other._passed = 0

    def join(self, other: RateEstimator) -> None:
        """Take everything over from another that is limited with this one."""
        if self.paces:  # the other was separated for a while, and its requests were noted here
            log = list((Counter(self.pace.log) | Counter(other.pace.log)).elements())
        else:
            (key,) = self.keys
            log = [*self.pace.log, *other.pace.log]
            self.paces, self.pace = {key: self.pace}, Pace()
        self.pace.log.clear()
        self.pace.log.extend(sorted(log))
        joining = other.paces or dict.fromkeys(other.keys, other.pace)
        self.paces |= joining
        for pace in joining.values():
            pace.since = 0
        self.keys |= other.keys
        self._fresh.is_open = False
        self._suspects = dict.fromkeys(other.keys, 1)
        self.last_grant = max(self.last_grant, other.last_grant)
        self.take_back(other)

    def take_back(self, other: RateEstimator) -> None:
        """Let the requests that wait for another wait here."""
        for ticket in list(other.line):
            other._move(ticket, self)
        other.begin_round()
        other.is_left = True

    def _move(self, ticket: Ticket, other: RateEstimator) -> None:
        again = self.line.is_again(ticket)
        self.line.remove(ticket)
        ticket.estimator = other
        other.line.add(ticket, again=again)
