"""Who did what: the audit log searched by names, and told with names beside ids."""

from __future__ import annotations

from ...directory.recorded.told import Told
from .grouping import GROUPINGS, count_by
from .model import Count, Found

__all__ = ["GROUPINGS", "Count", "Found", "Told", "count_by"]
