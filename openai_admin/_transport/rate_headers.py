"""What the rate limit headers of an answer say."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Self

import attrs

LONGEST_HOLD = 86_400.0  # s; the longest wait that a server can ask for

_UNCONFIRMED = 1.0  # s; what a long wait counts for before a 429 has confirmed it
LONG_HOLD = 120.0  # s; a longer one is told to all who wait already

REMAINING = "x-ratelimit-remaining-requests"
"""The header without which the others say nothing."""

_DURATION = re.compile(
    r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?", re.ASCII
)


def parse_duration(text: str) -> float | None:
    """Seconds of a duration as rate limit headers write it: ``1s``, ``6m0s``, ``20ms``, ``1.5``.

    A bare number is seconds. ``None`` for anything else, below zero or not finite.
    """
    text = text.strip()
    if len(text) > 32:
        return None
    if text and (match := _DURATION.fullmatch(text)):
        days, hours, minutes, seconds, millis = (float(part or 0) for part in match.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds + millis / 1000
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


@attrs.frozen
class Limits:
    """What the ``x-ratelimit-*-requests`` headers of an answer say.

    Attributes:
        limit: how many requests a window grants, if that is said.
        remaining: how many are left of them.
        reset: seconds until the limit is whole again.
    """

    limit: int | None
    remaining: int
    reset: float

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self | None:
        """Read them; ``None`` unless they say how many requests are left, and until when."""
        count = _count(headers.get(REMAINING, ""))
        limit = _count(headers.get("x-ratelimit-limit-requests", ""))
        reset = parse_duration(headers.get("x-ratelimit-reset-requests", ""))
        if count is None or reset is None:
            return None
        return cls(limit, count, min(reset, LONGEST_HOLD))


def _count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


class Quota:
    """How many requests may go by what the headers of the answers said.

    A long wait is believed once a 429 has confirmed it; until then a single request goes each
    second.

    Attributes:
        is_believed: whether the headers count; not once they promised what was refused.
        remaining: how many were left; infinite while nothing is said.
        reset_at: when the limit is whole again; infinite where the next answer will say.
    """

    def __init__(self) -> None:
        self.is_believed = True
        self.remaining: float = math.inf
        self.reset_at = math.inf
        self._limit: int | None = None
        self._is_confirmed = False

    def is_used_up(self, now: float, in_flight: int) -> bool:
        """Whether none is left, so that the next request waits for the reset or an answer."""
        if now >= self.reset_at:
            self.remaining = (self._limit or 1) if self.remaining > in_flight else 1
            self.reset_at = math.inf
        return in_flight >= self.remaining

    def granted(self, now: float, limits: Limits) -> None:
        """Take what the headers of an answer say."""
        fresh = self.reset_at == math.inf
        self.remaining = limits.remaining if fresh else min(self.remaining, limits.remaining)
        is_doubted = limits.reset > LONG_HOLD and not self._is_confirmed
        reset = _UNCONFIRMED if is_doubted else limits.reset
        self._limit, self.reset_at = limits.limit, now + reset

    def granted_untold(self) -> None:
        """Take an answer that says nothing."""
        if self.reset_at == math.inf:
            self.remaining = math.inf

    def refused(self, now: float, limits: Limits, retry_after: float | None) -> float | None:
        """Take what the headers of a 429 say; the seconds to wait, if they are believed."""
        self.is_believed = self.is_believed and not limits.remaining
        if not self.is_believed:
            return retry_after
        self._is_confirmed = True
        asked = max(limits.reset, retry_after or 0.0)
        self.remaining, self._limit, self.reset_at = 0, limits.limit, now + asked
        return asked
