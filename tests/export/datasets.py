"""Datasets as DuckDB reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb


def endpoints_in(root: Path) -> set[str]:
    """The endpoints that a dataset has files of."""
    return {path.parent.parent.name.removeprefix("endpoint=") for path in root.rglob("*.parquet")}


def query(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return duckdb.execute(sql).fetchall()


def source(root: Path, endpoint: str) -> str:
    """An endpoint's files, as a table of SQL."""
    return f"read_parquet('{root}/endpoint={endpoint}/*/*.parquet')"


def differences(one: Path, other: Path) -> dict[str, int]:
    """How many rows only one of two datasets has, by endpoint; nothing where they are alike."""
    assert endpoints_in(one) == endpoints_in(other)
    found: dict[str, int] = {}
    for endpoint in endpoints_in(one):
        a, b = source(one, endpoint), source(other, endpoint)
        only = f"(FROM {a} EXCEPT ALL FROM {b}) UNION ALL (FROM {b} EXCEPT ALL FROM {a})"
        (count,) = query(f"SELECT count(*) FROM ({only})")[0]
        if count:
            found[endpoint] = count
    return found


def rows(root: Path) -> int:
    """How many rows a dataset has."""
    return sum(
        int(query(f"SELECT count(*) FROM {source(root, e)}")[0][0]) for e in endpoints_in(root)
    )


def days(root: Path) -> set[tuple[str, str]]:
    """Each endpoint with each day that there is a file of."""
    found = {path.parent for path in root.rglob("*.parquet")}
    return {(p.parent.name.removeprefix("endpoint="), p.name.removeprefix("date=")) for p in found}
