"""What is stated of a day, in few bytes: for each thing that is compared, how much."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ...usage.money import plus
from .quantities import UNKNOWN, Quantity
from .skus import Category


class Key(NamedTuple):
    """What charges have in common that are compared.

    Attributes:
        day: the UTC day.
        category: the kind of charge.
        currency: its currency, in capitals.
        line_item: what for.
        project_id: the project.
        api_key_id: the key.
        user_id: the person.
        tags: whose it is, as JSON.
    """

    day: date
    category: Category
    currency: str
    line_item: str | None = None
    project_id: str | None = None
    api_key_id: str | None = None
    user_id: str | None = None
    tags: str | None = None


class Stated(NamedTuple):
    """What is stated about a `Key`.

    Attributes:
        amount: how much, exact.
        used: how much of it; unknown where a part of it is.
    """

    amount: Decimal
    used: Quantity


def added(one: Stated | None, other: Stated) -> Stated:
    """What two statements are together."""
    if one is None:
        return other
    return Stated(plus(one.amount, other.amount), added_use(one.used, other.used))


def added_use(one: Quantity, other: Quantity) -> Quantity:
    """Two quantities together; unknown where one is, or where their units differ."""
    if one.number is None or other.number is None or one.unit != other.unit:
        return UNKNOWN
    return Quantity(plus(one.number, other.number), one.unit)


class Statements(Mapping[Key, Stated]):
    """What is stated about each `Key`.

    Plain tuples have it, which collecting garbage passes by: with a month's charges as objects of
    their own, it would hold the interpreter for a quarter of a second, and with it the event loop.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def add(self, key: Key, stated: Stated) -> None:
        """Add a statement to what is stated about a key."""
        amount, used = added(self.get(key), stated)
        self._made[tuple(key)] = (amount, *used)

    def of_projects(self, ids: Collection[str]) -> Statements:
        """What of it is about some projects."""
        found = Statements()
        for key, stated in self.items():
            if key.project_id in ids:
                found.add(key, stated)
        return found

    def __getitem__(self, key: Key) -> Stated:
        amount, number, unit = self._made[key]
        return Stated(amount, UNKNOWN if number is None else Quantity(number, unit))

    def __iter__(self) -> Iterator[Key]:
        return map(Key._make, self._made)

    def __len__(self) -> int:
        return len(self._made)
