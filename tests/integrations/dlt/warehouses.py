"""Warehouses, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import deltalake
import dlt
import duckdb
from dlt.common.pipeline import LoadInfo
from dlt.common.runtime.collector import NullCollector
from dlt.common.runtime.collector_base import Collector
from dlt.pipeline.pipeline import Pipeline

from openai_admin.integrations.dlt import openai_admin_source

KINDS = ("duckdb", "delta")
QUIET = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "NORMALIZE__WORKERS": "1",
    "LOAD__WORKERS": "4",
}
"""Settings of dlt, as environment variables."""

Row = dict[str, Any]


@attrs.frozen
class Warehouse:
    """A warehouse in a folder, and the pipeline that loads it.

    Attributes:
        kind: ``duckdb``, or ``delta`` for tables in files.
        folder: where it is.
    """

    kind: str
    folder: Path

    def pipeline(self, progress: Collector | None = None) -> Pipeline:
        """The pipeline, with what it kept."""
        lake = dlt.destinations.filesystem(f"file://{self.folder}/lake")
        database = dlt.destinations.duckdb(f"{self.folder}/warehouse.duckdb")
        pipeline: Pipeline = dlt.pipeline(
            "spend",
            pipelines_dir=f"{self.folder}/pipelines",
            destination=lake if self.kind == "delta" else database,
            dataset_name="spend",
            progress=progress or NullCollector(),
        )
        return pipeline

    def load(
        self,
        *resources: str,
        progress: Collector | None = None,
        limit: int | None = None,
        **arguments: Any,
    ) -> LoadInfo:
        """Run the pipeline once, with columns frozen.

        Args:
            resources: what to load; all without any.
            progress: told how far it is.
            limit: after how many tables of rows dlt ends each of them.
            arguments: those of the source.
        """
        if self.kind == "delta":
            arguments["table_format"] = "delta"
        source = openai_admin_source(**arguments)
        if resources:
            source = source.with_resources(*resources)
        if limit is not None:
            source.add_limit(limit)
        return self.pipeline(progress).run(source, schema_contract="freeze")

    @property
    def tables(self) -> set[str]:
        """The tables that it has, without those of dlt."""
        if self.kind == "delta":
            names = {path.parent.name for path in self.folder.glob("lake/spend/*/_delta_log")}
        else:
            found = self._query("SELECT table_name AS name FROM duckdb_tables()")
            names = {row["name"] for row in found}
        return {name for name in names if not name.startswith("_dlt")}

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        if self.kind == "delta":
            found = deltalake.DeltaTable(f"{self.folder}/lake/spend/{table}")
            rows: list[Row] = found.to_pyarrow_table().to_pylist()
            return rows
        return self._query(f'SELECT * FROM spend."{table}"')

    def _query(self, sql: str) -> list[Row]:
        with duckdb.connect(f"{self.folder}/warehouse.duckdb", read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows: list[Row] = connection.sql(sql).to_arrow_table().to_pylist()
            return rows
