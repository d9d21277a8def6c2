"""A value of a finding as a person reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..naming import Named
from ..text import day, minute, money, percent, rate, signed, signed_percent, some_of
from .finding import Column, Kind


def shown(column: Column[Any], row: Any, names: Mapping[str, str], currency: str | None) -> str:
    """A row's value in a column, in words and figures.

    Args:
        column: the column.
        row: the row.
        names: names by id, for objects of which only the id is known.
        currency: of money, where the column has none of its own.
    """
    value: Any = thing(column, row, names) if column.kind == "thing" else column.value(row)
    if is_absent(value):
        absent = column.absent if isinstance(column.absent, str) else column.absent(row)
        return absent or ("" if value is None else str(value))
    if column.kind == "things":
        return some_of([str(each.among(names)) for each in value], ", ")
    if column.kind in _MONEY:
        return _MONEY[column.kind](value, column.currency or currency)
    return _TEXTS[column.kind](value)


def thing(column: Column[Any], row: Any, names: Mapping[str, str]) -> Named:
    """The object that a row is about in a column, with its name."""
    named: Named = column.value(row)
    return named.among(names)


def is_absent(value: Any) -> bool:
    """Whether a column has nothing to say about a row."""
    return value is None or value == Named(None)


def _range(ends: Any, currency: str | None) -> str:
    low, high = ends
    return f"{money(low, currency)} to {money(high, currency)}"


_MONEY: Mapping[Kind, Callable[[Any, str | None], str]] = {
    "money": money,
    "change": signed,
    "range": _range,
    "rate": rate,
}
_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    "thing": str,
    "text": str,
    "day": day,
    "minute": minute,
    "days": str,
    "number": lambda value: f"{value:,.0f}",
    "share": percent,
    "relative": signed_percent,
}
