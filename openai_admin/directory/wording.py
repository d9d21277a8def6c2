"""The arguments of a call, and what of its answer could not be read, in words for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .._wire.codec import to_dict


def argument_text(name: str, value: Any) -> str:
    """An argument as a person reads it: ``project proj_1``, ``threshold amount $100.00``.

    Args:
        name: its Python name.
        value: its value; texts are as they were passed, whatever characters they have.
    """
    words = name.removesuffix("_id").replace("_", " ")
    return f"{words} {dollars(value) if is_cents(name, value) else _plain(value)}"


def is_cents(name: str, value: Any) -> bool:
    """Whether a field or an argument is an amount in US cents, as thresholds of spend are.

    Args:
        name: its name, or its path with dots.
        value: its value.
    """
    return name.rpartition(".")[2] == "threshold_amount" and isinstance(value, int)


def dollars(cents: int) -> str:
    """An amount in US cents as dollars: ``$1,000.00``."""
    return f"${Decimal(cents).scaleb(-2):,.2f}"


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_plain, value)) or "none"
    value = to_dict(value, mode="read")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def unread(items: int, fields: int = 0) -> str:
    """That so much could not be read: ``2 items and 1 field could not be read``.

    Args:
        items: items of listings, buckets and rows of usage; they are missing from their lists.
        fields: fields of rows that are there.
    """
    parts = [
        f"{number:,} {noun if number == 1 else noun + 's'}"
        for number, noun in ((items, "item"), (fields, "field"))
        if number
    ]
    return f"{' and '.join(parts)} could not be read"
