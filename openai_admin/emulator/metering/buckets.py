"""The time buckets of a query and the cursor to its next page.

The rules are those that published answers of the API show: buckets end at UTC borders of their
width; of usage, the first and the last are cut to the range that was asked for; costs come as
whole days. A cursor is `page_` and the base64 of 20 bytes: the end of the range (so that "until
now" stays what it was on the first page), a digest of the query, and the next bucket's start.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b

import attrs

_PREFIX = "page_"
_CURSOR = struct.Struct(">Q4sQ")


@attrs.frozen
class Width:
    """A bucket width, with how many such buckets a page has by default and at most."""

    name: str
    seconds: int
    default: int
    most: int


WIDTHS: Mapping[str, Width] = {
    "1m": Width("1m", 60, default=60, most=1440),
    "1h": Width("1h", 3600, default=24, most=168),
    "1d": Width("1d", 86_400, default=7, most=31),
}
COST_WIDTHS: Mapping[str, Width] = {"1d": Width("1d", 86_400, default=7, most=180)}


def edges(start: int, end: int, width: Width, limit: int) -> list[int]:
    """Return the ends of up to `limit` buckets from `start` to `end`, one more than buckets.

    The inner ones are multiples of the width; an empty range has none.
    """
    if start >= end:
        return []
    first = (start // width.seconds + 1) * width.seconds
    inner = range(first, end, width.seconds)[:limit]
    ends = [start, *inner]
    return ends if len(inner) == limit else [*ends, end]


def whole(start: int, end: int, width: Width) -> tuple[int, int]:
    """Return the range widened to the bucket borders around it."""
    return start // width.seconds * width.seconds, -(-end // width.seconds) * width.seconds


@attrs.frozen
class Cursor:
    """Where the next page begins, and the end of the range it belongs to."""

    start: int
    end: int

    def encode(self, query: str) -> str:
        """Return the opaque text for clients; `query` is all that must stay the same."""
        packed = _CURSOR.pack(self.end, _digest(query), self.start)
        return _PREFIX + urlsafe_b64encode(packed).decode()

    @classmethod
    def decode(cls, text: str, query: str) -> Cursor:
        """Return what `encode` was given; `ValueError` says why it cannot be used."""
        try:
            packed = urlsafe_b64decode(text.removeprefix(_PREFIX))
            end, digest, start = _CURSOR.unpack(packed)
        except (ValueError, struct.error):
            raise ValueError("it is not a cursor that this API gave out") from None
        cursor = cls(start=start, end=end)
        if digest != _digest(query):
            raise ValueError("it belongs to a query with other parameters")
        if cursor.encode(query) != text:
            raise ValueError("it is not a cursor that this API gave out")
        return cursor


def _digest(query: str) -> bytes:
    return blake2b(query.encode(), digest_size=4).digest()
