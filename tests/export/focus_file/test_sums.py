"""What a file adds up to is what the costs add up to, to the last decimal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openai_admin.allocation import Allocation
from openai_admin.export import focus
from tests.export.focus_file.biller import OCTOBER, Biller, line, odd_bill
from tests.export.focus_file.conftest import Written
from tests.export.focus_file.files import rows_of, summed_by_duckdb, sums

DAY = date(2025, 10, 7)


@pytest.mark.parametrize("which", ["demo_bill", "odd"])
def test_sums_are_those_of_the_costs(which: str, request: pytest.FixtureRequest) -> None:
    bill: Written = request.getfixturevalue(which)
    assert bill.total
    assert sums([bill.csv]) == {(): bill.total}
    assert summed_by_duckdb(bill.csv) == bill.total
    assert summed_by_duckdb(bill.parquet) == bill.total
    assert bill.summary.totals == {"USD": bill.total}
    assert bill.summary.charges == len(rows_of(bill.csv))


async def _written(tmp_path: Path, lines: Sequence[Any], name: str, **arguments: Any) -> Any:
    async with Biller({DAY: list(lines)}) as biller, biller.client() as client:
        summary = await focus(client, tmp_path / name, period=OCTOBER, **arguments)
    return summary, rows_of(tmp_path / name)


async def test_parquet_rounds_what_lies_beyond_18_decimals(tmp_path: Path) -> None:
    lines = [line("0.0000000000000000015", f"gpt-{n}, input") for n in range(3)]
    summary, rows = await _written(tmp_path, lines, "a.parquet")
    assert [row["BilledCost"] for row in rows] == [Decimal("2E-18")] * 3
    assert summary.totals == {"USD": Decimal("4.5E-18")}
    _, rows = await _written(tmp_path, lines, "a.csv")
    assert [row["BilledCost"] for row in rows] == ["0.0000000000000000015"] * 3


@pytest.mark.parametrize(
    ("quantity", "unit", "expected"),
    [
        (30_000_000, "tokens", ("30000000.0", "Tokens", "30.0", "1000000 Tokens")),
        (30.0, "1000_tokens", ("30.0", "1000 Tokens", "0.03", "1000000 Tokens")),
        (4, "images", ("4.0", "Images", "4.0", "Images")),
        (1.5, "duration_minutes", ("1.5", "Minutes", "1.5", "Minutes")),
        (2, "new_kind_of_unit", ("2.0", "New Kind Of Unit", "2.0", "New Kind Of Unit")),
        (0.0, None, ("0.0", "Units", "0.0", "Units")),
        # Nothing but the amount is known: it is the quantity of a price of 1 USD.
        (None, None, ("", "", "7.25", "USD")),
        (None, "tokens", ("", "", "7.25", "USD")),
    ],
)
async def test_quantities(
    quantity: Any, unit: str | None, expected: tuple[str, ...], tmp_path: Path
) -> None:
    _, (row,) = await _written(tmp_path, [line("7.25", quantity=quantity, unit=unit)], "a.csv")
    columns = ("ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit")
    assert tuple(row[name] for name in columns) == expected


async def test_shared_charges_add_up_to_the_whole(tmp_path: Path) -> None:
    allocation = Allocation.from_text(
        """
        [[rule]]
        project = "proj_a"
        shares = [{ team = "Search", weight = 1 }, { team = "Data", weight = 2 }]
        """
    )
    async with Biller(odd_bill()) as biller, biller.client() as client:
        paths = [tmp_path / "whole.csv", tmp_path / "shared.csv"]
        for path, allocated in zip(paths, (None, allocation), strict=True):
            await focus(client, path, period=OCTOBER, allocation=allocated)
    lines = ("x_line_item", "ChargePeriodStart")
    assert sums(paths[1:], *lines) == sums(paths[:1], *lines)
    assert sums(paths[1:], "Tags").keys() == {
        ('{"team": "Search"}',),
        ('{"team": "Data"}',),
        ("",),
    }


async def test_currencies_are_never_added_up(tmp_path: Path) -> None:
    lines = [
        line("1"),
        line("2", "gpt-5, output", currency="EUR"),
        line("3", "gpt-6, input", currency=None),
    ]
    summary, rows = await _written(tmp_path, lines, "a.csv")
    assert summary.totals == {"USD": Decimal(4), "EUR": Decimal(2)}
    assert [row["BillingCurrency"] for row in rows] == ["USD", "EUR", "USD"]
    assert any("without a currency" in note for note in summary.notes)


async def test_a_bill_is_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first part has nothing that can be read; the rest is there all the same."""
    monkeypatch.setattr("openai_admin.export.focus_file.run._AT_ONCE", 2)
    monkeypatch.setattr("openai_admin.export.focus_file.run.SLICE", 4)
    monkeypatch.setattr("openai_admin.export.focus_file.writers.SLICE", 4)
    lines = [line("free", f"gpt-{n}, input") for n in range(4)]
    lines += [line("0.1", f"gpt-{n}, output") for n in range(9)]
    for name in ("a.csv", "a.parquet"):
        summary, rows = await _written(tmp_path, lines, name)
        assert len(rows) == summary.charges == 9
        assert sums([tmp_path / name]) == {(): Decimal("0.9")}
        assert summary.unknown == (DAY,)
