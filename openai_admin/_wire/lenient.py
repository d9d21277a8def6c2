"""JSON that the strict parser refuses, read so that what is odd costs no more than itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

_DEEPEST = 100  # levels: no answer of the API has ten
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{}]', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def read_leniently(
    raw: bytes, *, parse_int: Callable[[str], Any], parse_float: Callable[[str], Any]
) -> Any:
    """Decoded JSON of bytes that are nearly JSON.

    A byte order mark is passed over, another encoding of Unicode is read, and what is not Unicode
    becomes U+FFFD. ``NaN`` and ``Infinity`` are texts, and so is what is nested too deeply.

    Args:
        raw: the bytes.
        parse_int: makes a whole number of its digits.
        parse_float: makes any other number of its digits.

    Raises:
        ValueError: they are not JSON, or break off.
    """
    text = raw.decode(json.detect_encoding(raw), "replace")

    def load(source: str) -> Any:
        value = json.loads(
            source,
            parse_int=parse_int,
            parse_float=parse_float,
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
