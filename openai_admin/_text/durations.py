"""A length of time in words, the same in errors, notices and answers."""

from __future__ import annotations

import re

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SHORT = 10  # s; below, tenths are told
TELLING = 0.1
"""Seconds; what is shorter need not be told."""


def duration(seconds: float) -> str:
    """A time in its two largest units, rounded: ``6 d 3 h``, ``1 min 5 s``, ``3.4 s``."""
    if seconds < _SHORT:
        return f"{round(max(seconds, TELLING), 1):g} s" if seconds else "0 s"
    largest = next(i for i, (_, size) in enumerate(_UNITS) if seconds >= size)
    (_, smallest) = _UNITS[min(largest + 1, len(_UNITS) - 1)]
    rest = round(seconds / smallest) * smallest
    parts = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def read_duration(text: str) -> int:
    """Seconds of a length of time as people write it: ``90s``, ``30m``, ``24h``, ``90d``, ``2w``.

    Raises:
        ValueError: it is not written so; the message says how it must be.
    """
    found = re.fullmatch(r"(\d{1,7})(s|m|min|h|d|w)|0", text.strip())
    if found is None:
        raise ValueError(f"{text!r} must be a length of time, as 30m, 24h, 90d or 2w")
    return int(found[1] or 0) * _SECONDS[found[2] or "s"]
