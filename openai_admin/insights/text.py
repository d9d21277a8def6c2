"""Money, fractions and days in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from .periods import Period

MINUS = "\N{MINUS SIGN}"
_HALF_A_CENT = Decimal("0.005")
_MOST = 5  # texts in a row


def money(amount: Decimal, currency: str | None) -> str:
    """An amount to the cent: ``$1,234.56``, or ``1,234.56 EUR``; of a currency that is not known,
    without a sign: ``1,234.56``.
    """
    sign = MINUS if amount < 0 else ""
    size = abs(amount)
    less = "<" if 0 < size < _HALF_A_CENT else ""
    digits = f"{max(size, Decimal('0.01')) if less else size:,.2f}"
    return f"{sign}{less}{_in(digits, currency)}"


def rate(amount: Decimal, currency: str | None) -> str:
    """A price with all of its digits: ``$0.0625``, or ``0.0625 EUR``."""
    sign = MINUS if amount < 0 else ""
    return f"{sign}{_in(f'{abs(amount):,f}', currency)}"


def _in(digits: str, currency: str | None) -> str:
    """Digits with the sign of a currency; without one where it is not known."""
    if currency is None:
        return digits
    return f"${digits}" if currency == "usd" else f"{digits} {currency.upper()}"


def signed(amount: Decimal, currency: str | None) -> str:
    """A change of an amount, with its sign."""
    return f"+{money(amount, currency)}" if amount > 0 else money(amount, currency)


def at_least(amount: Decimal, currency: str | None, *, gaps: int) -> str:
    """What was spent, without the days that are not known: ``at least $920.00``."""
    return f"at least {money(amount, currency)}" if gaps else money(amount, currency)


def percent(part: float | None) -> str:
    """A fraction in per cent; empty where there is none."""
    return "" if part is None else f"{part:.1%}".replace("-", MINUS)


def signed_percent(part: float | None) -> str:
    """A relative change in per cent, with its sign."""
    return "" if part is None else f"{part:+.1%}".replace("-", MINUS)


def count(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``1 key``, ``2 keys``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def day(moment: date | datetime) -> str:
    """A day; of a moment, the one in UTC."""
    return f"{moment:%Y-%m-%d}"


def minute(moment: datetime) -> str:
    """A moment to the minute, UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def days(period: Period) -> str:
    """A period with its length: ``2026-10-25 to 2026-11-23 (30 days)``."""
    return f"{period} ({count(period.days, 'day')})"


def some_of(texts: Sequence[str], between: str = "; ") -> str:
    """Texts as one, the first of them alone where there are many: ``…; …; and 7 more``."""
    rest = len(texts) - _MOST
    return between.join([*texts[:_MOST], f"and {rest} more"] if rest > 1 else texts)
