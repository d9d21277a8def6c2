"""What was not refused so far, in a streak of refusals: when it is asked, and how many at once.

A first refusal says nothing about other paths. While no rate is known, a request of another path
goes at once: if it passes, only the path is limited. If it is refused too, a common limit is
likely, and the next of other paths go at the usual times. Where an endpoint has never granted
anything, they come more often and more at once, as some paths may well be refused always. What a
server asks for with ``Retry-After`` binds the path alone until that.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from .rate_refusals import BACKOFF, LONGEST

_MOST = 8  # paths that are tried at once
_TRIED = 3  # rounds that go before all wait as long as the server asks for; 1 after any grant


class Fresh:
    """The paths that were not refused in a streak.

    Attributes:
        at: when the next of them may be asked.
        is_open: whether no rate was known when the streak began, so that they are asked.
        is_common: whether a path passed again that had been refused, as at a common limit.
        asked: what was asked in the streak.
        probes: the requests of the streak that asked them.
        until: until when the server asks the refused paths to wait.
    """

    def __init__(self) -> None:
        self.at = 0.0
        self.is_open = self.is_common = False
        self.asked: set[Hashable] = set()
        self.probes: set[Any] = set()
        self.until: dict[Hashable, float] = {}
        self._first: Any = None
        self._is_new = False
        self._rounds = 0

    @property
    def free(self) -> int:
        """The probes so far that went without a hold."""
        return int(self._first is not None)

    def begin(self, asked: Iterable[Hashable], *, is_open: bool, is_new: bool) -> None:
        """Begin a streak.

        Args:
            asked: what is asked already.
            is_open: whether no rate is known.
            is_new: whether nothing was ever granted.
        """
        self.is_open, self._is_new = is_open, is_new
        self.probes.clear()
        self.until.clear()
        self.asked = set(asked) if is_open else set()
        self._rounds = 0
        self._first = None

    def sent(self, ticket: Any, unit: Hashable, *, is_untried: bool) -> None:
        """Note a request that was sent in the streak, and whether it asks what was not refused."""
        if is_untried and self._rounds == 1 and not self.is_common:
            self._first = ticket
        self.probes.add(ticket)
        self.asked.add(unit)

    def is_first(self, ticket: Any) -> bool:
        """Whether a request went at once after the first refusal."""
        return ticket is self._first

    def told(self, unit: Hashable, now: float, asked: float | None) -> None:
        """Note how long the server asks a path to wait."""
        if self.is_open and asked:
            self.until[unit] = now + asked

    def refused(self, now: float, usual: float) -> int:
        """Plan the next round; how many may go in it at once.

        Args:
            now: the time.
            usual: when the next probe comes by the usual rules.
        """
        self._rounds += 1
        rounds = self._rounds
        if rounds == 1 and not self.is_common:
            self.at = now
            return 1
        self.at = usual
        if self._is_new:
            self.at = min(usual, now + min(LONGEST, BACKOFF * 2.0 ** max(0, min(rounds, 9) - 3)))
        if rounds > (_TRIED if self._is_new else 1) and self.until:
            self.at = max(self.at, min(self.until.values()))
        return min(_MOST, 2 ** (rounds - 1)) if self._is_new else 1
