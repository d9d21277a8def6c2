"""Tables in other forms, and read back from them: money exact, times in UTC, nulls null."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.encoders import jsonable_encoder
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import TypeAdapter

from openai_admin import AsyncOpenAIAdmin, json_default
from openai_admin.errors import ConfigurationError, InvalidInputError
from openai_admin.usage import money
from openai_admin.usage.table import UsageTable
from tests.usage.tables import METRICS, ROWS, mixed, moment, table
from tests.usage.times import DAY, TODAY

COLUMNS = {name: [row.get(name) for row in ROWS] for name in [*mixed().columns]}


def test_arrow_keeps_every_value() -> None:
    arrow = mixed().to_arrow()
    assert arrow.to_pydict() == COLUMNS
    types = {field.name: str(field.type) for field in arrow.schema}
    assert types == {
        "endpoint": "string",
        "start_time": "timestamp[us, tz=UTC]",
        "end_time": "timestamp[us, tz=UTC]",
        "project_id": "string",
        "batch": "bool",
        "input_tokens": "int64",
        "input_cached_tokens": "int64",
        "amount": "decimal128(38, 18)",
        "currency": "string",
        "quantity": "decimal128(38, 18)",
        "quantity_unit": "string",
    }


def test_an_empty_table_has_the_same_types() -> None:
    empty = UsageTable(
        {name: [] for name in mixed().columns}, dimensions=mixed().dimensions, metrics=METRICS
    )
    assert empty.to_arrow().schema == mixed().to_arrow().schema
    assert list(empty.rows()) == []


amounts: st.SearchStrategy[Decimal] = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**19), max_value=10**19
)


@given(st.lists(st.one_of(st.none(), amounts), max_size=8))
def test_arrow_rounds_any_money_to_eighteen_places(values: list[Decimal | None]) -> None:
    rows = [{"amount": value} for value in values]
    arrow = table(rows, dimensions=[], metrics=["amount"]).to_arrow()
    assert arrow.schema.field("amount").type == pa.decimal128(38, 18)
    for value, read in zip(values, arrow["amount"].to_pylist(), strict=True):
        if value is None:
            assert read is None
        else:
            assert abs(Fraction(read) - Fraction(value)) <= Fraction(1, 2 * 10**18)


@pytest.mark.parametrize(
    ("digits", "kept"),
    [
        ("0.0000000000000000005", "0"),
        ("0.0000000000000000015", "0.000000000000000002"),
        ("1E+3", "1000"),
        ("0E+5", "0"),
        ("0E-6176", "0"),
        ("-0E-6176", "0"),
        ("-0.0000000000001", "-0.0000000000001"),
        ("99999999999999999999.5", "99999999999999999999.5"),
    ],
)
def test_money_of_unusual_size_is_rounded_half_even(digits: str, kept: str) -> None:
    arrow = table([{"amount": Decimal(digits)}], dimensions=[], metrics=["amount"]).to_arrow()
    assert arrow["amount"].to_pylist() == [Decimal(kept)]


def test_what_is_rounded_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    money._tell_rounded.cache_clear()
    fits, finer = (
        table([{"amount": Decimal(digits)}], dimensions=[], metrics=["amount"])
        for digits in ("1." + 18 * "1", "1." + 19 * "1")
    )
    fits.to_arrow()
    fits.to_polars()
    assert not caplog.records
    finer.to_polars()
    finer.to_arrow()
    (told,) = caplog.messages
    assert "more than 18 decimals are rounded" in told


def test_money_that_does_not_fit_names_its_column() -> None:
    big = table([{"quantity": Decimal(10**20)}], dimensions=[], metrics=["quantity"])
    with pytest.raises(InvalidInputError, match="column 'quantity' cannot be written"):
        big.to_arrow()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0E-6176", "0"),
        ("-0E-6176", "0"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("30.0", "30"),
        ("1E-7", "0.0000001"),
        ("-12.50", "-12.5"),
    ],
)
def test_text_forms_print_plain_digits(number: str, text: str) -> None:
    one = table([{"amount": Decimal(number)}], dimensions=[], metrics=["amount"])
    file = io.StringIO()
    one.write_csv(file)
    assert file.getvalue() == f"amount\n{text}\n"
    file = io.StringIO()
    one.write_json(file)
    assert json.loads(file.getvalue()) == [{"amount": text}]


def test_polars_keeps_every_value() -> None:
    frame = mixed().to_polars()
    assert frame.to_dict(as_series=False) == COLUMNS
    assert frame.schema["amount"] == pl.Decimal(38, 18)
    assert frame.schema["start_time"] == pl.Datetime("us", "UTC")
    assert frame.schema["input_tokens"] == pl.Int64


def test_pandas_keeps_every_value() -> None:
    frame = mixed().to_pandas(money="decimal")
    assert list(frame.columns) == list(COLUMNS)
    for name, values in COLUMNS.items():
        given = [None if pd.isna(v) else v for v in frame[name]]
        assert given == values, name
    assert isinstance(frame["amount"].iloc[2], Decimal)
    assert str(frame["start_time"].dt.tz) == "UTC"
    assert str(frame["input_tokens"].dtype) == "Int64"  # 2**62 among them, which float64 rounds


def test_pandas_averages_money() -> None:
    rows: list[dict[str, Any]] = [
        {"amount": Decimal("0.1")},
        {"amount": None},
        {"amount": Decimal("0.3")},
    ]
    frame = table(rows, dimensions=[], metrics=["amount"]).to_pandas()
    assert frame["amount"].dtype == "float64"
    assert frame["amount"].mean() == pytest.approx(0.2)
    with pytest.raises(InvalidInputError, match="money must be 'float' or 'decimal', not 'text'"):
        mixed().to_pandas(money="text")  # type: ignore[arg-type]


def test_data_frames_are_made_without_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    by_arrow = pl.DataFrame(mixed().to_arrow())
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert_frame_equal(mixed().to_polars(), by_arrow)
    assert len(mixed().to_pandas()) == len(ROWS)


def test_parquet_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "usage.parquet"
    mixed().write_parquet(path)
    assert pq.read_table(path).to_pydict() == COLUMNS
    assert pl.read_parquet(path)["amount"].to_list() == COLUMNS["amount"]
    mixed().write_parquet(str(path))
    assert pq.read_schema(path).field("amount").type == pa.decimal128(38, 18)


def test_csv_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    mixed().write_csv(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["amount"] for row in rows] == [
        "0.1",
        "0.2",
        "12345678901234567890.123456789012",
        "",
        "",
    ]
    read = [Decimal(row["amount"]) if row["amount"] else None for row in rows]
    assert read == COLUMNS["amount"]
    assert [row["project_id"] or None for row in rows] == COLUMNS["project_id"]
    assert [row["input_tokens"] for row in rows] == ["", "", "", str(2**62), "7"]
    assert rows[3]["start_time"] == "2026-11-02T05:00:00Z"
    assert [datetime.fromisoformat(row["end_time"]) for row in rows] == COLUMNS["end_time"]


def test_json_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "usage.json"
    mixed().write_json(path)
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert [list(row) for row in rows] == [list(COLUMNS)] * len(ROWS)
    assert [row["amount"] and Decimal(row["amount"]) for row in rows] == COLUMNS["amount"]
    assert [row["input_tokens"] for row in rows] == COLUMNS["input_tokens"]
    assert [row["project_id"] for row in rows] == COLUMNS["project_id"]
    assert rows[0]["start_time"] == "2026-11-01T00:00:00Z"
    assert "ö" in path.read_text(encoding="utf-8")


def test_an_open_file_is_written_to_and_left_open() -> None:
    file = io.StringIO()
    mixed().write_json(file)
    assert len(json.loads(file.getvalue())) == len(ROWS)
    file = io.StringIO()
    mixed().write_csv(file)
    assert len(file.getvalue().splitlines()) == 1 + len(ROWS)
    assert not file.closed


def test_an_empty_table_is_written_too(tmp_path: Path) -> None:
    empty = table([], dimensions=["endpoint"], metrics=["amount"])
    empty.write_csv(tmp_path / "e.csv")
    assert (tmp_path / "e.csv").read_text() == "endpoint,amount\n"
    empty.write_json(tmp_path / "e.json")
    assert json.loads((tmp_path / "e.json").read_text()) == []
    empty.write_parquet(tmp_path / "e.parquet")
    assert pq.read_table(tmp_path / "e.parquet").num_rows == 0


def test_times_of_other_zones_are_written_in_utc() -> None:
    local = moment(2).astimezone(timezone(timedelta(hours=2)))
    file = io.StringIO()
    table([{"start_time": local}], dimensions=["start_time"], metrics=[]).write_csv(file)
    assert file.getvalue() == "start_time\n2026-11-02T00:00:00Z\n"


@pytest.mark.parametrize("extra", ["arrow", "polars", "pandas"])
def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, extra: str) -> None:
    name = "pyarrow" if extra == "arrow" else extra
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        ConfigurationError, match=rf"needs {name}: pip install 'openai-admin\[{extra}\]"
    ):
        getattr(mixed(), f"to_{extra}")()


async def test_a_fetched_table_travels(client: AsyncOpenAIAdmin) -> None:
    fetched = await client.usage.collect(
        ["completions", "costs"],
        start_time=TODAY - 2 * DAY,
        end_time=TODAY,
        group_by=["project_id"],
    )
    day = f"{datetime.fromtimestamp(TODAY - 2 * DAY, UTC):%Y-%m-%d}"
    assert repr(fetched).startswith(f"<UsageTable {len(fetched)} rows of completions and costs by")
    assert f" by project_id, {day} to " in repr(fetched)
    for one in (fetched, fetched.totals("project_id"), fetched.totals()):
        copies = [pickle.loads(pickle.dumps(one, protocol)) for protocol in range(6)]
        for back in (*copies, copy.deepcopy(one)):
            assert type(back) is type(one)
            assert back == one
            assert back.columns == one.columns
            assert (repr(back), list(back.coverage)) == (repr(one), list(one.coverage))
            assert back.totals().columns == one.totals().columns
        rows = json.loads(json.dumps(one, default=json_default))
        file = io.StringIO()
        one.write_json(file)
        assert rows == json.loads(file.getvalue())
        assert json.loads(TypeAdapter(UsageTable).dump_json(one)) == rows
        assert jsonable_encoder(one) == rows  # as for a route that does not say what it returns
        with pytest.raises(TypeError, match="A table is not a mapping: its columns"):
            dict(one)  # type: ignore[arg-type]
    assert fetched != fetched.totals()
    assert fetched != fetched.columns


async def test_the_costs_of_an_organization_stay_exact(
    client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    table = await client.usage.collect(
        ["costs", "completions"],
        start_time=TODAY - 30 * DAY,
        end_time=TODAY,
        group_by=["line_item", "project_id"],
    )
    exact: Sequence[Any] = table["amount"]
    assert len([a for a in exact if a is not None]) > 50
    assert sum(a for a in exact if a is not None) > 0
    assert table.to_arrow()["amount"].to_pylist() == exact
    assert table.to_polars()["amount"].to_list() == exact
    assert table.to_pandas(money="decimal")["amount"].to_list() == exact
    table.write_parquet(tmp_path / "u.parquet")
    assert pq.read_table(tmp_path / "u.parquet")["amount"].to_pylist() == exact
    table.write_csv(tmp_path / "u.csv")
    with (tmp_path / "u.csv").open(newline="") as file:
        read = [Decimal(r["amount"]) if r["amount"] else None for r in csv.DictReader(file)]
    assert read == exact
    table.write_json(tmp_path / "u.json")
    rows = json.loads((tmp_path / "u.json").read_text())
    assert [r["amount"] and Decimal(r["amount"]) for r in rows] == exact
    assert {m.tzinfo for m in table["start_time"]} == {UTC}
