"""JSON that the strict parser refuses, read so that what is odd costs no more than itself."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from .scalars import BOUNDS

REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the strict parser raises."""

_DEEPEST = 100  # levels: no answer of the API has ten
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{}]', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def exactly(written: str) -> Decimal | str:
    """A number as exact as it is written; its text where it is out of bounds.

    As text it costs the field that it is in, and no time: ``1e1000000`` as a whole number does.
    """
    try:
        value = Decimal(written)
    except InvalidOperation:  # an exponent beyond what a decimal can have
        return written
    return value if not value or abs(value.adjusted()) < BOUNDS.prec else written


def _float(written: str) -> float | str:
    value = float(written)
    return value if math.isfinite(value) else written


def _int(written: str) -> int | str:
    return int(written) if len(written) < BOUNDS.prec else written


def read_leniently(raw: bytes, *, exact: bool) -> Any:
    """Decoded JSON of bytes that are nearly JSON.

    A byte order mark is passed over, another encoding of Unicode is read, and what is not Unicode
    becomes U+FFFD. ``NaN`` and ``Infinity`` are texts, and so is what is nested too deeply.

    Args:
        raw: the bytes.
        exact: whether other numbers than whole ones are decimals, and not floats.

    Raises:
        ValueError: they are not JSON, or break off.
    """
    text = raw.decode(json.detect_encoding(raw), "replace")

    def load(source: str) -> Any:
        value = json.loads(
            source,
            parse_int=_int,
            parse_float=exactly if exact else _float,
            parse_constant=str,
            strict=False,  # control characters within texts
        )
        return _encodable(value)

    try:
        return load(text)
    except RecursionError:
        return load("".join(_shallow(text)))


def _encodable(value: Any) -> Any:
    """The value without lone surrogates, which can be neither written nor sent."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(each) for name, each in value.items()}
    return value


def _shallow(text: str) -> Iterator[str]:
    """The pieces of a JSON text whose parts below `_DEEPEST` levels are quoted as texts."""
    depth = done = 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == _DEEPEST:
                yield text[done : token.start()]
                done = token.start()
        elif token[0] in ("]", "}"):
            if depth == _DEEPEST:
                yield json.dumps(text[done : token.end()])
                done = token.end()
            depth -= 1
    yield text[done:]
