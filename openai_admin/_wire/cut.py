"""A large page of usage, cut into its buckets without a look at what is in them."""

from __future__ import annotations

import re

_BEGINNING = re.compile(rb'\{\s*"object"\s*:\s*"bucket"')
_SCANNED = 4096  # bytes in which the first bucket begins
_SPACE = b" \t\r\n"


def cut(raw: bytes) -> tuple[bytes, list[memoryview]]:
    """A page without its buckets but the last, and those others, as JSON each.

    A decoder that passes over so many bytes holds the interpreter for some ten milliseconds; this
    looks for where the next bucket begins. No text can have that in it, for quotation marks within
    texts are escaped. Where buckets do not all begin alike, either a piece is not valid JSON or the
    page has more than one bucket left.

    Args:
        raw: the page's bytes.
    """
    found = _BEGINNING.search(raw, 0, _SCANNED)
    if found is None:
        return raw, []
    start, view = found.start(), memoryview(raw)
    pieces: list[memoryview] = []
    while (following := raw.find(found[0], start + 1)) >= 0:
        end = following - 1
        while raw[end] in _SPACE:
            end -= 1
        if raw[end : end + 1] != b",":
            return raw, []
        pieces.append(view[start:end])
        start = following
    return raw[: found.start()] + raw[start:], pieces
