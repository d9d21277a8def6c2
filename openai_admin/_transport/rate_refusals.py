"""Refusals in a row: how long they hold an endpoint, and when a probe is likely to pass."""

from __future__ import annotations

from random import Random

from .rate_headers import LONGEST_HOLD

_WINDOWS = (1.0, 60.0)  # s; the windows that limits are usually stated for
MARGIN = 1.01  # of a window: a probe a moment early is wasted
LONGEST = 60.0  # s; the most between probes
BACKOFF = 1.0  # s until the first probe where nothing is known
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

    def begin(self, now: float, first_wait: float, *, trusted: bool) -> None:
        """Begin one, whose first probe comes after ``first_wait`` seconds, the next more slowly."""
        self.began = now
        self.refused = self.granted = 0
        self._first_wait = first_wait
        self._growth = _KNOWN if trusted else _UNKNOWN

    def add(
        self,
        now: float,
        *,
        granted: float | None,
        ready: float | None,
        asked: float | None,
        free: int,
    ) -> float:
        """Count a 429 and hold the endpoint.

        Args:
            now: when it came.
            granted: when the latest request that passed was sent.
            ready: when the server is expected to grant again, if that is known.
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
        marks = [] if granted is None else [granted + window * MARGIN for window in _WINDOWS]
        if ready is not None and ready > now and self.count == 1:
            wait, marks = LONGEST_HOLD, [ready]
        mark = next((mark - now for mark in marks if 0 < mark - now <= wait), None)
        self.at_mark = mark is not None or asked is not None
        wait = usual = wait if mark is None else mark
        if asked is not None:
            self.told_until = now + min(asked, LONGEST_HOLD)
            wait = asked if self.count == 1 else max(asked, wait)
        self.held_until = max(self.held_until, now + min(wait, LONGEST_HOLD))
        return now + min(usual, LONGEST_HOLD)

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
