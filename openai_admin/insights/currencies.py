"""Costs that are not in the currency that is added up: in no figure, and told beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import repeat

from ..directory.not_known import NotKnown
from ..usage.money import BILLED_IN, add_up, currency_code
from ..usage.table import UsageTable
from .daily import currencies, stated
from .periods import Period
from .text import money

OtherCosts = tuple[tuple[str | None, Decimal], ...]
"""What costs in each other currency add up to; ``None`` is those without one."""


def main_currency(costs: UsageTable) -> str | None:
    """The currency of the most amounts, which is the one that is added up; ``None`` where amounts
    state none. Where there is no amount, it is the one that the API bills in.
    """
    known = currencies(costs)
    return known[0] if known else None if len(costs) else BILLED_IN


def in_others(costs: UsageTable, period: Period, currency: str | None) -> OtherCosts:
    """What a period cost in other currencies, the first by name first, those without one last.

    Args:
        costs: the costs.
        period: the days that are added up.
        currency: the one that is in figures.
    """
    return in_others_by(costs, None, period, currency).get(None, ())


def in_others_by(
    costs: UsageTable, column: str | None, period: Period, currency: str | None
) -> Mapping[str | None, OtherCosts]:
    """The same for each value of a column that has such costs; without one, for ``None`` alone."""
    codes = {currency_code(code) for code in stated(costs)} - {currency}
    if not codes:
        return {}
    columns = costs.columns
    values = repeat(None, len(costs)) if column is None else columns[column]
    rows = zip(values, columns["start_time"], columns["amount"], columns["currency"], strict=True)
    found: dict[str | None, dict[str | None, list[Decimal]]] = {}
    for value, start, amount, unit in rows:
        code = currency_code(unit)
        if code in codes and amount and start.date() in period:
            found.setdefault(value, {}).setdefault(code, []).append(amount)
    return {value: _added_up(amounts) for value, amounts in found.items()}


def _added_up(found: Mapping[str | None, Sequence[Decimal]]) -> OtherCosts:
    ordered = sorted(found.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))
    return tuple((code, add_up(amounts)) for code, amounts in ordered)


def not_in_figures(others: OtherCosts, before: OtherCosts, currency: str | None) -> list[NotKnown]:
    """That costs are in no figure since they are in other currencies, or in one that is not known.

    Args:
        others: those of the period.
        before: those of the period that is compared with.
        currency: the one that is in figures.
    """
    if currency is None:
        return [NotKnown(kind="the currency of costs", reason="the API states none")]
    here = [_lost(code, amount, "no figure", currency) for code, amount in others]
    then = [_lost(code, amount, "no comparison", currency) for code, amount in before]
    return here + then


def in_words(others: OtherCosts) -> Sequence[str]:
    """The amounts: ``12.00 EUR``, ``3.00 without a currency``."""
    return [_amount(code, amount) for code, amount in others]


def _lost(code: str | None, amount: Decimal, where: str, currency: str) -> NotKnown:
    return NotKnown(
        kind=f"costs in {code.upper()}" if code else "costs without a currency",
        reason=f"{_amount(code, amount)} is in {where}, as these are in {currency.upper()}",
    )


def _amount(code: str | None, amount: Decimal) -> str:
    return money(amount, code) if code else f"{money(amount, None)} without a currency"
