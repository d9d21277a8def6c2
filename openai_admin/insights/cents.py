"""Amounts to the cent, and fractions in percent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..usage.money import EXACT, add_up

_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")  # without the minus that a tiny credit would leave


def cents(amount: Decimal | float) -> Decimal:
    """An amount rounded to the cent, half to even."""
    return Decimal(amount).quantize(_CENT, context=EXACT) or _NOTHING


def in_percent(part: float, digits: int) -> float:
    """A fraction in percent, as every field has it whose name says so: 0.5 is 50.

    Args:
        part: the fraction.
        digits: how many decimals the percentage is rounded to.
    """
    return round(part * 100, digits)


def left_of(total: Decimal, shown: Iterable[Decimal]) -> Decimal:
    """What rows that are not shown come to, so that it adds up with what is shown to the cent.

    Args:
        total: of all rows, exactly.
        shown: the rows that are shown.
    """
    return cents(total) - add_up(map(cents, shown))
