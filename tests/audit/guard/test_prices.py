"""What use is worth, by what was paid for models."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from openai_admin.audit.guard.prices import Counts, Prices
from openai_admin.usage.table import UsageTable

USED = {
    "gpt-5": Counts(requests=10, input=1_000_000, cached=200_000, output=100_000),
    "gpt-4.1": Counts(requests=10, input=900_000, output=100_000),
    "dall-e-3": Counts(requests=40),
}


def bill(*rows: tuple[str | None, str, int | None, str | None], currency: str = "usd") -> Any:
    names = ("line_item", "amount", "quantity", "quantity_unit")
    columns: dict[str, list[Any]] = {
        name: list(of) for name, of in zip(names, zip(*rows, strict=True), strict=True)
    }
    columns["amount"] = [Decimal(amount) for amount in columns["amount"]]
    columns["currency"] = [currency] * len(rows)
    return UsageTable(columns, dimensions=("line_item",), metrics=names[1:])


def test_tokens_have_the_price_of_their_kind() -> None:
    prices = Prices.of(
        bill(
            ("gpt-5, input", "8", 800_000, "tokens"),
            ("gpt-5, cached input", "0.2", 200, "1000_tokens"),
            ("gpt-5, output", "10", 100_000, "tokens"),
        ),
        USED,
    )
    counts = Counts(requests=1, input=1000, cached=500, output=100)
    assert prices.worth("gpt-5", counts) == pytest.approx(500 * 1e-5 + 500 * 1e-6 + 100 * 1e-4)
    assert prices.worth("gpt-5-2025-08-07", counts) == prices.worth("gpt-5", counts)


def test_a_bill_without_quantities_is_shared_out_by_the_tokens_that_were_used() -> None:
    prices = Prices.of(bill(("gpt-4.1", "5", None, None)), USED)
    assert prices.worth("gpt-4.1", Counts(input=100, output=100)) == pytest.approx(200 * 5e-6)


def test_what_has_no_tokens_is_paid_by_the_request() -> None:
    prices = Prices.of(bill(("dall-e-3, 1024x1024", "1.60", 40, "images")), USED)
    assert prices.worth("dall-e-3", Counts(requests=2)) == pytest.approx(0.08)


def test_what_the_bill_does_not_name_has_no_price_and_still_weighs_something() -> None:
    prices = Prices.of(bill(("gpt-4.1", "5", None, None)), USED)
    unknown = Counts(requests=1, input=1000)
    assert prices.worth("gpt-9", unknown) is None
    assert prices.worth(None, unknown) is None
    assert prices.weight("gpt-9", unknown) == pytest.approx(1000 * 5e-6)


def test_other_currencies_are_no_dollars_and_without_a_bill_tokens_are_weighed() -> None:
    prices = Prices.of(bill(("gpt-4.1", "5", None, None), currency="eur"), USED)
    assert prices.token is None
    assert prices.worth("gpt-4.1", Counts(input=100)) is None
    assert prices.weight("gpt-4.1", Counts(input=100, output=20)) == 120
    assert prices.weight("dall-e-3", Counts(requests=3)) == 3
