"""The line before each endpoint: who may send a request now, and who waits how long.

Everything here is plain arithmetic: the time comes in as an argument (seconds of a monotonic
clock), nothing sleeps, and randomness is injected. What an endpoint grants is learned in `pace`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from random import Random

from .limits import Limits
from .pace import NOW, Pace, Slot

_ROOM = 256  # endpoints remembered before those not used for longest are forgotten
_STAGGER = 0.05  # s between the safety nets of waiters whose turn is unknown


class Pacer:
    """The paces of all endpoints; one for the process, to be used from any thread.

    A request's way: `ask`, then (while ``slot.wait``) sleep that long or until woken and
    `renew`; once it is 0 send, and close the slot with exactly one of `granted`, `refused` and
    `cancel`. Closing a slot twice does no harm.

    Args:
        random: where the jitter of probes comes from.
    """

    def __init__(self, *, random: Random | None = None) -> None:
        self._random = random or Random()  # noqa: S311 - jitter is no secret
        self._paces: dict[Hashable, Pace] = {}
        self._lock = threading.Lock()  # event loops of several threads share one pacer

    def ask(self, key: Hashable, now: float, *, again: bool = False) -> Slot:
        """Ask to send a request to the endpoint ``key``.

        Args:
            key: what is limited together, such as endpoint template, host and key fingerprint.
            now: seconds of a monotonic clock, the same for all calls.
            again: whether the request was refused before; then it waits at the head of the line.
        """
        with self._lock:
            pace = self._paces.get(key)
            if pace is None:
                pace = self._open(key)
            pace.used = now
            slot = Slot(pace)
            if not pace.line and not pace.delay(now):
                pace.take(slot, now)
                return slot
            slot.queued = True
            if pace.line:
                first, last = next(iter(pace.line)), next(reversed(pace.line))
                slot.number = first.number - 1 if again else last.number + 1
            pace.line[slot] = None
            if again:
                pace.line.move_to_end(slot, last=False)
            self._plan(pace, slot, now)
        return slot

    def renew(self, slot: Slot, now: float) -> float:
        """Ask again: 0 when the request may go, else the seconds to wait."""
        woken = None
        with self._lock:
            pace = slot.pace
            if pace is None or slot not in pace.line:
                return 0.0
            if next(iter(pace.line)) is slot and not pace.delay(now):
                del pace.line[slot]
                pace.take(slot, now)
                woken = self._next(pace, now)
            else:
                self._plan(pace, slot, now)
        _wake(woken)
        return slot.wait

    def held_until(self, slot: Slot) -> float:
        """Before when nobody goes after a 429, on the monotonic clock; never put forward."""
        pace = slot.pace
        return pace.held_until if pace is not None else 0.0

    def granted(self, slot: Slot, now: float, limits: Limits | None = None) -> None:
        """Close the slot of a request that the server let pass, whatever it answered."""
        self._close(slot, now, lambda pace: pace.granted(slot, now, limits))

    def refused(
        self,
        slot: Slot,
        now: float,
        *,
        retry_after: float | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Close the slot of a request that was answered with 429.

        Args:
            slot: the request's.
            now: the time.
            retry_after: the seconds that a ``Retry-After`` header asks for.
            limits: what the ``x-ratelimit`` headers say.
        """
        self._close(slot, now, lambda pace: pace.refused(slot, now, retry_after, limits))

    def cancel(self, slot: Slot, now: float) -> None:
        """Close the slot of a request that was given up, or whose answer tells nothing."""
        self._close(slot, now, lambda pace: pace.given_up(slot))

    def interval(self, key: Hashable) -> float | None:
        """Seconds between two requests that wait; ``None`` while no limit is known."""
        pace = self._paces.get(key)
        return None if pace is None else pace.interval

    @property
    def in_flight(self) -> int:
        """Requests on their way, to all endpoints."""
        with self._lock:
            return sum(pace.out for pace in self._paces.values())

    @property
    def waiting(self) -> int:
        """Requests in line, for all endpoints."""
        with self._lock:
            return sum(len(pace.line) for pace in self._paces.values())

    def _close(self, slot: Slot, now: float, learn: Callable[[Pace], None]) -> None:
        with self._lock:
            pace, slot.pace = slot.pace, None
            if pace is None:
                return
            slot.wait, slot.reason = 0.0, ""
            if slot in pace.line:
                del pace.line[slot]
            else:
                learn(pace)
            woken = self._next(pace, now)
        _wake(woken)

    def _plan(self, pace: Pace, slot: Slot, now: float) -> None:
        """Say when to ask again: the first in line when it may go, the others one after another.

        The others are woken as they become first; their times are a safety net, spread out so
        that a thousand waiters never ask at the same moment.
        """
        places = slot.number - next(iter(pace.line)).number
        slot.wait = max(pace.delay(now), NOW) + places * (pace.interval or _STAGGER)
        slot.reason = pace.reason(now)
        slot.until = now + slot.wait

    def _next(self, pace: Pace, now: float) -> Slot | None:
        """The first in line, if it should ask sooner than it was told."""
        if pace.line:
            first = next(iter(pace.line))
            if now + pace.delay(now) < first.until - NOW:
                first.until = now  # woken once is enough
                return first
        return None

    def _open(self, key: Hashable) -> Pace:
        if len(self._paces) >= _ROOM:
            idle = [old for old, pace in self._paces.items() if not (pace.out or pace.line)]
            idle.sort(key=lambda old: self._paces[old].used)
            for old in idle[: _ROOM // 4]:
                del self._paces[old]
        pace = self._paces[key] = Pace(self._random)
        return pace


def _wake(slot: Slot | None) -> None:
    if slot is not None and slot.wake is not None:
        slot.wake()
