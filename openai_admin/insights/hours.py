"""When the API is used: every hour of the last week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat

import attrs

from .._wire.portable import Portable
from ..usage.table import UsageTable

_HOUR = timedelta(hours=1)
_NOTHING = (0, 0)


@attrs.frozen(kw_only=True)
class HourOfWeek(Portable):
    """What was asked of the API within an hour.

    Attributes:
        start: when it began, UTC.
        requests: how many requests were made; ``None`` where not all of it is known.
        tokens: how many tokens were read and written; ``None`` likewise.
        share: the fraction of the week's requests, as far as these are known, 0 to 1; ``None``
            without any.
    """

    start: datetime
    requests: int | None
    tokens: int | None
    share: float | None = None

    @property
    def words(self) -> str:
        """Such as ``Monday 14:00``."""
        return f"{self.start:%A %H:00}"


def hours_of_week(usage: UsageTable, *, now: datetime) -> tuple[HourOfWeek, ...]:
    """The 168 hours up to the one that `now` is in, that of the most requests first.

    Each hour of each weekday is there once. The last of them is not over.

    Args:
        usage: by the hour, of the endpoints that count requests.
        now: the moment at which it was fetched, UTC.
    """
    last = now.replace(minute=0, second=0, microsecond=0)
    counts = _counts(usage)
    unknown = set(_unknown(usage))
    hours = [last - n * _HOUR for n in range(168)]
    total = sum(counts.get(hour, _NOTHING)[0] for hour in hours if hour not in unknown)
    found = []
    for hour in hours:
        requests, tokens = counts.get(hour, _NOTHING)
        known = hour not in unknown
        found.append(
            HourOfWeek(
                start=hour,
                requests=requests if known else None,
                tokens=tokens if known else None,
                share=requests / total if known and total else None,
            )
        )
    return tuple(sorted(found, key=lambda h: (-(h.requests or 0), h.start)))


def hours_together(hours: Sequence[HourOfWeek]) -> HourOfWeek:
    """Several hours as one; a sum is not known where a part of it is not."""
    requests = [hour.requests for hour in hours if hour.requests is not None]
    tokens = [hour.tokens for hour in hours if hour.tokens is not None]
    shares = [hour.share for hour in hours if hour.share is not None]
    return HourOfWeek(
        start=hours[0].start,
        requests=sum(requests) if len(requests) == len(hours) else None,
        tokens=sum(tokens) if len(tokens) == len(hours) else None,
        share=sum(shares) if len(shares) == len(hours) else None,
    )


def _counts(usage: UsageTable) -> dict[datetime, tuple[int, int]]:
    """Requests and tokens by the beginning of their hour."""
    columns = usage.columns
    names = ("num_model_requests", "input_tokens", "output_tokens")
    found: dict[datetime, tuple[int, int]] = {}
    counts = (columns.get(name) or repeat(None, len(usage)) for name in names)
    for start, requests, read, written in zip(columns["start_time"], *counts, strict=True):
        asked, tokens = found.get(start, _NOTHING)
        found[start] = asked + (requests or 0), tokens + (read or 0) + (written or 0)
    return found


def _unknown(usage: UsageTable) -> Iterator[datetime]:
    """The hours of which something did not come, or could not be read."""
    windows = [missing.window for missing in usage.missing]
    windows += [odd.window for odd in usage.unreadable]
    for window in windows:
        for moment in range(window.start - window.start % 3600, window.end, 3600):
            yield datetime.fromtimestamp(moment, UTC)
