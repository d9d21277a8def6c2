"""The facts of an answer as they are sent: what has nothing to say is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, TypeVar

import attrs
import msgspec

from ...directory.not_known import NotKnown, sentence, told
from ...insights.unread import Unread, amounts

T = TypeVar("T")

_SHORT = 3_400  # bytes of rows of an answer that nobody asked to be longer
_LONGEST = 6_400  # of one that was
_NARROWER = "ask for less, or for details where the tool takes detail"


def facts(answer: Any) -> dict[str, Any]:
    """An answer as plain data; a field that has its default is left out.

    Args:
        answer: an object of an attrs class, of texts, numbers, such objects and lists of them.
    """
    return {
        field.name: _plain(value)
        for field in attrs.fields(type(answer))
        if (value := getattr(answer, field.name)) != _default(field)
    }


def _default(field: attrs.Attribute[Any]) -> Any:
    """What a field is where nothing is said; an object of its own where there is no such value."""
    default: Any = field.default
    make = getattr(default, "factory", None)
    return default if make is None else make()


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        return facts(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def unknown(
    not_known: Sequence[NotKnown],
    names: Mapping[str, str],
    unread: Unread | None = None,
    others: Iterable[str] = (),
) -> list[str]:
    """What is not known with its reason and the scope that it takes, a sentence each.

    Args:
        not_known: what the API refused or did not answer.
        names: names by id.
        unread: how much of what came could not be read.
        others: what else is not known, a sentence each.
    """
    refused = (sentence(each) for each in told(not_known, names))
    lost = (f"Could not be read: {each}." for each in amounts(unread or {}))
    return [*refused, *lost, *others]


def cut(
    rows: Sequence[T], limit: int | None, noun: str, detail: str = "concise"
) -> tuple[list[T], list[str]]:
    """The first rows, as many as there is room for, and a note of those that are left out.

    Args:
        rows: all rows.
        limit: how many are asked for; ``None`` for those that make a short answer.
        noun: what several of them are called.
        detail: ``detailed`` for an answer of any length.
    """
    shown = list(rows if limit is None else rows[:limit])
    if detail != "detailed":
        room = _SHORT if limit is None else _LONGEST
        lengths = accumulate(len(msgspec.json.encode(_plain(row))) for row in shown)
        shown = shown[: max(1, sum(length <= room for length in lengths))]
    rest = len(rows) - len(shown)
    if not rest:
        return shown, []
    how = "a larger limit shows more" if limit is None or len(shown) == limit else _NARROWER
    return shown, [f"{rest:,} more {noun} left out: {how}."]
