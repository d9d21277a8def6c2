"""A secret removed from what others print, in whichever form they print it, whole or in pieces."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from ..._text.secrets import redact, without_secrets

_PIECE = 8  # characters in a row that are no longer shown
_KIND = re.compile(r"sk-(?:[a-z]+-)?")  # what a secret begins with, and is not secret itself
_WORD = re.compile(r"\S")


def masked(text: str, secret: str) -> str:
    """A text without the secret, and without any other key.

    The secret is recognized as it is, in base64, hexadecimal and octal, also where blanks and line
    ends are between its characters, and every piece of it of 8 characters or more.

    Args:
        text: the text.
        secret: what is not to be seen; empty where none is known.
    """
    if secret:
        encoded = base64.b64encode(secret.encode()).decode()
        for form in (secret, encoded, encoded.rstrip("=")):
            text = text.replace(form, redact(secret))
        text = _without_pieces(text, secret)
    return without_secrets(text)


def _without_pieces(text: str, secret: str) -> str:
    pieces = {
        form[at : at + _PIECE] for form in _forms(secret) for at in range(len(form) - _PIECE + 1)
    }
    places = [found.start() for found in _WORD.finditer(text)]
    packed = "".join(text[place] for place in places)
    kept, end = [], 0
    for start, stop in _spans(packed, pieces):
        kept += [text[end : places[start]], "…"]
        end = places[stop - 1] + 1
    return "".join([*kept, text[end:]])


def _spans(packed: str, pieces: set[str]) -> Iterator[tuple[int, int]]:
    """Where a text is made of pieces, from the first one to the end of the last in a row."""
    start, stop = 0, 0
    for at in range(len(packed) - _PIECE + 1):
        if packed[at : at + _PIECE] in pieces:
            if at > stop:
                yield from [(start, stop)] * (stop > 0)
                start = at
            stop = at + _PIECE
    yield from [(start, stop)] * (stop > 0)


def _forms(secret: str) -> Iterator[str]:
    """What is secret of it, as it may be printed."""
    raw = _KIND.sub("", secret, count=1).encode()
    yield raw.decode()
    for before in range(3):  # what base64 makes of it depends on where it begins
        yield base64.b64encode(b"-" * before + raw).decode()[4 * bool(before) :]
    yield raw.hex()
    yield raw.hex().upper()
    yield "".join(f"{each:03o}" for each in raw)
    for begin in (0, 1):  # as pairs, in which od and hexdump print the bytes by default
        pairs = [raw[at + 1] << 8 | raw[at] for at in range(begin, len(raw) - 1, 2)]
        yield "".join(f"{pair:04x}" for pair in pairs)
        yield "".join(f"{pair:06o}" for pair in pairs)
