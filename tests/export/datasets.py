"""Datasets as DuckDB reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet

from openai_admin.export import FileMetadata
from openai_admin.export.sources import DIRECTORY


def files(root: Path) -> Iterator[tuple[str, Path]]:
    """The files of a dataset, each with its endpoint; the copies of snapshots are left out."""
    for path in sorted(root.glob("*/*/*/*.parquet")):
        yield path.parent.parent.name, path


def endpoints_in(root: Path) -> set[str]:
    """The endpoints that a dataset has files of."""
    return {endpoint for endpoint, _ in files(root)}


def query(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return duckdb.execute(sql).fetchall()


def source(root: Path, endpoint: str) -> str:
    """An endpoint's files, as a table of SQL."""
    kind = "dimensions" if endpoint in DIRECTORY else "facts"
    return f"read_parquet('{root}/{kind}/{endpoint}/*/*.parquet', hive_partitioning = true)"


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
    """Each endpoint with each day that the dataset has, with or without rows."""
    found: set[tuple[str, str]] = set()
    for endpoint, path in files(root):
        metadata = FileMetadata.of(pyarrow.parquet.read_schema(path).metadata)
        assert metadata is not None
        found |= {(endpoint, str(day)) for day in metadata.fetched_at}
    return found
