"""What the rate limit headers of an answer say."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Self

import attrs

LONGEST_HOLD = 86_400.0  # s; the longest wait that a server can ask for

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
