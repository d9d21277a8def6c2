"""Amounts and days as they stand at the axis of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ...insights.text import MINUS
from ..drawing.scale import Worded


def money_at(currency: str | None) -> Worded:
    """Amounts with as many decimals as their steps need: ``$1,200``, ``$0.25``, ``12 EUR``."""

    def worded(amount: float, step: float) -> str:
        digits = _decimals(step) if step else 2
        sign = MINUS if amount < 0 else ""
        text = f"{abs(amount):,.{digits}f}"
        if currency is None:
            return f"{sign}{text}"
        return f"{sign}${text}" if currency == "usd" else f"{sign}{text} {currency.upper()}"

    return worded


def _decimals(step: float) -> int:
    if step >= 1 and step == int(step):
        return 0
    return 2 if step >= 0.01 else 6


def day_label(day: date) -> str:
    """A day as short as can be: ``Oct 5``."""
    return f"{day:%b} {day.day}"


def width_of(texts: Sequence[str]) -> float:
    """About how many pixels the longest of some labels needs, with the space beside it."""
    return 14 + 6.8 * max(map(len, texts), default=0)
