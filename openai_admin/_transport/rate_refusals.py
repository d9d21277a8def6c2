"""Refusals in a row: how long they hold an endpoint, and when a probe is likely to pass."""

from __future__ import annotations

from random import Random

from .rate_headers import LONGEST_HOLD

_WINDOWS = (1.0, 60.0)  # s; the windows that limits are usually stated for
# s; where nothing is known of the window, its end is looked for so long after the last grant.
_LOOKS = (1.0, 3.0, 10.0, 30.0, 60.0)
MARGIN = 1.01  # of a window: a probe a moment early is wasted
LONGEST = 60.0  # s; the most between probes
BACKOFF = 1.0  # s until the first probe where nothing is known
# Refusals in a row that hold for as long as the server asks; then also as long as without that.
_BELIEVED = 5
_UNKNOWN, _KNOWN = 4.0, 2.0  # the growth of the time between probes, by whether a rate is known


class Streak:
    """The 429s without a success in between.

    Attributes:
        count: how many; 0 while the endpoint grants.
        began: when the first of them came.
        latest: when the latest came.
        held_until: until when nothing is sent, but what asks for something not refused so far; it
            becomes earlier only by a grant.
        told_until: until when the server asked to wait.
        at_mark: whether the next probe comes at a moment that is told or usual, such as the end of
            a minute, rather than at one that was only waited for.
        refused: the requests on their way when the streak began that were refused, and its first.
        granted: those that were granted.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.count = 0
        self.began = 0.0
        self.latest = 0.0
        self.held_until = 0.0
        self.told_until = 0.0
        self.at_mark = False
        self.refused = 0
        self.granted = 0
        self._first_wait = BACKOFF
        self._growth = _UNKNOWN
        self._looks: tuple[float, ...] = ()
        self._ends: tuple[float, ...] = ()

    def begin(
        self,
        now: float,
        first_wait: float,
        *,
        trusted: bool,
        is_open: bool = False,
        ends: tuple[float, ...] = (),
    ) -> None:
        """Begin one, whose first probe comes after ``first_wait`` seconds, the next more slowly.

        Args:
            now: the time.
            first_wait: seconds until the first probe.
            trusted: whether a rate is known that has proved right.
            is_open: whether requests passed before and nothing is known of the window.
            ends: when the window may end, in ascending order.
        """
        self.began = now
        self.refused = self.granted = 0
        self._first_wait = first_wait
        self._looks = _LOOKS if is_open else ()
        self._ends = ends
        self._growth = _KNOWN if trusted else _UNKNOWN

    def add(
        self,
        now: float,
        *,
        granted: float | None,
        asked: float | None,
        free: int,
    ) -> float:
        """Count a 429 and hold the endpoint.

        Args:
            now: when it came.
            granted: when the latest request that passed was sent.
            asked: the seconds that the server asks for.
            free: the refusals in the streak of probes that no hold came before.

        Returns:
            When the next probe would come if the server had not asked for anything.
        """
        self.count += 1
        self.refused += 1
        self.latest = now
        wait = self._first_wait * self._growth ** min(max(self.count - 1 - free, 0), 20)
        wait = min(LONGEST, wait) * self._random.uniform(1.0, 1.2)
        end = next((end for end in self._ends if end > now), None)
        mark = None if granted is None else self._mark(now, wait, granted)
        if end is not None:
            wait = end - now
        elif mark is not None and granted is not None:
            wait = granted + mark * MARGIN - now
            if mark not in _WINDOWS:
                wait *= self._random.uniform(1.0, 1.2)
        self.at_mark = asked is not None or end is not None or mark in _WINDOWS
        usual = wait
        if asked is not None:
            self.told_until = now + min(asked, LONGEST_HOLD)
            is_believed = self.count <= (_BELIEVED if asked >= BACKOFF else 1)
            wait = asked if is_believed else max(asked, wait)
        self.held_until = max(self.held_until, now + min(wait, LONGEST_HOLD))
        return now + min(usual, LONGEST_HOLD)

    def _mark(self, now: float, wait: float, granted: float) -> float | None:
        """The seconds after the last grant in which the next probe comes, if that is a mark."""
        looks = [look for look in self._looks if now < granted + look * MARGIN]
        usual = [
            window
            for window in _WINDOWS
            if window >= self._first_wait and now < granted + window * MARGIN <= now + wait
        ]
        return next(iter(looks + usual), None)

    def hold(self, now: float, until: float) -> None:
        """Take over a 429 that came for another, and what the server asked for."""
        self.begin(now, BACKOFF, trusted=False)
        self.count = self.refused = 1
        self.latest, self.at_mark = now, True
        self.held_until = self.told_until = until

    @property
    def is_alone(self) -> bool:
        """Whether one request was refused, and what went beside and after it passed."""
        return self.count == 1 and (self.refused == 1 or 2 * self.refused <= self.granted)

    def end(self, sent: float, *, trusted: bool) -> float:
        """End it with a request that passed, sent at ``sent``; when the server was ready again.

        That is at a usual moment, or between the last two probes.
        """
        self.count = 0
        return sent if self.at_mark and not trusted else (sent + self.latest) / 2
