"""An organization's usage, costs, directory and audit log as a Parquet dataset kept up to date.

::

    summary = await export(client, "spend", since=datetime(2026, 1, 1, tzinfo=UTC))

Facts (usage, costs, the audit log) have one file for each month, ``facts/costs/month=2026-11``, and
dimensions (projects, users, keys …) one for each day that they were listed on, with a copy of the
newest, ``dimensions/projects/latest.parquet``. DuckDB, Polars, pandas and Spark read them as they
are; the dataset's ``README.md`` says how, and its ``schema.sql`` has views for DuckDB::

    SELECT project_name, sum(amount)
    FROM read_parquet('spend/facts/costs/*/*.parquet', hive_partitioning = true) GROUP BY 1

It needs the extra ``arrow``.

`focus` writes the costs of some months as one file, to be joined with the bills of clouds: CSV, or
with that extra Parquet. `FOCUS_COLUMNS` says what is in it.
"""

from .dataset import FileMetadata
from .focus_file import (
    FOCUS_COLUMNS,
    FOCUS_VERSION,
    FocusColumn,
    FocusSummary,
    Previous,
    checked_details,
    focus,
    format_of,
    months_of,
)
from .lock import ExportLockedError
from .run import Progress, Summary, export
from .sources import ENDPOINTS, chosen

__all__ = [
    "ENDPOINTS",
    "FOCUS_COLUMNS",
    "FOCUS_VERSION",
    "ExportLockedError",
    "FileMetadata",
    "FocusColumn",
    "FocusSummary",
    "Previous",
    "Progress",
    "Summary",
    "checked_details",
    "chosen",
    "export",
    "focus",
    "format_of",
    "months_of",
]
