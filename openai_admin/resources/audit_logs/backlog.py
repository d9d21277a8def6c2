"""A long past of the audit log, read from its oldest event on though it is listed newest first."""

from __future__ import annotations

import attrs

from .look import Look

MOST = 2_000
"""The most unread events that memory holds at a time, unless more happened in one second."""

_MEANT = MOST // 2
_MOST_AFTER_NONE = 200  # events; how wide a window may be that ends a quiet time is only guessed
_STEP = 4  # times as wide as the window before


@attrs.frozen
class Window:
    """A window of time.

    Attributes:
        begin: its first second.
        end: the second after its last.
        most: the most unread events to keep of it; ``None`` sets no bound.
    """

    begin: int
    end: int
    most: int | None


class Windows:
    """The windows of time of a backlog, the oldest first, each with as much as memory should hold.

    How wide the next one is follows from how much there was in the one before. One that had too
    much is asked for again, half as wide or less. Cursors would not do: they lead from the newest
    event back.

    Args:
        begin: where the backlog begins, in Unix seconds.
        ahead: the look that was too long, at all of it.
    """

    def __init__(self, begin: int, ahead: Look) -> None:
        self._begin = begin
        self._last = ahead.latest if ahead.newest is None else ahead.newest
        self._dense = ahead.oldest  # from here on, windows of the fitting width are right
        self._fitting = self._width = _fitting(self._last + 1 - ahead.oldest, ahead.listed)
        self._was_quiet = True
        self._leaps = True

    def next(self) -> Window | None:
        """The next window; ``None`` after the last."""
        if self._begin > self._last:
            return None
        end = min(self._begin + self._width, self._last + 1)
        most = _MOST_AFTER_NONE if self._was_quiet and self._width > self._fitting else MOST
        return Window(self._begin, end, None if end == self._begin + 1 else most)

    def learn(self, window: Window, found: Look) -> None:
        """Take into account what a look at a window found."""
        if found.is_too_long:
            self._narrow(window, found)
            return
        width = window.end - window.begin
        self._begin = window.end
        self._was_quiet = self._leaps = not found.listed
        wider = min(_fitting(width, found.listed), width * _STEP)
        if wider > self._width and self._begin < self._dense:
            # Beyond that there is more again: half of the way at most.
            wider = max(self._fitting, min(wider, (self._dense - self._begin) // 2))
        self._width = wider

    def _narrow(self, window: Window, found: Look) -> None:
        listed = min(found.latest + 1, window.end) - found.oldest
        unlisted = found.oldest + 1 - window.begin
        half = (window.end - window.begin) // 2
        self._dense = found.oldest
        self._fitting = max(1, min(_fitting(listed, found.listed), unlisted, half))
        # Where it was quiet it may be so until there.
        self._width = max(1, unlisted - 1) if self._leaps else self._fitting
        self._leaps = False


def _fitting(seconds: int, listed: int) -> int:
    """How many seconds have as much as is meant, if all are like those that were listed."""
    return max(1, seconds * _MEANT // max(listed, 1))
