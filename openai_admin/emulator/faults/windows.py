"""How servers count requests against a limit: three ways, as pure functions of the time."""

from __future__ import annotations

import abc
from collections import deque

import attrs


@attrs.frozen
class Verdict:
    """Whether a request is granted, and what is left."""

    granted: bool
    remaining: int
    wait: float
    """Seconds until another request is granted, 0 if one would be now."""
    full: float
    """Seconds until the whole limit is there again."""


class Window(abc.ABC):
    """The requests of one endpoint, counted; `window` is in seconds."""

    def __init__(self, window: float) -> None:
        self.window = window

    @abc.abstractmethod
    def take(self, now: float, limit: int) -> Verdict:
        """Count a request at this time under this limit."""


class FixedWindow(Window):
    """So many in each window; the first begins with the first request, the next follow on."""

    def __init__(self, window: float) -> None:
        super().__init__(window)
        self._start: float | None = None
        self._count = 0

    def take(self, now: float, limit: int) -> Verdict:
        if self._start is None:
            self._start = now
        passed = (now - self._start) // self.window
        if passed:
            self._start += passed * self.window
            self._count = 0
        granted = self._count < limit
        self._count += granted
        left = max(0, limit - self._count)
        until_next = self._start + self.window - now
        return Verdict(granted, left, 0.0 if left else until_next, until_next)


class SlidingWindow(Window):
    """So many in any stretch of that length; a refused request does not count."""

    def __init__(self, window: float) -> None:
        super().__init__(window)
        self._granted: deque[float] = deque()

    def take(self, now: float, limit: int) -> Verdict:
        times = self._granted
        while times and times[0] <= now - self.window:
            times.popleft()
        granted = len(times) < limit
        if granted:
            times.append(now)
        left = max(0, limit - len(times))
        # After a lowered limit several have to leave before one more is granted.
        wait = 0.0 if left else times[len(times) - limit] + self.window - now
        return Verdict(granted, left, wait, times[-1] + self.window - now)


class TokenBucket(Window):
    """A bucket of so many, full at first, that fills evenly over the window."""

    def __init__(self, window: float) -> None:
        super().__init__(window)
        self._tokens: float | None = None
        self._at = 0.0

    def take(self, now: float, limit: int) -> Verdict:
        pace = limit / self.window
        if self._tokens is None:
            self._tokens = float(limit)
        else:
            self._tokens = min(limit, self._tokens + (now - self._at) * pace)
        self._at = now
        # Sums of fractions fall just short of a whole token.
        granted = self._tokens >= 1 - 1e-9
        if granted:
            self._tokens = max(0.0, self._tokens - 1)
        wait = max(0.0, (1 - self._tokens) / pace)
        return Verdict(granted, int(self._tokens + 1e-9), wait, (limit - self._tokens) / pace)
