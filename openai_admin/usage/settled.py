"""From when on figures do not change any more: the API restates recent days, usually upwards."""

from __future__ import annotations

from datetime import datetime, timedelta

RESTATED_DAYS = 3
"""Days after its end for which the API may still restate a day."""


def settled_until(now: datetime, days: int = RESTATED_DAYS) -> datetime:
    """The moment up to which usage and costs are settled: what ends later may still change.

    Args:
        now: the present, by the server's clock.
        days: for how many days the API may restate a day.
    """
    return now - timedelta(days=days)
