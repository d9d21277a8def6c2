"""Which windows to ask for, so that a range takes the fewest requests: pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

WIDTHS: Mapping[str, int] = {"1m": 60, "1h": 3600, "1d": 86400}
"""Seconds of each bucket width."""


@attrs.frozen
class Window:
    """A stretch of time that one page covers.

    Attributes:
        start: Unix seconds, inclusive.
        end: Unix seconds, exclusive.
        buckets: how many buckets it touches, which is the page's limit.
    """

    start: int
    end: int
    buckets: int

    def __str__(self) -> str:
        return f"{_text(self.start)} to {_text(self.end)}"


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plan_windows(start: int, end: int, *, width: str, per_page: int, now: int) -> list[Window]:
    """Cut a range into windows at bucket borders, each as long as one page allows.

    Buckets lie at UTC borders, so a range that begins or ends inside one touches it whole; each
    bucket falls into one window, and there are ``ceil(buckets / per_page)`` windows. What lies
    after the current bucket is left out: nothing has happened there yet.

    Args:
        start: Unix seconds, inclusive.
        end: Unix seconds, exclusive.
        width: ``1m``, ``1h`` or ``1d``.
        per_page: the most buckets that one page may have.
        now: Unix seconds.
    """
    step = WIDTHS[width]
    end = min(end, now - now % step + step)
    border = start - start % step  # where the bucket of the range's beginning begins
    windows: list[Window] = []
    while start < end:
        border += per_page * step
        stop = min(border, end)
        windows.append(Window(start, stop, -(-(stop - (start - start % step)) // step)))
        start = stop
    return windows
