"""The facts of an answer as they are sent: what has nothing to say is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from ...directory.not_known import NotKnown, sentence, told
from ...insights.unread import Unread, amounts


def facts(answer: Any) -> dict[str, Any]:
    """An answer as plain data; a field that has its default is left out.

    Args:
        answer: an object of an attrs class, of texts, numbers, such objects and lists of them.
    """
    return {
        field.name: _plain(value)
        for field in attrs.fields(type(answer))
        if (value := getattr(answer, field.name)) != field.default
    }


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


def most(rows: Sequence[Any], limit: int, noun: str) -> list[str]:
    """A note that rows beyond some are left out; none where there are no more.

    Args:
        rows: all rows.
        limit: how many are shown.
        noun: what several of them are called.
    """
    rest = len(rows) - limit
    return [f"{rest:,} more {noun} left out: a larger limit shows them."] if rest > 0 else []
