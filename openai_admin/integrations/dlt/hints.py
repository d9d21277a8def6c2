"""What dlt is told of the tables: how rows get into them."""

from __future__ import annotations

from typing import Any, cast

import dlt
from dlt.common.schema.typing import TTableSchema
from dlt.extract import DltResource

from ...errors import InvalidInputError
from .tables import ROW_ID, Table, TableFormat

_SAME_PARTS = "part IN (SELECT part FROM {staging_table})"


def declared(table: Table, table_format: TableFormat | None) -> TTableSchema:
    """A table as dlt's schema has it, before there is any data."""
    resource: DltResource = dlt.resource([], name=table.name, **hints_of(table, table_format))
    return resource.compute_table_schema()


def hints_of(table: Table, table_format: TableFormat | None) -> dict[str, Any]:
    """What dlt is told of a table.

    In a database, the parts that come replace what is there. Table formats lack that: there, rows
    replace those with the same id, and what no longer exists is removed one by one.

    Without a primary key dlt would take rows twice where a load was killed and goes on. With a
    merge key beside it, it would look for rows by one or the other, which databases do by comparing
    all with all.
    """
    disposition: dict[str, Any] = {"disposition": "merge", "strategy": _strategy(table_format)}
    if table.in_parts and not table_format:
        disposition["destination_scope"] = _SAME_PARTS
    hints: dict[str, Any] = {
        "columns": table.hints(),
        "write_disposition": disposition,
        "primary_key": ROW_ID if table.in_parts else "id",
    }
    return hints | ({"table_format": table_format} if table_format else {})


def _strategy(table_format: TableFormat | None) -> str:
    return "upsert" if table_format else "delete-insert"


def check_destination(table_format: TableFormat | None) -> None:
    """Make sure that the destination can replace what it has; else days would be there twice.

    Raises:
        InvalidInputError: it cannot.
    """
    destination = dlt.current.pipeline().destination
    if destination is None:
        return
    capabilities = destination.capabilities()
    strategies = capabilities.supported_merge_strategies or []
    if choose := capabilities.merge_strategies_selector:
        table = cast("TTableSchema", {"table_format": table_format} if table_format else {})
        strategies = choose(strategies, table_schema=table)
    if _strategy(table_format) not in strategies:
        raise InvalidInputError(
            f"The destination {destination.destination_name} cannot replace days"
            f"{f' in {table_format} tables' if table_format else ''}: pass"
            " table_format='delta' to the source (to openai_admin_source, not to run), or load into"
            " a database."
        )
