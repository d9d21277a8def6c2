"""Amounts to the cent."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")


def cents(amount: Decimal | float) -> Decimal:
    """An amount rounded to the cent, half to even."""
    return Decimal(amount).quantize(_CENT)
