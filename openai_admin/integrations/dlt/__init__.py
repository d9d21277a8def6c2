"""A dlt source: usage, costs, directory and audit log into any warehouse (extra ``dlt``).

::

    pipeline = dlt.pipeline("openai_admin", destination="duckdb", dataset_name="spend")
    pipeline.run(openai_admin_source(since=date(2026, 9, 1)))
"""

from __future__ import annotations

from .lacking import NotKnownError
from .source import openai_admin_source

__all__ = ["NotKnownError", "openai_admin_source"]
