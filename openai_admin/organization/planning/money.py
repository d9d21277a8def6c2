"""US dollars, as the file says amounts, and cents, as the API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def threshold(dollars: Decimal) -> Mapping[str, Any]:
    """The arguments that say an amount of a calendar month.

    A fraction of a cent, which a file cannot have, stays one, and the operation refuses it.
    """
    cents = dollars.scaleb(2)
    whole = int(cents) if cents == cents.to_integral_value() else cents
    return {"threshold_amount": whole, "currency": "USD", "interval": "month"}


def plain(dollars: Decimal) -> str:
    """An amount as a person writes it: ``500``, ``1250.50``."""
    return f"{dollars:.0f}" if dollars == dollars.to_integral_value() else f"{dollars:.2f}"
