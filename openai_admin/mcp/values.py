"""Values as results have them: money with its currency, times in ISO 8601."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs


@attrs.frozen(kw_only=True)
class Money:
    """An amount of money.

    Attributes:
        amount: whole units of the currency, such as dollars, in decimals.
        currency: its code, such as usd; null where the API does not say.
    """

    amount: str
    currency: str | None


def money_of(amount: Decimal | None, currency: str | None) -> Money | None:
    """An amount; ``None`` where it is not known."""
    if amount is None:
        return None
    return Money(amount=f"{amount:f}", currency=currency)


def iso(moment: date | datetime | None) -> str | None:
    """A time in UTC, to the second, or a day; ``None`` where it is not known."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return None if moment is None else moment.isoformat()
