"""From when on figures do not change any more: the API restates recent days, usually upwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

RESTATED_DAYS = 3
"""Days after its end for which the API may still restate a day."""


def settled_until(now: datetime, days: int = RESTATED_DAYS) -> datetime:
    """The moment up to which usage and costs are settled: what ends later may still change.

    Args:
        now: the present, by the server's clock.
        days: for how many days the API may restate a day.
    """
    return now - timedelta(days=days)


def so_far(
    settled: datetime | None, start: datetime, end: datetime, zone: tzinfo = UTC
) -> str | None:
    """The sentence about the days of a range that are not settled; ``None`` where all are.

    Args:
        settled: the moment up to which figures are settled; ``None`` where that is not known.
        start: the beginning of the range.
        end: its end, which is not after the present.
        zone: whose days are meant.
    """
    if settled is None or end <= settled:
        return None
    first = max(settled, start).astimezone(zone)
    return f"So far: days from {first:%Y-%m-%d} ({zone}) on may still be restated."
