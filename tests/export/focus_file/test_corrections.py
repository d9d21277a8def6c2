"""What was delivered before and the corrections of it add up to what is true today."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from openai_admin.allocation import Allocation
from openai_admin.errors import InvalidInputError
from openai_admin.export import FocusSummary, Previous, focus
from openai_admin.insights import Period
from tests.export.focus_file.biller import OCTOBER, Biller, Lines, line
from tests.export.focus_file.facts import check
from tests.export.focus_file.files import rows_of, sums

NOVEMBER = Period(date(2025, 11, 1), date(2025, 12, 1))
DECEMBER = Period(date(2025, 12, 1), date(2026, 1, 1))
LAST = date(2025, 10, 31)


async def write(
    lines: Lines, file: Path, period: Period, *before: Path, **arguments: Any
) -> FocusSummary:
    """Write a file of a bill."""
    previous = Previous.read(*before) if before else None
    async with Biller(lines) as biller, biller.client() as client:
        return await focus(client, file, period=period, previous=previous, **arguments)


def of(file: Path, kind: str) -> list[dict[str, Any]]:
    """The rows of a class."""
    return [row for row in rows_of(file) if (row["ChargeClass"] or "") == kind]


def bill(random: Random, month: int) -> Lines:
    """A bill of three days of a month."""
    return {
        date(2025, month, day): [
            line(
                random.choice(["0.1", "7", "-2", "1e-07", "0.123456789012345678"]),
                f"gpt-{item}, input",
                project=f"proj_{random.randint(1, 3)}",
                quantity=random.choice([None, 5, 10]),
                unit="tokens",
            )
            for item in range(random.randint(0, 4))
        ]
        for day in (1, 2, 3)
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ending", ["csv", "parquet"])
async def test_files_and_corrections_add_up_to_the_present(
    seed: int, ending: str, tmp_path: Path
) -> None:
    """October is restated before November's file, and again before December's."""
    random = Random(seed)
    later = {**bill(random, 11), **bill(random, 12)}
    october, november, december = (tmp_path / f"{n}.{ending}" for n in (10, 11, 12))
    now = tmp_path / "now.csv"
    await write(bill(random, 10), october, OCTOBER)
    await write({**bill(random, 10), **later}, november, NOVEMBER, october)
    final = {**bill(random, 10), **later}
    await write(final, december, DECEMBER, october, november)
    await write(final, now, Period(OCTOBER.start, DECEMBER.end))
    by = ("ChargePeriodStart", "SubAccountId", "x_line_item", "ChargeCategory")
    assert sums([now], *by)
    assert sums([october, november, december], *by) == sums([now], *by)
    if ending == "csv":
        check([*rows_of(november), *rows_of(december)])


async def test_a_correction_is_billed_by_the_later_month(tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv.gz", tmp_path / "11.csv"
    before = {
        LAST: [
            line("2", quantity=20, unit="tokens"),
            line("1", "gone, input"),
            line("5", "kept, input"),
        ]
    }
    after = {
        LAST: [
            line("3.5", quantity=35, unit="tokens"),
            line("5", "kept, input"),
            line("4", "late, input"),
        ]
    }
    await write(before, october, OCTOBER)
    done = await write(after, november, NOVEMBER, october)
    rows = {row["x_line_item"]: row for row in of(november, "Correction")}
    assert {item: row["BilledCost"] for item, row in rows.items()} == {
        "gpt-5, input": "1.5",
        "gone, input": "-1.0",
        "late, input": "4.0",
    }
    for row in rows.values():
        assert row["BillingPeriodStart"] == "2025-11-01T00:00:00Z"
        assert row["ChargePeriodStart"] == "2025-10-31T00:00:00Z"
        assert row["ChargeCategory"] == "Usage"
        assert row["SubAccountName"] == "A"
    assert rows["gpt-5, input"]["ConsumedQuantity"] == "15.0"
    assert rows["gone, input"]["ConsumedQuantity"] == ""
    assert (done.corrections, done.corrected) == (3, {"USD": Decimal("4.5")})
    assert done.charges == len(of(november, "")) == 0


async def test_what_is_within_the_billing_period_is_no_correction(tmp_path: Path) -> None:
    first, again = tmp_path / "first.csv", tmp_path / "again.csv"
    await write({LAST: [line("2")]}, first, OCTOBER)
    done = await write({LAST: [line("3")]}, again, OCTOBER, first)
    (row,) = rows_of(again)
    assert (row["BilledCost"], row["ChargeClass"]) == ("3.0", "")
    assert any("2025-10 are not corrected" in note for note in done.notes)


async def test_a_day_that_is_not_known_is_not_corrected(tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    lines = {date(2025, 10, n): [line("2")] for n in range(1, 32)}
    await write(lines, october, OCTOBER)
    async with Biller({LAST: [line("9")]}) as biller, biller.client() as client:
        biller.refused = {date(2025, 10, n) for n in range(3, 30)}
        done = await focus(client, november, period=NOVEMBER, previous=Previous.read(october))
    rows = of(november, "Correction")
    assert [row["BilledCost"] for row in rows] == ["-2.0", "-2.0", "-2.0", "7.0"]
    assert done.unknown == tuple(sorted(biller.refused))
    assert all("2025-10-29" in row["x_missing_days"] for row in rows)


async def test_the_earlier_file_decides_what_is_kept_apart(tmp_path: Path) -> None:
    """A file by project is corrected by project, though the new one is by key."""
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    rows = [line("2", api_key_id="key_1"), line("1", api_key_id="key_2")]
    first = date(2025, 11, 1)
    await write({LAST: [line("3")]}, october, OCTOBER)
    async with Biller({LAST: [line("3")], first: rows}) as biller, biller.client() as client:
        await focus(
            client,
            november,
            period=NOVEMBER,
            details=["api_key_id"],
            previous=Previous.read(october),
        )
    assert ["api_key_id" in groups for groups in biller.groups] == [True, False]
    assert {row["x_api_key_id"] for row in rows_of(november)} == {"key_1", "key_2"}
    assert of(november, "Correction") == []


async def test_another_allocation_moves_what_was_charged(tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    lines = {LAST: [line("2")]}
    teams = [
        Allocation.from_text(f'[[rule]]\nproject = "proj_a"\nteam = "{team}"\n')
        for team in ("Search", "Data")
    ]
    await write(lines, october, OCTOBER, allocation=teams[0])
    await write(lines, november, NOVEMBER, october, allocation=teams[1])
    moved = sums([november], "Tags")
    assert moved == {('{"team": "Search"}',): Decimal(-2), ('{"team": "Data"}',): Decimal(2)}


async def test_corrections_of_tags_need_an_allocation(tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    allocation = Allocation.from_text('[[rule]]\nproject = "proj_a"\nteam = "Search"\n')
    await write({LAST: [line("2")]}, october, OCTOBER, allocation=allocation)
    with pytest.raises(InvalidInputError, match="pass allocation"):
        await write({LAST: [line("2")]}, november, NOVEMBER, october)


async def test_other_projects_are_not_taken_back(tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    of_one = [line("2", project="proj_b")]
    await write({LAST: [line("1"), *of_one]}, october, OCTOBER)
    await write({LAST: of_one}, november, NOVEMBER, october, project_ids=["proj_b"])
    assert rows_of(november) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", r"old\.csv is not a FOCUS file that openai-admin wrote: it has no column"),
        ("", r"old\.csv is not a FOCUS file"),
        ("\xff\xfe", r"old\.csv cannot be read as CSV"),
    ],
)
def test_a_file_of_something_else_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidInputError, match=sentence):
        Previous.read(file)


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "old.csv.gz"
    await write({LAST: [line("2")]}, file, OCTOBER)
    whole = file.read_bytes()
    for damaged in (whole[:-20], whole[:40] + bytes(20) + whole[60:], b"BilledCost"):
        file.write_bytes(damaged)
        with pytest.raises(InvalidInputError, match=r"old\.csv\.gz cannot be read as CSV"):
            Previous.read(file)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (",2.0,", ",two,", r"line 2: BilledCost must be a number, not 'two'"),
        ("2025-10-31T00:00:00Z", "yesterday", r"line 2: ChargePeriodStart must be a moment"),
        (",true,", "\n", r"line 2: the line is cut off"),
    ],
)
async def test_a_row_that_cannot_be_read_is_named(
    old: str, new: str, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "old.csv"
    await write({LAST: [line("2")]}, file, OCTOBER)
    header, row = file.read_text().splitlines()
    file.write_text(f"{header}\n{f',{row}'.replace(old, new)[1:]}\n")
    with pytest.raises(InvalidInputError, match=sentence):
        Previous.read(file)


async def test_files_of_another_organization_are_refused(tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    await write({LAST: [line("2")]}, october, OCTOBER, billing_account="org-other")
    with pytest.raises(InvalidInputError, match="The earlier files bill org-other"):
        await write({LAST: [line("2")]}, november, NOVEMBER, october)
    assert not november.exists()


@pytest.mark.parametrize("names", [("a.csv", "a.csv"), ("a.csv", "b.parquet"), ("a.csv", "b.csv")])
async def test_files_that_state_the_same_charges_are_refused(
    names: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a bare name given twice is one and the same text
    for name, amount in zip(names, "12", strict=True):
        await write({LAST: [line(amount)]}, Path(name), OCTOBER)
    with pytest.raises(InvalidInputError) as failed:
        Previous.read(*map(Path, names))
    assert str(failed.value).startswith(
        f"{names[0]} and {names[1]} both state the charges of the project"
        " proj_a for gpt-5, input on 2025-10-31: "
    )


async def test_files_of_one_month_that_share_its_charges_are_not(tmp_path: Path) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "11.csv"]
    rows = [line("1"), line("2", project="proj_b")]
    for file, row in zip(files, rows, strict=False):
        await write({LAST: [row]}, file, OCTOBER)
    await write({LAST: [line("1"), line("5", project="proj_b")]}, files[2], NOVEMBER, *files[:2])
    assert [row["BilledCost"] for row in of(files[2], "Correction")] == ["3.0"]


@pytest.mark.parametrize("field", ["project_id", "line_item", "api_key_id"])
async def test_what_cannot_be_compared_is_not_corrected(field: str, tmp_path: Path) -> None:
    october, november = tmp_path / "10.csv", tmp_path / "11.csv"
    lines = {LAST: [line("2", api_key_id="key_1")]}
    await write(lines, october, OCTOBER, details=["api_key_id"])
    async with Biller(lines) as biller, biller.client() as client:
        biller.ungrouped = {field}
        done = await focus(client, november, period=NOVEMBER, previous=Previous.read(october))
    assert rows_of(november) == []
    (sentence,) = done.uncorrected
    assert sentence.startswith("Charges of 2025-10 are not corrected")
    assert f"does not group by {field} now" in sentence


async def test_a_month_that_was_delivered_without_a_charge(tmp_path: Path) -> None:
    """Parquet says which one it is; of CSV a later correction does."""
    september = Period(date(2025, 9, 1), date(2025, 10, 1))
    files = [tmp_path / name for name in ("9.csv", "10.csv", "10.parquet", "11.csv")]
    before, after = {date(2025, 9, 2): [line("1")]}, {date(2025, 9, 2): [line("3")]}
    await write(before, files[0], september)
    await write(after, files[1], OCTOBER, files[0])
    await write({}, files[2], OCTOBER)
    late = {**after, LAST: [line("2")]}
    for earlier in ([files[0], files[1]], [files[2]]):
        await write(late, files[3], NOVEMBER, *earlier)
        assert [row["BilledCost"] for row in of(files[3], "Correction")] == ["2.0"]
    await write({}, files[1].with_name("none.csv"), OCTOBER)
    with pytest.raises(InvalidInputError, match=r"none\.csv has no rows, and nothing in it says"):
        Previous.read(files[1].with_name("none.csv"))
