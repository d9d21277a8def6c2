"""What a Delta table has: dlt's state does not know what a load wrote that was killed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import dlt

from .tables import PART, ROW_ID, TableFormat, counted

_log = logging.getLogger("openai_admin.integrations.dlt")

Held = Callable[[str, str], Mapping[str, int]]
"""How many rows each part of a table has, by the table's name, from a part on, in text order."""


def held_in_lake(table_format: TableFormat | None) -> Held | None:
    """What looks into the tables; ``None`` where dlt replaces parts as a whole, or removes nothing.

    It is made in one of dlt's threads, and called in another one: dlt's share what it keeps of
    settings, and two of them that make a client at once end the run.
    """
    if table_format != "delta":
        return None
    pipeline = dlt.current.pipeline()

    def held(table: str, first: str = "") -> Mapping[str, int]:
        from deltalake import DeltaTable
        from dlt.common.libs.deltalake import deltalake_storage_options

        with pipeline.destination_client() as client:
            lake: Any = client
            place = lake.get_open_table_location("delta", table)
            options = deltalake_storage_options(
                lake.config.credentials, lake.config.deltalake_storage_options
            )
        if not DeltaTable.is_deltatable(place, options):
            return {}
        rows = DeltaTable(place, storage_options=options).to_pyarrow_table(
            columns=[PART, ROW_ID], filters=[(PART, ">=", first)]
        )
        if len(rows) > len(set(rows[ROW_ID].to_pylist())):
            _log.warning(
                "The Delta table %s has rows twice, as two first runs at once leave it: run once"
                " with refresh='drop_data'.",
                table,
            )
        return counted(rows[PART].to_pylist(), rows[ROW_ID].to_pylist())

    return held
