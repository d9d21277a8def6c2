"""FOCUS files as DuckDB and a reader of CSV see them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet

from openai_admin._wire.codec import plain
from openai_admin.usage.money import add_up

Sums = dict[tuple[str, ...], Decimal]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows: of CSV as text, of Parquet as they are."""
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
        return rows
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return list(csv.DictReader(io.StringIO(text)))


def sums(paths: Iterable[Path], *by: str, of: str = "BilledCost") -> Sums:
    """A column of files added up by other columns, exactly, and without what comes to 0."""
    found: dict[tuple[str, ...], list[Decimal]] = {}
    for path in paths:
        for row in rows_of(path):
            key = tuple(_text(row[name]) for name in by)
            found.setdefault(key, []).append(Decimal(row[of] or 0))
    return {key: total for key, amounts in found.items() if (total := add_up(amounts))}


def _text(value: Any) -> str:
    """A value as CSV has it."""
    return "" if value is None else str(plain(value))


def summed_by_duckdb(path: Path) -> Decimal:
    """The sum of all amounts, as DuckDB computes it."""
    types = "types = {'BilledCost': 'DECIMAL(38, 18)'}"
    reads = "read_parquet(?)" if path.suffix == ".parquet" else f"read_csv(?, {types})"
    with duckdb.connect() as database:
        found = database.execute(f"SELECT sum(BilledCost) FROM {reads}", [str(path)]).fetchall()
    total: Decimal = found[0][0]
    return total
