"""Costs as a FOCUS 1.2 file, which finance joins with the bills of clouds.

::

    period = Period(date(2026, 10, 1), date(2026, 11, 1))
    summary = await focus(client, "focus-2026-10.parquet", period=period)
"""

from .columns import FOCUS_COLUMNS, FOCUS_VERSION, FocusColumn
from .previous import Previous
from .run import FocusSummary, checked_details, focus, months_of
from .writers import format_of

__all__ = [
    "FOCUS_COLUMNS",
    "FOCUS_VERSION",
    "FocusColumn",
    "FocusSummary",
    "Previous",
    "checked_details",
    "focus",
    "format_of",
    "months_of",
]
