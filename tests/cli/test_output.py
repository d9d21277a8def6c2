"""Formats, columns, files; lists that stream and say when there is more."""

from __future__ import annotations

import csv
import io
import json
import os
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.cli.columns import Column, TextTable
from openai_admin.cli.output import Output, writing
from openai_admin.emulator import Emulator, Status

from .conftest import CLI


async def test_formats_have_the_same_people(
    cli: CLI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await cli("users", "list", "--format", "json")).json
    lines = (await cli("users", "list", "--format", "ndjson")).out.splitlines()
    rows = list(csv.DictReader(io.StringIO((await cli("users", "list", "-f", "csv")).out)))
    monkeypatch.setenv("COLUMNS", "400")
    table = (await cli("users", "list", "--format", "table")).out.splitlines()
    out = tmp_path / "users.parquet"
    assert (await cli("users", "list", "--out", str(out))).code == 0
    stored = pyarrow.parquet.read_table(out).to_pylist()

    emails = [user["email"] for user in whole]
    assert len(emails) == 40
    assert [json.loads(line) for line in lines] == whole
    assert [row["email"] for row in rows] == emails
    assert [row["email"] for row in stored] == emails
    added = [user["added_at"] for user in whole]
    assert [f"{row['added_at']:%Y-%m-%dT%H:%M:%SZ}" for row in stored] == added
    assert [row["added_at"] for row in rows] == added
    raw = (await cli("users", "list", "--format", "raw")).json
    assert [int(row["added_at"].timestamp()) for row in stored] == [u["added_at"] for u in raw]
    assert table[0].split()[:2] == ["id", "name"]
    assert len(table) == 41
    assert all(email in line for email, line in zip(emails, table[1:], strict=True))


async def test_csv_has_iso_times_and_nested_json(cli: CLI) -> None:
    project = (await cli("projects", "list")).json[1]["id"]
    outcome = await cli("projects", "api-keys", "list", project, "--format", "csv")
    row = next(csv.DictReader(io.StringIO(outcome.out)))
    assert row["created_at"].endswith("Z")
    assert json.loads(row["owner"])["type"] in ("user", "service_account")


async def test_a_workbook_has_numbers_dates_and_texts(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    hostile = '=HYPERLINK("http://x.example")\x1b'
    project = next(p for p in demo.store.projects if p["name"] == "Voice Notes")
    project["name"] = hostile
    line = ("costs", "--since", "2d", "--whole-days", "--group-by", "project_id", "--with-names",
            "--project-ids", project["id"])  # fmt: skip
    out = tmp_path / "costs.xlsx"
    assert (await cli(*line, "--out", str(out))).code == 0
    sheet = openpyxl.load_workbook(out).active
    names, *rows = sheet.iter_rows()
    titles = [cell.value for cell in names]
    expected = (await cli(*line)).json
    assert sheet.freeze_panes == "A2"
    assert len(rows) == len(expected) > 0
    for cells, row in zip(rows, expected, strict=True):
        found = dict(zip(titles, cells, strict=True))
        assert found["amount"].value == pytest.approx(float(row["amount"]), rel=1e-14)
        assert found["amount"].number_format.startswith('"$"')
        assert f"{found['start_time'].value:%Y-%m-%dT%H:%M:%SZ}" == row["start_time"]
        assert (found["project_name"].data_type, found["project_name"].value) == (
            "s",
            f"{hostile[:-1]}\\u001b",
        )
        assert found["quantity_unit"].value is None or found["quantity_unit"].data_type == "s"


async def test_csv_for_spreadsheets_has_no_formulas(cli: CLI, demo: Emulator) -> None:
    names = {"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "-5.20": "-5.20", "-a": "'-a", "a=1": "a=1"}
    active = (p for p in demo.store.projects if p["status"] == "active")
    for project, name in zip(active, names, strict=False):
        project["name"] = name
    line = ("projects", "list", "--limit", str(len(names)), "--columns", "name", "-f", "csv")
    guarded = (await cli(*line, "--csv-dialect", "excel")).out
    assert guarded == "\ufeff" + "".join(f"{v}\r\n" for v in ("name", *names.values()))
    assert (await cli(*line)).out == "".join(f"{v}\n" for v in ("name", *names))
    demo.requests.clear()
    refused = await cli("projects", "list", "--csv-dialect", "excel")
    assert (refused.code, len(demo.requests)) == (2, 0)


async def test_json_escapes_what_cannot_be_seen(cli: CLI, demo: Emulator) -> None:
    next(iter(demo.store.projects))["name"] = "a\u202eb\x9b"
    outcome = await cli("projects", "list", "--limit", "1")
    assert '"name": "a\\u202eb\\u009b"' in outcome.out
    assert outcome.json[0]["name"] == "a\u202eb\x9b"


async def test_only_an_answer_has_a_raw_form(cli: CLI, demo: Emulator) -> None:
    refused = await cli("costs", "--format", "raw")
    assert refused.code == 2
    assert refused.err.endswith("use json.\n")
    assert not demo.requests


async def test_columns_lead_into_nested_fields(cli: CLI) -> None:
    project = (await cli("projects", "list")).json[1]["id"]
    line = ["projects", "api-keys", "list", project, "--columns", "name,owner.type"]
    outcome = await cli(*line, "--format", "csv")
    assert outcome.out.splitlines()[0] == "name,owner.type"
    shown = (await cli(*line)).json
    assert list(shown[0]) == ["name", "owner.type"]
    assert {item["owner.type"] for item in shown} <= {"user", "service_account"}


async def test_an_unknown_column_is_refused_before_anything_is_sent(
    cli: CLI, demo: Emulator
) -> None:
    outcome = await cli("invites", "create", "--email", "a@example.com", "--role", "reader",
                        "--columns", "emial")  # fmt: skip
    assert outcome.code == 2
    assert outcome.err.endswith("did you mean 'email'?\n")
    assert not demo.requests


async def test_a_list_says_when_there_is_more(cli: CLI, demo: Emulator) -> None:
    outcome = await cli("users", "list", "--limit", "7")
    assert len(outcome.json) == 7
    assert outcome.err == "There are more than these 7: use --all or a larger --limit.\n"
    assert [r.query_string for r in demo.requests] == ["limit=7"]

    events = await cli("audit-logs", "list")
    assert len(events.json) == 100
    assert events.err.startswith("There are more than these 100")

    whole = await cli("audit-logs", "list", "--all")
    ids = [event["id"] for event in whole.json]
    assert whole.err == ""
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        assert ids == [event.id async for event in client.audit_logs.list(limit=7)]
    assert len(ids) > 2000

    exact = await cli("users", "list", "--limit", "40")
    assert (len(exact.json), exact.err) == (40, "")


async def test_a_limit_above_a_page_goes_on(cli: CLI, demo: Emulator) -> None:
    outcome = await cli("audit-logs", "list", "--limit", "250")
    assert len(outcome.json) == 250
    assert len(demo.requests) == 3


async def test_an_empty_list(cli: CLI) -> None:
    line = ["users", "list", "--emails", "nobody@example.com"]
    assert (await cli(*line)).json == []
    table = await cli(*line, "--format", "table")
    assert (table.code, table.out, table.err) == (0, "", "There is nothing to list.\n")
    header = (await cli(*line, "--format", "csv")).out
    assert header.startswith("id,")


async def test_a_file_is_not_replaced_without_force(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    out = tmp_path / "projects.csv"
    out.write_text("mine")
    refused = await cli("projects", "list", "--out", str(out))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == f"{out} exists; pass --force to replace it.\n"
    assert out.read_text() == "mine"
    assert not demo.requests

    assert (await cli("projects", "list", "--out", str(out), "--force")).code == 0
    assert out.read_text().startswith("id,")
    assert [p.name for p in tmp_path.iterdir() if p.name != "config"] == ["projects.csv"]


async def test_nothing_half_written_stays(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    """The second page fails after the first was written."""
    demo.faults.add(Status(status=400, match="audit_logs.list", only=(2,)))
    out = tmp_path / "log.ndjson"
    outcome = await cli("audit-logs", "list", "--all", "--out", str(out))
    assert outcome.code == 1
    assert outcome.err.startswith("400: ")
    assert not [p for p in tmp_path.iterdir() if p.name != "config"]


@pytest.mark.parametrize("name", ["projects.json", "projects.parquet"])
async def test_a_file_in_no_folder(cli: CLI, tmp_path: Path, name: str) -> None:
    out = tmp_path / "none" / name
    outcome = await cli("projects", "list", "--out", str(out))
    assert outcome.code == 2
    assert outcome.err == f"{out} cannot be written: there is no folder {out.parent}.\n"


async def test_parquet_needs_a_file(cli: CLI) -> None:
    outcome = await cli("projects", "list", "--format", "parquet")
    assert (outcome.code, outcome.err) == (2, "Parquet is not text: name a file with --out.\n")


async def test_thresholds_are_shown_in_dollars_and_kept_in_cents(cli: CLI) -> None:
    line = ["spend-limit", "update", "--threshold-amount", "123456", "--currency", "USD",
            "--interval", "month", "--yes"]  # fmt: skip
    assert (await cli(*line)).json["threshold_amount"] == 123456
    table = (await cli(*line, "--format", "table")).out
    assert "threshold_amount    $1,234.56" in table


def test_names_cannot_move_the_cursor() -> None:
    file = io.StringIO()
    TextTable(file, [Column("name", str)]).page(["a\x1b[2Jb\u202e", "two\nlines"])
    assert file.getvalue() == "name\na\\u001b[2Jb\\u202e\ntwo\\nlines\n"


def test_columns_are_as_wide_as_their_contents() -> None:
    file = io.StringIO()
    table = TextTable(
        file, [Column("name", lambda r: str(r[0])), Column("n", lambda r: str(r[1]), right=True)]
    )
    table.page([("界界", 5), ("a", 1234)])
    table.page([("much longer", 1)])
    assert file.getvalue() == "name     n\n界界     5\na     1234\nmuch longer     1\n"


async def test_a_device_is_written_to_and_not_replaced(cli: CLI) -> None:
    assert (await cli("projects", "list", "--out", os.devnull)).code == 0
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(("amount", "is_told"), [(f"0.{'1' * 18}", False), (f"1e-{19}", True)])
def test_parquet_tells_that_it_rounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], amount: str, is_told: bool
) -> None:
    output = Output(None, (), tmp_path / "costs.parquet", False)
    with writing(output, ["amount"], dict, counts=["amount"]) as writer:
        writer.page([{"amount": Decimal(amount)}, {"amount": None}])
        writer.end()
    assert ("Parquet holds 18 decimals" in capsys.readouterr().err) is is_told
