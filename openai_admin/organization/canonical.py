"""Models as plain JSON, and one digest for all that is equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from .._wire.codec import iso

_LARGE = 1e30
"""From here on whole numbers are written as others, with an exponent."""


def as_plain(value: Any, *, is_sorted: bool = False) -> Any:
    """A value as `json.dumps` takes it: numbers as numbers, times in ISO 8601, sets in order.

    Args:
        value: models, and what they are made of.
        is_sorted: whether lists are put in order too, so that it is the same in whichever order
            the API lists things.
    """
    if attrs.has(type(value)):
        own = {a.name: getattr(value, a.name) for a in attrs.fields(type(value))}
        return as_plain(own, is_sorted=is_sorted)
    if isinstance(value, Mapping):
        return {str(n): as_plain(each, is_sorted=is_sorted) for n, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        parts = [as_plain(each, is_sorted=is_sorted) for each in value]
        is_set = isinstance(value, set | frozenset)
        return sorted(parts, key=text_of) if is_sorted or is_set else parts
    if isinstance(value, Decimal | float):
        number = float(value)
        return int(value) if abs(number) < _LARGE and value == int(value) else number
    return iso(value) if isinstance(value, datetime) else value


def text_of(plain: Any) -> str:
    """The one text of plain JSON, in whichever order its names came."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def digest_of(value: Any, *, is_sorted: bool = True) -> str:
    """The SHA-256 of a value, as ``sha256:…``; equal values have equal ones.

    Args:
        value: models, and what they are made of.
        is_sorted: whether the order of lists makes no difference.
    """
    text = text_of(as_plain(value, is_sorted=is_sorted))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
