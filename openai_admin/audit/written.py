"""Decoded JSON as JSON again, whatever is in it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_DEEPEST = 100  # levels: no event has ten
_TOO_DEEP = "(nested too deeply to be written)"


def json_of(value: Any) -> bytes:
    """JSON on one line, also of whole numbers beyond 64 bits and of text that is not Unicode.

    What is nested so deeply that it cannot be written is cut, and says so.
    """
    try:
        return _encode(value)
    except (OverflowError, UnicodeEncodeError):  # beyond 64 bits; half a pair of surrogates
        return _plainly(value)
    except RecursionError:
        return _plainly(_cut(value, _DEEPEST))


def _plainly(value: Any) -> bytes:
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except RecursionError:
        return _plainly(_cut(value, _DEEPEST))


def _cut(value: Any, levels: int) -> Any:
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return _TOO_DEEP
    if isinstance(value, list):
        return [_cut(each, levels - 1) for each in value]
    return {key: _cut(each, levels - 1) for key, each in value.items()}
