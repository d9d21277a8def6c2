"""The command ``focus``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import invoke
from tests.export.focus_file.biller import Biller, line
from tests.export.focus_file.files import rows_of, sums

OCTOBER = date(2025, 10, 31)
NOVEMBER = date(2025, 11, 1)


@pytest.fixture
async def biller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Biller]:
    """Two days' bills, at the turn of a month."""
    lines = {OCTOBER: [line("2"), line("3", "gpt-5, output")], NOVEMBER: [line("0.25")]}
    async with Biller(lines) as biller:
        monkeypatch.setenv("OPENAI_BASE_URL", biller.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-test")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.chdir(tmp_path)
        yield biller


async def test_it_says_what_it_wrote(biller: Biller) -> None:
    done = await invoke("focus", "--month", "2025-10", "-o", "focus-{month}.csv.gz")
    assert (done.code, done.out) == (0, "")
    assert done.err == "focus-2025-10.csv.gz: 2 charges, 5 USD.\n"
    again = await invoke("focus", "--month", "2025-10", "-o", "focus-{month}.csv.gz")
    assert again.code == 2
    assert again.err == "focus-2025-10.csv.gz exists; pass --force to replace it.\n"


async def test_standard_output_is_csv(biller: Biller, tmp_path: Path) -> None:
    done = await invoke("focus", "--month", "2025-10", "-o", "-")
    assert done.code == 0, done.err
    assert done.err == "standard output: 2 charges, 5 USD.\n"
    (tmp_path / "piped.csv").write_text(done.out)
    assert sums([tmp_path / "piped.csv"]) == {(): 5}


async def test_several_months_are_a_file_each(biller: Biller, tmp_path: Path) -> None:
    """What an earlier file of one of them had wrong is stated anew, and not corrected as well."""
    old = tmp_path / "old.csv"
    await invoke("focus", "--month", "2025-10", "-o", str(old))
    biller.lines[OCTOBER] = [line("7")]
    done = await invoke(
        *("focus", "--since", "2025-10", "--until", "2025-11", "--previous", str(old)),
        *("-o", "focus-{month}.parquet"),
    )
    assert done.code == 0, done.err
    files = [tmp_path / f"focus-2025-{month}.parquet" for month in (10, 11)]
    assert [len(rows_of(file)) for file in files] == [1, 1]


async def test_corrections_are_counted(biller: Biller, tmp_path: Path) -> None:
    await invoke("focus", "--month", "2025-10", "-o", "10.csv")
    biller.lines[OCTOBER] = [line("7")]
    done = await invoke("focus", "--month", "2025-11", "-o", "11.csv", "--previous", "10.csv")
    assert done.code == 0, done.err
    assert done.err == "11.csv: 1 charge, 0.25 USD; 2 corrections of earlier months, 2 USD.\n"


async def test_what_is_not_known_makes_it_fail(biller: Biller, tmp_path: Path) -> None:
    biller.lines[OCTOBER] = [line("free"), line("2")]
    done = await invoke("focus", "--month", "2025-10", "-o", "10.csv")
    assert done.code == 1
    assert "Not known, or not wholly, are the costs of 2025-10-31." in done.err
    assert [row["x_missing_days"] for row in rows_of(tmp_path / "10.csv")] == ["2025-10-31"]


async def test_a_name_that_is_not_known_may_be_missing(biller: Biller, tmp_path: Path) -> None:
    biller.lines[OCTOBER] = [line("2", project_name=None)]
    biller.lists = False
    for more, code in (((), 1), (("--allow-missing",), 0)):
        done = await invoke("focus", "--month", "2025-10", "-o", "10.csv", "--force", *more)
        assert done.code == code, done.err
        assert "projects" in done.err
        assert [row["SubAccountName"] for row in rows_of(tmp_path / "10.csv")] == ["proj_a"]


async def test_an_allocation_makes_tags(biller: Biller, tmp_path: Path) -> None:
    rules = tmp_path / "allocation.toml"
    rules.write_text('[[rule]]\nproject = "proj_a"\nteam = "Search"\n')
    done = await invoke("focus", "--month", "2025-10", "-o", "10.csv", "--allocation", str(rules))
    assert done.code == 0, done.err
    assert {row["Tags"] for row in rows_of(tmp_path / "10.csv")} == {'{"team": "Search"}'}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["-o", "focus.xlsx"],
            "A FOCUS file ends in .csv, .csv.gz or .parquet; focus.xlsx does not.",
        ),
        (["--by", "key"], "--by must be 'api_key_id' or 'user_id', not 'key'."),
        (["--since", "2025-10-01T12:00Z"], "--month"),
        (["--previous", "none.csv"], "No such file or directory (none.csv)."),
        (["-o", "nowhere/focus.csv"], "there is no folder nowhere"),
        (["--allocation", "none.toml"], "none.toml cannot be read"),
    ],
)
async def test_it_refuses_in_a_sentence(
    arguments: list[str], sentence: str, biller: Biller
) -> None:
    done = await invoke("focus", "--month", "2025-10", *arguments)
    assert done.code in (1, 2)
    assert sentence in done.err
    assert biller.groups == []


async def test_a_spreadsheet_takes_no_text_for_a_formula(biller: Biller, tmp_path: Path) -> None:
    """Of such a file corrections are found as well."""
    formula = "=cmd|' /C calc'!A0"
    biller.lines[OCTOBER] = [line("-2", formula), line("3", "'=1", project="-proj")]
    october = ("focus", "--month", "2025-10", "--csv-dialect", "excel")
    done = await invoke(*october, "-o", "10.csv")
    assert done.code == 0, done.err
    data = (tmp_path / "10.csv").read_bytes()
    assert data.startswith("\ufeffBilledCost,".encode())
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    rows = rows_of(tmp_path / "10.csv")
    assert [row["x_line_item"] for row in rows] == [f"'{formula}", "''=1"]
    assert [row["SubAccountId"] for row in rows] == ["proj_a", "'-proj"]
    assert rows[0]["\ufeffBilledCost"] == "-2.0"
    done = await invoke("focus", "--month", "2025-11", "-o", "11.csv", "--previous", "10.csv")
    assert done.err == "11.csv: 1 charge, 0.25 USD.\n"
    done = await invoke(*october, "-o", "10.parquet")
    assert done.code == 2
    assert done.err == "--csv-dialect is for CSV: name a .csv or .csv.gz file.\n"
