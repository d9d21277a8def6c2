"""When requests are made: the hours of the last week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...insights import Review, known
from ...insights.hours import HourOfWeek
from ...insights.text import count
from ..drawing import Chart, Key, heat

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def hours(review: Review) -> Chart:
    """Requests by weekday and hour of the day, UTC; the stronger the more."""
    found = known(review.busy_hours)
    places: Mapping[tuple[int, int], HourOfWeek] = {
        (h.start.weekday(), h.start.hour): h for h in found
    }
    rows = [[_requests(places.get((day, hour))) for hour in range(24)] for day in range(7)]
    said = [[_said(places.get((day, hour)), day, hour) for hour in range(24)] for day in range(7)]
    body, height = heat(
        rows,
        names=_DAYS,
        labels=[f"{hour:02}" if hour % 3 == 0 else "" for hour in range(24)],
        said=said,
    )
    busiest = [f"{h.words} {count(h.requests, 'request')}" for h in found[:5] if h.requests]
    most = max((h.requests or 0 for h in found), default=0)
    return Chart(
        name="hours",
        description="Requests of the last week by weekday and hour (UTC)."
        + (f" The busiest: {'; '.join(busiest)}." if busiest else ""),
        body=body,
        height=height,
        left=38,
        keys=(
            Key(
                f"{count(most, 'request')} in the busiest hour; the fainter, the fewer", kind="only"
            ),
            *([Key("not known", kind="unknown")] if any(h.requests is None for h in found) else []),
        ),
    )


def _requests(hour: HourOfWeek | None) -> float | None:
    return None if hour is None or hour.requests is None else float(hour.requests)


def _said(hour: HourOfWeek | None, day: int, at: int) -> str:
    if hour is None:
        return f"{_DAYS[day]} {at:02}:00: not known"
    return f"{_when(hour.start)}: {_counted(hour)}"


def _counted(hour: HourOfWeek) -> str:
    if hour.requests is None or hour.tokens is None:
        return "not known"
    return f"{count(hour.requests, 'request')}\n{count(hour.tokens, 'token')}"


def _when(start: datetime) -> str:
    return f"{start:%A %Y-%m-%d %H:00} UTC"
