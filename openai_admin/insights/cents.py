"""Amounts to the cent."""

from __future__ import annotations

from decimal import Decimal

from ..usage.money import EXACT

_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")  # without the minus that a tiny credit would leave


def cents(amount: Decimal | float) -> Decimal:
    """An amount rounded to the cent, half to even."""
    return Decimal(amount).quantize(_CENT, context=EXACT) or _NOTHING
