"""What a dataset says of itself, tried as it stands there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.export import ENDPOINTS, export
from tests.export.conftest import NOW, Twice
from tests.export.datasets import files, query, rows, source


@pytest.fixture
def dataset(twice: Twice, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dataset, which is also the current folder."""
    monkeypatch.chdir(twice.root)
    return twice.root


@pytest.fixture
def examples(dataset: Path) -> list[str]:
    """The examples in its README, in order."""
    return re.findall(r"```\w+\n(.*?)\n```", (dataset / "README.md").read_text(), re.DOTALL)


def _duckdb(line: str) -> Any:
    return duckdb.execute(f"SELECT sum(amount), min(date), count(*) {line}").fetchone()


def _polars(line: str) -> Any:
    frame = eval(line, {"pl": polars}).collect()
    assert frame.schema["date"] == polars.Date
    return frame["amount"].sum(), frame["date"].min(), len(frame)


def _pandas(line: str) -> Any:
    frame = eval(line, {"pd": pandas})
    assert str(frame.dtypes["date"]) == "date32[day][pyarrow]"
    return frame["amount"].sum(), frame["date"].min(), len(frame)


@pytest.mark.parametrize(
    ("begin", "read"),
    [("FROM read_parquet(", _duckdb), ("pl.", _polars), ("pd.", _pandas)],
)
def test_each_tool_reads_a_fact_with_the_same_sum(
    begin: str, read: Callable[[str], Any], examples: list[str], dataset: Path
) -> None:
    line = next(line for line in examples if line.startswith(begin))
    expected = query(f"SELECT sum(amount), min(date), count(*) FROM {source(dataset, 'costs')}")
    month = next(path for endpoint, path in files(dataset) if endpoint == "costs").parent
    unfinished = month / ".part-0.parquet.1.part"
    unfinished.write_bytes(b"half")  # as a run has it that writes now
    try:
        assert [read(line)] == expected
    finally:
        unfinished.unlink()


def test_joins_leave_the_money_as_it_is(examples: list[str], dataset: Path) -> None:
    joins = [text for text in examples if "LEFT JOIN" in text]
    assert len(joins) == 3
    (total,) = query(f"SELECT sum(amount), count(*) FROM {source(dataset, 'costs')}")
    for join in joins:
        assert query(f"SELECT sum(fact.amount), count(*) {join}") == [total]
    (named,) = query(f"SELECT count(dimension.name) = count(*) {joins[0]}")
    assert named == (True,)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_there_is_a_view_for_each_table(
    elsewhere: bool, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect() as connection:
        if elsewhere:
            monkeypatch.chdir(tmp_path)
            connection.execute(f"SET file_search_path = '{dataset}'")
        connection.execute((dataset / "schema.sql").read_text())
        counts = {}
        for name in ENDPOINTS:
            found = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            assert found is not None
            counts[name] = found[0]
        assert sum(counts.values()) == rows(dataset)
        newest = connection.execute("SELECT DISTINCT snapshot FROM projects").fetchall()
    assert newest == [(NOW.date(),)]


def test_line_items_are_taken_apart(dataset: Path) -> None:
    columns = "SELECT DISTINCT model, kind FROM"
    found = query(f"{columns} {source(dataset, 'costs')} WHERE line_item = 'gpt-5, cached input'")
    assert found == [("gpt-5", "cached input")]


async def test_it_is_written_again_only_when_it_changes(
    client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    described = [tmp_path / "README.md", tmp_path / "schema.sql"]
    await export(client, tmp_path, since=NOW, now=NOW, endpoints=["costs"])
    for path in described:
        os.utime(path, (0, 0))
    await export(client, tmp_path, since=NOW, now=NOW, endpoints=["costs"])
    assert [path.stat().st_mtime for path in described] == [0, 0]
    await export(client, tmp_path, since=NOW, now=NOW, endpoints=["projects"])
    assert all("dimensions/projects/latest.parquet" in path.read_text() for path in described)
