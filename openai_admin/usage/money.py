"""Money added up, and written: exact, and never of two currencies at once."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

_log = logging.getLogger("openai_admin.usage")

MONEY = (38, 18)
"""Digits of amounts and quantities in Arrow and Parquet, and how many are decimal places."""

BILLED_IN = "usd"
"""The currency that the API bills in, and so that of nothing spent."""

# The digits of any sum of numbers that the API may give (see `scalars.normalized`): Python's
# default, 28, would round.
EXACT = Context(prec=300)

plus = EXACT.add
"""The exact sum of two amounts."""

_ZERO = Decimal(0)


def add_up(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts of one currency."""
    result = _ZERO
    for amount in amounts:
        result = plus(result, amount)
    return result


def tidied(amount: Decimal) -> Decimal:
    """An amount without zeros at its end, nor a positive exponent, however many its digits."""
    return EXACT.add(EXACT.normalize(amount), _ZERO)


def currency_code(currency: str | None) -> str | None:
    """A currency in lower case, as all are compared."""
    return None if currency is None else currency.lower()


def is_rounded(number: Any) -> bool:
    """Whether a value is a number that has more decimals than `MONEY` holds."""
    return isinstance(number, Decimal) and number != number.quantize(_LAST, context=EXACT)


def all_rounded(numbers: Iterable[Decimal | None]) -> list[Decimal | None]:
    """Numbers as `MONEY` holds them, rounded half to even, which is told once.

    Raises:
        ValueError: one is too large.
    """
    before = list(numbers)
    after = [None if number is None else _rounded(number) for number in before]
    if after != before:
        _tell_rounded()
    return after


@functools.cache
def _tell_rounded() -> None:
    _log.warning(
        "Amounts with more than %s decimals are rounded half to even in Arrow, Polars and Parquet;"
        " totals(), CSV and JSON have all their digits.",
        MONEY[1],
    )


def _rounded(number: Decimal) -> Decimal:
    if number and number.adjusted() >= MONEY[0] - MONEY[1]:
        raise ValueError(f"{number:.6e} has over {MONEY[0] - MONEY[1]} digits before its point")
    return number.quantize(_LAST, context=EXACT)


_LAST = Decimal(1).scaleb(-MONEY[1])
