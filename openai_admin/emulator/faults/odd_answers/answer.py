"""What an odd answer is: a name, the operations that give it, and what becomes of the JSON."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Literal

import attrs

JSON = dict[str, Any]
Change = Callable[[JSON], Any]
Place = Literal["answer", "item", "row"]

EMPTY: Any = object()
"""In place of an answer: its body has no bytes."""


@attrs.frozen
class Asked:
    """The request that an answer is for, as far as an odd answer may depend on it."""

    cursor: str | None
    """The cursor that was sent, decoded."""
    memory: dict[str, Any]
    """What the fault keeps between requests."""


@attrs.frozen
class OddAnswer:
    """One kind of odd answer.

    The functions get decoded JSON, numbers with a point or an exponent as `Decimal`, and return
    what comes in its place; they leave what they get as it is.
    """

    name: str
    operations: tuple[str, ...]
    """Globs over the names of the operations that give it."""
    summary: str
    """What is odd, in one sentence."""
    place: Place
    """What it happens to: the answer, an item of it (a bucket of usage, or all of an answer that
    is not a listing), or a row of a bucket."""
    change: Callable[[Any, Asked], Any]
    """What comes in its place."""
    understood: Callable[[str], str] = str
    """The emulator's own cursor for one that this answer gave out, both decoded."""

    def concerns(self, operation: str) -> bool:
        """Whether this operation can give it."""
        return any(fnmatchcase(operation, glob) for glob in self.operations)


def of_items(operations: str, name: str, summary: str, change: Change) -> OddAnswer:
    """An odd answer in which items are odd; `operations` are globs, parted by spaces."""
    return OddAnswer(name, tuple(operations.split()), summary, "item", _always(change))


def of_rows(operations: str, name: str, summary: str, change: Change) -> OddAnswer:
    """An odd answer in which rows of usage are odd."""
    return OddAnswer(name, tuple(operations.split()), summary, "row", _always(change))


def of_answers(operations: str, name: str, summary: str, change: Change) -> OddAnswer:
    """An odd answer that is odd as a whole, whatever was asked."""
    return OddAnswer(name, tuple(operations.split()), summary, "answer", _always(change))


def of_pages(
    operations: str,
    name: str,
    summary: str,
    change: Callable[[JSON, Asked], Any],
    understood: Callable[[str], str] = str,
) -> OddAnswer:
    """An odd answer that depends on the cursor that was sent."""
    return OddAnswer(name, tuple(operations.split()), summary, "answer", change, understood)


def _always(change: Change) -> Callable[[JSON, Asked], Any]:
    return lambda value, asked: change(value)


def setting(**fields: Any) -> Callable[[JSON], JSON]:
    """The change that gives fields these values."""
    return lambda value: {**value, **fields}


def nulling(*names: str) -> Callable[[JSON], JSON]:
    """The change that makes fields null."""
    return setting(**dict.fromkeys(names))


def dropping(*names: str) -> Callable[[JSON], JSON]:
    """The change that leaves fields out."""
    return lambda value: {k: v for k, v in value.items() if k not in names}


def renaming(**names: str) -> Callable[[JSON], JSON]:
    """The change that gives fields other names, `old="new"`, and drops what had those."""
    new = set(names.values())
    return lambda value: {names.get(k, k): v for k, v in value.items() if k not in new}


def plain(number: Any) -> Decimal:
    """A number of JSON as an exact one; 0 for what is not a number."""
    if isinstance(number, int | float | Decimal | str):
        return Decimal(str(number))
    return Decimal(0)
