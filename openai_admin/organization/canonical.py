"""Models as plain JSON, and one digest for all that is equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from .._wire.codec import iso

_DEEPEST = 3
"""What lies deeper, as a project of a file, is small."""

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
    found = hashlib.sha256()
    for part in _parts_of(as_plain(value, is_sorted=is_sorted)):
        found.update(part.encode())
    return f"sha256:{found.hexdigest()}"


def _parts_of(plain: Any, depth: int = 0) -> Iterator[str]:
    """The text of plain JSON in parts: to write a large one at once stops all other threads."""
    if depth == _DEEPEST or not isinstance(plain, dict | list):
        yield text_of(plain)
        return
    if isinstance(plain, dict):
        opening, closing = "{}"
        entries = [(f"{text_of(name)}:", each) for name, each in sorted(plain.items())]
    else:
        opening, closing = "[]"
        entries = [("", each) for each in plain]
    yield opening
    for number, (name, each) in enumerate(entries):
        yield f",{name}" if number else name
        yield from _parts_of(each, depth + 1)
    yield closing
