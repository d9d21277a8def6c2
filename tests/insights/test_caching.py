"""What the cache saved, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from openai_admin.insights import Period
from openai_admin.insights.caching import cache_savings, saved_together
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.reconciliation import billed

from .made import costs
from .test_missing_days import reviewed_of

CACHE_SAVINGS = FINDINGS["cache_savings"]

DAY = date(2026, 11, 3)
PERIOD = Period(DAY, date(2026, 11, 4))


def _line(item: str, amount: str, quantity: str | None, unit: str | None = "tokens") -> Any:
    many = None if quantity is None else Decimal(quantity)
    return {
        "day": DAY,
        "line_item": item,
        "amount": amount,
        "quantity": many,
        "quantity_unit": unit,
    }


def _found(*lines: Any) -> Any:
    return cache_savings(billed(costs(lines), PERIOD, "usd"))


def test_it_is_measured_by_what_was_paid() -> None:
    (saving,) = _found(
        _line("gpt-5, input", "2.50", "2000000"),
        _line("gpt-5, cached input", "0.25", "2000", "1000_tokens"),
        _line("batch | gpt-5, input", "9", "1"),
    )
    assert (saving.what, saving.cached_tokens) == ("gpt-5", Decimal(2_000_000))
    assert (saving.price, saving.cached_price) == (Decimal("1.25"), Decimal("0.125"))
    assert saving.saved == Decimal("2.25")  # two million for 0.25 in place of 2.50


def test_tiers_contexts_and_kinds_have_prices_of_their_own() -> None:
    found = _found(
        _line("priority | gpt-5, input, long context", "4", "1000000"),
        _line("priority | gpt-5, cached input, long context", "1", "1000000"),
        _line("gpt-4o, audio input", "40", "1000000"),
        _line("gpt-4o, cached audio input", "2.5", "1000000"),
    )
    assert [(s.what, s.saved) for s in found] == [
        ("gpt-4o (audio input)", Decimal("37.5")),
        ("gpt-5 (priority, long context)", Decimal(3)),
    ]
    assert saved_together(found) == Decimal("40.5")


def test_what_has_no_price_to_compare_with_is_not_known() -> None:
    found = _found(
        _line("gpt-5, cached input", "0.25", "2000000"),
        _line("gpt-4.1, input", "1", None),
        _line("gpt-4.1, cached input", "0.25", "2000000"),
        _line("batch | o3, input", "5", "1000000"),
        _line("o3, cached input", "0.25", "2000000"),
        _line("o4, cached input", "0.25", None),
    )
    assert [(s.model, s.price, s.saved) for s in found] == [
        ("gpt-4.1", None, None),
        ("gpt-5", None, None),
        ("o3", None, None),
        ("o4", None, None),
    ]
    assert saved_together(found) == 0


def test_a_quantity_without_a_unit_is_not_taken_for_tokens_nor_for_none() -> None:
    lines = [
        _line("gpt-5, input", "2.50", "2000000", None),
        _line("gpt-5, cached input", "0.25", "2000000", None),
    ]
    (saving,) = _found(*lines)
    assert (saving.cached_tokens, saving.cached_price, saving.saved) == (None, None, None)
    review = reviewed_of(costs(lines))
    (sentence,) = CACHE_SAVINGS.sentences(review)
    assert sentence == (
        "What the cache saved is not known: the bill does not say how many tokens were read from"
        " the cache."
    )
    unnamed = reviewed_of(costs([{**lines[0], "line_item": None}]))
    assert "is not known" in CACHE_SAVINGS.sentences(unnamed)[0]


def test_what_was_saved_is_not_rounded_to_fewer_digits_than_money_has() -> None:
    (saving,) = _found(
        _line("gpt-5, input", "0.000002500000000123", "2"),
        _line("gpt-5, cached input", "0.000000125", "2"),
    )
    assert saving.saved == Decimal("0.000002375000000123")
