"""Numbers of bytes, as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}


def read_size(text: str) -> int:
    """The bytes that a text says: ``67108864``, ``64MiB``, ``1.5 GB``.

    Raises:
        ValueError: it says none, or less than one.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip().replace("_", "").lower())
    size = Decimal(found[1]) * _UNITS.get(found[2], 0) if found else 0
    if size < 1 or size != int(size):
        raise ValueError(f"{text!r} is not a number of bytes of 1 or more, as 67108864 or 64MiB")
    return int(size)
