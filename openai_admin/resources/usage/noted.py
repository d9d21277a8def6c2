"""What was odd about buckets, in words: those that were odd alike share a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from .stretches import Stretch

_NAMED = 3  # buckets that a sentence names before it counts


class Oddity(Enum):
    """What was odd about a bucket, and what was done: in words of one and of several."""

    OUTSIDE = (
        "lies outside the window and is left out",
        "lie outside the window and are left out",
    )
    LONGER = (
        "is longer than was asked for and is left out",
        "are longer than was asked for and are left out",
    )
    AGAIN = ("came again; left out",) * 2
    OTHER_BOUNDS = ("came again with other bounds; left out",) * 2
    COUNTED_ONCE = ("came again; counted once",) * 2
    OTHER_NUMBERS = ("came again with other numbers for the same group",) * 2
    JOINED = ("came in parts, which are joined",) * 2


class Noted(NamedTuple):
    """A bucket that was odd."""

    stretch: Stretch
    oddity: Oddity


def told_notes(noted: Iterable[Noted]) -> list[str]:
    """A sentence for each oddity and the buckets that had it, of which the first are named."""
    of: dict[Oddity, dict[Stretch, None]] = {}
    for stretch, oddity in noted:
        of.setdefault(oddity, {})[stretch] = None
    return [_sentence(oddity, sorted(stretches)) for oddity, stretches in of.items()]


def _sentence(oddity: Oddity, stretches: list[Stretch]) -> str:
    one, many = oddity.value
    if len(stretches) == 1:
        return f"The bucket of {stretches[0]} {one}."
    more = len(stretches) - _NAMED
    named = ", ".join(map(str, stretches[:_NAMED])) + (f" and {more} more" if more > 0 else "")
    return f"{len(stretches)} buckets {many}: those of {named}."
