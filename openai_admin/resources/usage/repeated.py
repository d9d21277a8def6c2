"""Rows of a bucket that came twice, held against one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .results import Cost


def rows_not_in(before: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
    """Those of some rows that are not among those before."""
    had = set(before)
    return [row for row in rows if row not in had]


def contradicts(before: Sequence[Any], rows: Sequence[Any]) -> bool:
    """Whether some rows are of groups that were there before.

    Where rows of one answer are alike but for their numbers, what tells them apart is not known,
    and they say nothing about others.
    """
    groups = [_group(row) for row in before]
    return len(set(groups)) == len(groups) and not set(groups).isdisjoint(map(_group, rows))


def _group(row: Any) -> tuple[Any, ...]:
    """What a row is about: all of it except its numbers and names."""
    values = [
        value
        for name in row.__struct_fields__
        if not name.endswith(("_name", "_email"))
        and (value := getattr(row, name)) is not None
        and isinstance(value, str | bool)
    ]
    currency = row.amount.currency if isinstance(row, Cost) and row.amount is not None else None
    return (*values, currency)
