"""What the queries of usage and costs may ask for: how far back, and grouped by what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from .metering.shape import DAY
from .replies import EmulatedError, invalid

LOOKBACK_DAYS = 365
"""Days before today (UTC) that every endpoint answers for; today's date a year ago is the first.

From the API's own message ("available for the past year"), which public clients quote: PostHog's
connector meets the code `reporting_lookback_exceeded`. Endpoints with less have been seen.
"""

API_KEYS_SINCE = 1_764_979_200
"""2025-12-06, in Unix seconds: the first day whose costs can be grouped by API key, as reported in
langwatch#7586."""

_ONE_OF = frozenset({"project_id", "user_id"})


def earliest(now: int, days: int) -> int:
    """The earliest `start_time` for a look-back of so many days, both in Unix seconds."""
    return (now // DAY - days) * DAY


def lookback_exceeded(first: int) -> EmulatedError:
    """400 for a `start_time` before the first day that there is, in Unix seconds."""
    return EmulatedError(
        400,
        "Usage and cost data are available for the past year. Earliest supported start date: "
        f"{_day(first)} (UTC).",
        param="start_time",
        code="reporting_lookback_exceeded",
    )


def check_start(start: int, *, now: int) -> None:
    """Raise the API's 400 for a time further back than any endpoint goes."""
    first = earliest(now, LOOKBACK_DAYS)
    if start < first:
        raise lookback_exceeded(first)


def check_cost_groups(groups: Collection[str], start: int, *, both: bool) -> None:
    """Raise the API's 400 for a grouping of costs that it does not take for this range.

    People and projects together depend "on the organization and time range", the official client's
    docstring says; `both` is whether this organization has them.
    """
    if "api_key_id" in groups and start < API_KEYS_SINCE:
        raise invalid(
            "group_by",
            f"costs can be grouped by 'api_key_id' from {_day(API_KEYS_SINCE)} on "
            f"(start_time {API_KEYS_SINCE}).",
        )
    if not both and set(groups) >= _ONE_OF:
        raise invalid(
            "group_by",
            "costs cannot be grouped by 'user_id' and 'project_id' together for this organization "
            "and time range.",
        )


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
