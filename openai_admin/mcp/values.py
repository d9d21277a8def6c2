"""Values as results have them: money with its currency, times in ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs

from .._wire.scalars import digits
from ..usage.money import currency_code

_DECIMALS = 2


@attrs.frozen(kw_only=True)
class Money:
    """An amount of money.

    Attributes:
        amount: whole units, such as dollars.
        currency: such as usd.
    """

    amount: str
    currency: str | None


def money_of(amount: Decimal | None, currency: str | None) -> Money | None:
    """An amount; ``None`` where it is not known."""
    if amount is None:
        return None
    return Money(amount=_at_least_cents(amount), currency=currency_code(currency))


def _at_least_cents(amount: Decimal) -> str:
    whole, _, fraction = digits(amount).partition(".")
    return f"{whole}.{fraction:0<{_DECIMALS}}"


def is_money(value: Mapping[str, Any]) -> bool:
    """Whether a part of a structured result is an amount of money."""
    return value.keys() == {"amount", "currency"} and isinstance(value["amount"], str)


def iso(moment: date | datetime | None) -> str | None:
    """A time in UTC, to the second, or a day; ``None`` where it is not known."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return None if moment is None else moment.isoformat()
