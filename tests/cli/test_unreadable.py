"""What cannot be read of the API's answers: commands go on, and say so at their end."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import pytest_asyncio

from openai_admin.cli.unread import Unread
from openai_admin.events import ItemUnreadable
from tests.cli.conftest import invoke
from tests.cli.processes import completed
from tests.odd import KEY, OddServer, odd_server

# Of these, three have no identity: an object without one, a text, and one with a number for it.
USERS: list[Any] = [{"id": "user-1", "name": "A"}, {"name": "odd"}, "odd", {"id": ["user-4"]}]
TOLD = """3 items could not be read:
  users.list: $.data[1]: required field missing at id
  users.list: $.data[2]: expected an object, not text
  users.list: $.data[3]: expected text at id
"""
DAY = 86400


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OddServer]:
    """The server that command lines talk to."""
    async with odd_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
        server.listings["users"] = USERS
        yield server


async def test_raw_json_has_all_items_as_they_came(server: OddServer) -> None:
    outcome = await invoke("users", "list", "--format", "raw")
    assert json.loads(outcome.out) == USERS
    assert (outcome.code, outcome.err) == (1, TOLD)


@pytest.mark.parametrize("form", ["json", "csv", "table"])
async def test_columns_have_what_was_read_wherever_it_came(server: OddServer, form: str) -> None:
    server.listings["users"] = [
        {"user": {"id": "user-1", "name": "A", "email": "a@example.com"}, "created": 1},
        "odd",
        {"id": "user-2", "name": {"first": "B"}, "email": "b@example.com"},
    ]
    outcome = await invoke("users", "list", "--columns", "id,name,email,added_at", "-f", form)
    assert outcome.err.startswith("1 item and 1 field could not be read:\n")
    assert (
        outcome.out
        == {
            "json": '[\n {"id": "user-1", "name": "A", "email": "a@example.com",'
            ' "added_at": "1970-01-01T00:00:01Z"},\n'
            ' {"id": "user-2", "name": null, "email": "b@example.com", "added_at": null}\n]\n',
            "csv": "id,name,email,added_at\nuser-1,A,a@example.com,1970-01-01T00:00:01Z\n"
            "user-2,,b@example.com,\n",
            "table": "id      name  email          added_at\n"
            "user-1  A     a@example.com  1970-01-01 00:00:01Z\nuser-2        b@example.com\n",
        }[form]
    )


ODD = [
    {"id": "user-1", "name": "A", "role": ["x"], "added_at": "yesterday"},
    "odd",
    {"id": "user-2", "name": "B", "role": {"of": 1}},
]
ROLE = "  users.list: $.data[0].role (id user-1): it came as a list, not as described\n"
ADDED = "  users.list: $.data[0].added_at (id user-1): it came as text, not as described\n"
OTHER = "  users.list: $.data[2].role (id user-2): it came as an object, not as described\n"
ITEM = "  users.list: $.data[1]: expected an object, not text\n"


@pytest.mark.parametrize("form", ["csv", "table"])
async def test_fields_that_are_not_shown_are_told(server: OddServer, form: str) -> None:
    server.listings["users"] = ODD
    outcome = await invoke("users", "list", "--format", form)
    head, *lines = outcome.err.splitlines(keepends=True)
    assert head == "1 item and 3 fields could not be read:\n"
    assert sorted(lines) == sorted([ITEM, ROLE, ADDED, OTHER])
    assert outcome.code == 1


async def test_only_the_columns_asked_for_count(server: OddServer) -> None:
    server.listings["users"] = [ODD[0], ODD[2]]
    for form in ("json", "csv", "table"):
        outcome = await invoke("users", "list", "--columns", "id,name", "-f", form)
        assert (outcome.code, outcome.err) == (0, "")
        outcome = await invoke("users", "list", "--columns", "id,added_at", "-f", form)
        assert (outcome.code, outcome.err) == (1, f"1 field could not be read:\n{ADDED}")


async def test_raw_json_has_odd_fields_in_their_places(server: OddServer) -> None:
    server.listings["users"] = [ODD[0], ODD[2]]
    outcome = await invoke("users", "list", "--format", "raw")
    assert json.loads(outcome.out) == [ODD[0], ODD[2]]
    assert (outcome.code, outcome.err) == (0, "")


async def test_csv_and_json_have_what_could_be_read(server: OddServer) -> None:
    outcome = await invoke("users", "list", "--format", "csv")
    assert [row["id"] for row in csv.DictReader(io.StringIO(outcome.out))] == ["user-1"]
    assert (outcome.code, outcome.err) == (1, TOLD)
    outcome = await invoke("users", "list", "--format", "json")
    assert [item["id"] for item in json.loads(outcome.out)] == ["user-1"]
    assert (outcome.code, outcome.err) == (1, TOLD)


async def test_it_is_said_once_and_by_no_log(server: OddServer) -> None:
    env = {"OPENAI_BASE_URL": server.base_url, "OPENAI_ADMIN_KEY": KEY}
    done = await asyncio.to_thread(completed, "users", "list", env=env)
    assert (done.returncode, done.stderr) == (1, TOLD)
    assert [item["id"] for item in json.loads(done.stdout)] == ["user-1"]


async def test_of_many_the_first_are_named(server: OddServer) -> None:
    server.listings["users"] = [{"id": "user-1"}, *({"name": str(i)} for i in range(8))]
    outcome = await invoke("users", "list", "--format", "table")
    first, *named, last = outcome.err.splitlines()
    assert (first, last) == ("8 items could not be read:", "  and 3 more")
    assert len(named) == 5


def test_a_terminal_obeys_nothing_of_an_id(capsys: pytest.CaptureFixture[str]) -> None:
    unread = Unread()
    event = ItemUnreadable(
        call=1, operation="users.list", place="$.data[0]", id="\x1b[31m\nred", reason="odd"
    )
    unread.note(event)
    unread.tell()
    assert capsys.readouterr().err == (
        "1 item could not be read:\n  users.list: $.data[0] (id \\u001b[31m\\nred): odd\n"
    )


async def test_whoever_wants_an_error_gets_one(server: OddServer) -> None:
    outcome = await invoke("users", "list", "--strict", "--format", "json")
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err == (
        "The response to users.list has a part that cannot be read, $.data[1]: required field"
        " missing at id (GET /organization/users).\n"
    )


async def test_an_odd_count_of_usage_is_told(server: OddServer) -> None:
    server.rows = lambda endpoint, start: [{"input_tokens": "many", "output_tokens": 3}, "odd"]
    span = ["--since", "2026-11-01", "--until", "2026-11-02", "--format", "json"]
    outcome = await invoke("usage", "completions", *span)
    assert [(row["input_tokens"], row["output_tokens"]) for row in json.loads(outcome.out)] == [
        (None, 3)
    ]
    assert outcome.code == 1
    assert outcome.err == (
        "1 item and 1 field could not be read:\n"
        "  usage.completions: $.data[0].results[0].input_tokens: expected a whole number\n"
        "  usage.completions: $.data[0].results[1]: expected an object, not text\n"
    )


async def test_totals_add_up_what_is_known(server: OddServer) -> None:
    server.rows = lambda endpoint, start: [
        {"input_tokens": 5},
        {"input_tokens": [7]},
        {"input_tokens": 6},
    ]
    span = ["--since", "2026-11-01", "--until", "2026-11-03", "--format", "json"]
    outcome = await invoke("usage", "completions", "--totals", *span)
    assert [row["input_tokens"] for row in json.loads(outcome.out)] == [22]
    assert outcome.code == 1
    assert outcome.err.startswith("2 fields could not be read:\n")


def _cost(value: Any, currency: str | None = "usd") -> dict[str, Any]:
    return {"amount": {"value": value, "currency": currency}, "project_id": "proj_1"}


async def test_a_listing_of_null_is_said(server: OddServer) -> None:
    server.listings["users"] = None  # type: ignore[assignment]
    outcome = await invoke("users", "list", "--format", "json")
    assert (outcome.code, outcome.out) == (1, "[]\n")
    assert outcome.err.endswith("users.list: $.data: null in place of a list\n")


async def test_totals_have_a_line_for_each_currency(server: OddServer) -> None:
    server.rows = lambda endpoint, start: [_cost(1, "eur"), _cost(2, None), _cost(4, "EUR")]
    line = "costs --since 2026-11-10 --until 2026-11-11 --group-by project_id --totals --columns"
    outcome = await invoke(*line.split(), "currency,amount", "--format", "csv")
    assert (outcome.code, outcome.out) == (0, "currency,amount\neur,5\n,2\n")
    assert outcome.err == "Amounts in several currencies have a line for each.\n"


async def test_an_absurd_number_costs_its_cell(server: OddServer, tmp_path: Path) -> None:
    server.rows = lambda endpoint, start: (
        [_cost("1e38"), _cost("1")] if endpoint == "costs" else [{"input_tokens": 10**20}]
    )
    for command, column, values in (
        (["costs"], "amount", [None, 1]),
        (["usage", "completions"], "input_tokens", [None]),
    ):
        out = tmp_path / f"{column}.parquet"
        days = ("--since", "2026-11-10", "--until", "2026-11-11")
        outcome = await invoke(*command, *days, "-o", str(out))
        assert outcome.code == 1
        assert outcome.err.splitlines()[1].startswith("1 field could not be read:")
        assert pyarrow.parquet.read_table(out)[column].to_pylist() == values


async def test_a_sum_that_no_column_holds_names_the_column(
    server: OddServer, tmp_path: Path
) -> None:
    server.rows = lambda endpoint, start: (
        [_cost("9e19")] * 2 if endpoint == "costs" else [{"input_tokens": 2**62}] * 2
    )
    for command, column in ((["costs"], "amount"), (["usage", "completions"], "input_tokens")):
        out = tmp_path / f"{column}.parquet"
        days = ("--since", "2026-11-10", "--until", "2026-11-11")
        outcome = await invoke(*command, *days, "--totals", "-o", str(out))
        assert (outcome.code, outcome.err.partition(" cannot")[0]) == (1, f"The column {column!r}")
        assert not out.exists()
