"""Values as programs read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from .._wire.scalars import digits
from ..insights.cents import in_percent
from ..insights.findings import Kind

_DIGITS = 4  # of a percentage: one project of a thousand has a share too


def plain(value: Any, kind: Kind = "text") -> Any:
    """A value of a finding: money exact, days and times in ISO 8601 (UTC), parts in percent."""
    if kind in ("share", "relative"):
        return None if value is None else in_percent(value, _DIGITS)
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
