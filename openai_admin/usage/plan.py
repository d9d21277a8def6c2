"""Which windows to ask for, so that a range takes the fewest requests: pure arithmetic."""

from __future__ import annotations

import attrs

from .._wire.portable import Portable
from ..resources.usage.stretches import WIDTHS, Stretch

_OFF = 900  # seconds by which this machine's clock may be wrong


@attrs.frozen
class Window(Portable):
    """A stretch of time that one page covers.

    Attributes:
        start: Unix seconds, inclusive.
        end: Unix seconds, exclusive.
        buckets: how many buckets it touches, or may touch, which is the page's limit.
        open: whether it ends when the server says that it is now; `end` is an estimate then, which
            is not sent.
    """

    start: int
    end: int
    buckets: int
    open: bool = False

    def __str__(self) -> str:
        return str(Stretch(self.start, self.end))

    def count(self, step: int) -> int:
        """How many buckets there are before its end, as far as that is known.

        Args:
            step: seconds of a bucket.
        """
        return max(1, -(-(self.end - (self.start - self.start % step)) // step))

    def split(self, at: int, step: int) -> tuple[Window, Window]:
        """What lies before and after a bucket's border within the window.

        Args:
            at: the border, in Unix seconds.
            step: seconds of a bucket.
        """
        before = (at - (self.start - self.start % step)) // step
        return (
            Window(self.start, at, before),
            attrs.evolve(self, start=at, buckets=self.buckets - before),
        )

    def first(self, buckets: int, step: int) -> tuple[Window, Window]:
        """The window's first buckets, fewer than it has, and the others."""
        return self.split(self.start - self.start % step + buckets * step, step)

    def days(self) -> list[int]:
        """Where its days begin, that of its own beginning included, in Unix seconds."""
        day = WIDTHS["1d"]
        return [self.start, *range((self.start // day + 1) * day, self.end, day)]


def plan_windows(
    start: int, end: int | None, *, width: str, per_page: int, now: int, told: bool = True
) -> list[Window]:
    """Cut a range into windows at bucket borders, each as long as one page allows.

    Buckets lie at UTC borders, so a range that begins or ends inside one touches it whole; each
    bucket falls into one window, and there are ``ceil(buckets / per_page)`` windows. What lies
    after the current bucket is left out: nothing has happened there yet.

    Args:
        start: Unix seconds, inclusive.
        end: Unix seconds, exclusive; ``None`` is now.
        width: ``1m``, ``1h`` or ``1d``.
        per_page: the most buckets that one page may have.
        now: Unix seconds.
        told: whether `now` is the server's time. This machine's may be minutes off: what reaches
            the present then ends in an open window.
    """
    step = WIDTHS[width]
    if told:
        present = now - now % step + step
        return _cut(start, now if end is None else min(end, present), step, per_page)
    if end is not None and end <= now + _OFF:
        return _cut(start, end, step, per_page)
    if start > now + _OFF:
        return []
    windows = _cut(start, max(now, start + 1), step, per_page)
    last = windows.pop()
    if windows and last.start > now - _OFF:  # by the server's time it may not have begun
        last = attrs.evolve(windows.pop(), end=last.end)
    return [*windows, attrs.evolve(last, open=True, buckets=per_page)]


def _cut(start: int, end: int, step: int, per_page: int) -> list[Window]:
    border = start - start % step  # where the bucket of the range's beginning begins
    windows: list[Window] = []
    while start < end:
        border += per_page * step
        stop = min(border, end)
        windows.append(Window(start, stop, -(-(stop - (start - start % step)) // step)))
        start = stop
    return windows
