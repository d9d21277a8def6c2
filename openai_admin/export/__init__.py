"""An organization's usage, costs, directory and audit log as a Parquet dataset kept up to date.

::

    summary = await export(client, "spend", since=datetime(2026, 1, 1, tzinfo=UTC))

The dataset has a folder for each endpoint and day, ``endpoint=costs/date=2026-11-01``, with one
file in it. DuckDB, Polars and Spark read it as it is::

    SELECT project_id, sum(amount) FROM read_parquet('spend/endpoint=costs/*/*.parquet') GROUP BY 1

It needs the extra ``data`` (pyarrow).
"""

from .dataset import FileMetadata
from .lock import ExportLockedError
from .run import Progress, Summary, export
from .sources import ENDPOINTS, chosen

__all__ = [
    "ENDPOINTS",
    "ExportLockedError",
    "FileMetadata",
    "Progress",
    "Summary",
    "chosen",
    "export",
]
