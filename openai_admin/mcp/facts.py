"""What was read, as results have it: times in ISO 8601, money in whole units of its currency.

The API has times in Unix seconds, costs in dollars and thresholds in cents; an assistant that must
tell these apart by itself reads a spend limit a hundred times too high.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from .._wire import codec
from .._wire.codec import written
from ..directory.wording import is_cents
from .values import money_of

_TIME = "_at"  # how the names of times end
_SECONDS = range(10**9, 4 * 10**9)  # those that times of fields we do not know are taken for
_CENTS_IN = "usd"


def facts_of(model: Any, *, secrets: bool = False) -> Any:
    """A model, or a list of them, as facts.

    Args:
        model: what was read.
        secrets: whether one-time secrets are among the facts.
    """
    return _fact("", written(model, "python", secrets=secrets))


def _fact(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return codec.iso(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_fact(name, each) for each in value]
    if isinstance(value, dict):
        return _of_object(name, value)
    if is_cents(name, value):
        return _money(Decimal(value).scaleb(-2), _CENTS_IN)
    if name.endswith(_TIME) and isinstance(value, int) and value in _SECONDS:
        return codec.iso(datetime.fromtimestamp(value, UTC))
    return value


def _of_object(name: str, value: Mapping[str, Any]) -> Any:
    if name == "amount" and value.keys() <= {"value", "currency"}:
        return _money(_decimal(value.get("value")), value.get("currency"))
    made = {key: _fact(key, each) for key, each in value.items()}
    for key, each in value.items():
        if is_cents(key, each):  # its currency stands beside it
            currency = made.pop("currency", None) or _CENTS_IN
            made[key] = _money(Decimal(each).scaleb(-2), currency)
    return made


def _money(amount: Decimal | None, currency: Any) -> dict[str, Any] | None:
    money = money_of(amount, currency if isinstance(currency, str) else None)
    return None if money is None else attrs.asdict(money)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    return Decimal(str(value)) if isinstance(value, int | float) else None
