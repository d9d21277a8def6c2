"""What is not known is never 0: it has no row, and is named in the file and by the run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from openai_admin.errors import APIError, InvalidInputError
from openai_admin.export import focus
from openai_admin.insights import Period
from tests.export.focus_file.biller import OCTOBER, Biller, line
from tests.export.focus_file.files import rows_of

DAYS = [date(2025, 10, n) for n in range(1, 11)]
START = Period(DAYS[0], DAYS[-1] + timedelta(days=1))


async def test_days_that_cannot_be_fetched_are_named_in_every_row(tmp_path: Path) -> None:
    async with Biller({day: [line("1")] for day in DAYS}) as biller, biller.client() as client:
        biller.refused = {DAYS[3], DAYS[4]}
        done = await focus(client, tmp_path / "a.csv", period=START)
    rows = rows_of(tmp_path / "a.csv")
    assert len(rows) == done.charges == 8
    assert {row["x_missing_days"] for row in rows} == {"2025-10-04, 2025-10-05"}
    assert done.unknown == (DAYS[3], DAYS[4])
    assert done.missing


async def test_an_amount_that_cannot_be_read_is_no_row(tmp_path: Path) -> None:
    lines = {DAYS[0]: [line("free"), line("2", "gpt-5, output")], DAYS[1]: [line("3")]}
    async with Biller(lines) as biller, biller.client() as client:
        done = await focus(client, tmp_path / "a.csv", period=START)
    rows = rows_of(tmp_path / "a.csv")
    assert [row["BilledCost"] for row in rows] == ["2.0", "3.0"]
    assert [row["x_complete"] for row in rows] == ["false", "true"]
    assert {row["x_missing_days"] for row in rows} == {"2025-10-01"}
    assert done.unknown == (DAYS[0],)


@pytest.mark.parametrize("organization", ["org-billed", None])
async def test_nothing_is_written_where_nothing_is_known(
    organization: str | None, tmp_path: Path
) -> None:
    async with Biller({}) as biller, biller.client() as client:
        biller.refused = set(DAYS)
        biller.organization = organization
        with pytest.raises(APIError, match="could not be fetched"):
            await focus(client, tmp_path / "a.csv", period=START)
    assert list(tmp_path.iterdir()) == []


async def test_a_month_without_charges_is_a_file_without_rows(tmp_path: Path) -> None:
    async with Biller({}) as biller, biller.client() as client:
        done = await focus(client, tmp_path / "a.parquet", period=OCTOBER)
    assert rows_of(tmp_path / "a.parquet") == []
    assert (done.charges, done.totals, done.unknown) == (0, {}, ())


async def test_days_that_may_be_restated_are_marked(tmp_path: Path) -> None:
    async with Biller({day: [line("1")] for day in DAYS}) as biller, biller.client() as client:
        biller.now = datetime(2025, 10, 10, 12, tzinfo=UTC)
        done = await focus(client, tmp_path / "a.csv", period=START)
    complete = [row["x_complete"] for row in rows_of(tmp_path / "a.csv")]
    assert complete == ["true"] * 6 + ["false"] * 4
    assert done.so_far is not None
    assert "from 2025-10-07" in done.so_far


async def test_who_is_billed(tmp_path: Path) -> None:
    """By the rows of costs, else by the answers, else by whoever runs it."""
    file = tmp_path / "a.csv"
    named = line("1", organization_id="org-rows", organization_name="Rows Inc")
    for row, header, passed, expected in [
        (named, "org-billed", None, ("org-rows", "Rows Inc")),
        (line("1"), "org-billed", None, ("org-billed", "")),
        (line("1"), None, "org-mine", ("org-mine", "")),
    ]:
        async with Biller({DAYS[0]: [row]}) as biller, biller.client() as client:
            biller.organization = header
            await focus(client, file, period=START, billing_account=passed)
        (written,) = rows_of(file)
        assert (written["BillingAccountId"], written["BillingAccountName"]) == expected
    file.unlink()
    async with Biller({DAYS[0]: [line("1")]}) as biller, biller.client() as client:
        biller.organization = None
        with pytest.raises(InvalidInputError, match="pass billing_account"):
            await focus(client, file, period=START)
    assert list(tmp_path.iterdir()) == []
