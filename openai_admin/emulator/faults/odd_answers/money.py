"""Amounts, currencies, quantities and names in rows of costs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .answer import JSON, OddAnswer, dropping, nulling, of_rows, plain, setting

_COSTS = "usage.costs"


def _worth(value: Any) -> Callable[[JSON], JSON]:
    """The change that gives a row another amount, in its own currency."""
    return lambda row: {**row, "amount": {**(row.get("amount") or {}), "value": value}}


def _with_decimals(row: JSON) -> JSON:
    value = plain((row.get("amount") or {}).get("value"))
    return _worth(f"{value:.39f}")(row)


def _as_text(row: JSON) -> JSON:
    value = plain((row.get("amount") or {}).get("value"))
    return _worth(f"{value:f}")(row)


def _capitals(row: JSON) -> JSON:
    amount = row.get("amount") or {}
    return {**row, "amount": {**amount, "currency": str(amount.get("currency", "usd")).upper()}}


def _without_currency(row: JSON) -> JSON:
    return {**row, "amount": dropping("currency")(row.get("amount") or {})}


def _float_quantity(row: JSON) -> JSON:
    return {**row, "quantity": plain(row.get("quantity")).quantize(Decimal("0.1"))}


MONEY: tuple[OddAnswer, ...] = (
    of_rows(
        _COSTS,
        "amount_exponent",
        "A line that cost nothing has the amount 0E-6176, the database's zero.",
        _worth("0E-6176"),
    ),
    of_rows(
        _COSTS,
        "amount_negative_zero",
        "A line that cost nothing has the amount -0E-6176.",
        _worth("-0E-6176"),
    ),
    of_rows(_COSTS, "amount_decimals", "Amounts are text with 39 decimals.", _with_decimals),
    of_rows(_COSTS, "amount_text", "Amounts are text with plain digits.", _as_text),
    of_rows(_COSTS, "amount_small", "An amount is the text 1e-07.", _worth("1e-07")),
    of_rows(_COSTS, "amount_thousands", "An amount is the text 1E+3.", _worth("1E+3")),
    of_rows(
        _COSTS,
        "amount_number",
        "An amount is a number with an exponent, 1E-7, where text comes otherwise.",
        _worth(Decimal("1E-7")),
    ),
    of_rows(
        _COSTS,
        "amount_huge",
        "An amount is the text 1e1000000, whose digits would fill a megabyte.",
        _worth("1e1000000"),
    ),
    of_rows(_COSTS, "amount_credit", "An amount is negative, a credit.", _worth("-12.5")),
    of_rows(_COSTS, "amount_word", "An amount is a word, not a number.", _worth("free")),
    of_rows(_COSTS, "amount_null", "A row's amount is null.", nulling("amount")),
    of_rows(_COSTS, "currency_capitals", "Currencies are in capitals.", _capitals),
    of_rows(_COSTS, "currency_absent", "Amounts have no currency.", _without_currency),
    of_rows(_COSTS, "quantity_decimal", "Quantities have a decimal, as 30.0.", _float_quantity),
    of_rows(_COSTS, "quantity_null", "Quantities are null.", nulling("quantity")),
    of_rows(
        _COSTS, "quantity_unit_null", "Units of quantities are null.", nulling("quantity_unit")
    ),
    of_rows(
        _COSTS,
        "row_names",
        "Rows carry the names of the project, the organization and the user beside the ids.",
        setting(
            project_name="Old",
            organization_id="org-old",
            organization_name="Acme",
            user_email="gone@example.test",
        ),
    ),
    of_rows(
        _COSTS,
        "line_item_tier",
        "A line item has a tier before it and a context after it.",
        setting(line_item="priority | gpt-5, output, long context"),
    ),
    of_rows(
        _COSTS,
        "line_item_commas",
        "A line item's model has commas, and its kind a capital.",
        setting(line_item="ft:gpt-4o-mini:acme, inc::abc, Input"),
    ),
)
