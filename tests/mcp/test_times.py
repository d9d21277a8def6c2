"""Times among arguments: as people say them, as ISO 8601 has them, as the API has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.mcp.times import read_times

NOW = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)


def seconds(*day: int) -> int:
    return int(datetime(*day, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ({"start_time": "last month"}, (2026, 10, 1), (2026, 11, 1)),
        ({"start_time": "Last_Month"}, (2026, 10, 1), (2026, 11, 1)),
        ({"start_time": "2026-10"}, (2026, 10, 1), (2026, 11, 1)),
        ({"start_time": "yesterday"}, (2026, 11, 26), (2026, 11, 27)),
        ({"start_time": "last 30 days"}, (2026, 10, 28), (2026, 11, 27)),
        ({"start_time": "30d"}, (2026, 10, 29), None),
        ({"start_time": "this month"}, (2026, 11, 1), None),  # it is not over
        ({"start_time": "2026-11-05"}, (2026, 11, 5), None),
        ({"start_time": "2026-11-05T06:00:00Z"}, (2026, 11, 5, 6), None),
        ({"start_time": "2026-11-05T06:00+02:00"}, (2026, 11, 5, 4), None),
        ({"start_time": "2026-11-01", "end_time": "yesterday"}, (2026, 11, 1), (2026, 11, 27)),
        ({"start_time": "last month", "end_time": "2026-10-15"}, (2026, 10, 1), (2026, 10, 15)),
        ({"start_time": str(seconds(2026, 11, 5))}, (2026, 11, 5), None),
    ],
)
def test_a_start_and_an_end(
    given: dict[str, str], start: tuple[int, ...], end: tuple[int, ...] | None
) -> None:
    expected = {"start_time": seconds(*start)} | ({"end_time": seconds(*end)} if end else {})
    assert read_times(given, now=NOW) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-05", {"gte": (2026, 11, 5), "lt": (2026, 11, 6)}),
        ("last month", {"gte": (2026, 10, 1), "lt": (2026, 11, 1)}),
        ("2026-10-05..2026-10-07", {"gte": (2026, 10, 5), "lt": (2026, 10, 8)}),
        ("2026-10-05..", {"gte": (2026, 10, 5)}),
        ("2026-11-26..2026-11-26T12:00Z", {"gte": (2026, 11, 26), "lt": (2026, 11, 26, 12)}),
        ("last 7 days", {"gte": (2026, 11, 20), "lt": (2026, 11, 27)}),
        ("last-7-days", {"gte": (2026, 11, 20), "lt": (2026, 11, 27)}),
        ("7d", {"gte": (2026, 11, 21)}),
        ("today", {"gte": (2026, 11, 27), "lt": (2026, 11, 28)}),
        ("..2026-10", {"lt": (2026, 11, 1)}),
        ("last 24 hours", {"gte": (2026, 11, 26, 12)}),
        ({"gte": "yesterday"}, {"gte": (2026, 11, 26)}),
        ({"lt": "2026-10"}, {"lt": (2026, 10, 1)}),
        ({"lte": "2026-10"}, {"lte": (2026, 10, 31, 23, 59, 59)}),
        ({"lte": "2026-11-05"}, {"lte": (2026, 11, 5, 23, 59, 59)}),
        ({"gt": "2026-11-05"}, {"gt": (2026, 11, 5, 23, 59, 59)}),
    ],
)
def test_a_range(given: Any, expected: dict[str, tuple[int, ...]]) -> None:
    (bounds,) = read_times({"effective_at": given}, now=NOW).values()
    assert bounds == {name: seconds(*moment) for name, moment in expected.items()}


def test_what_the_api_takes_is_left_as_it_is() -> None:
    given = {"start_time": 1_790_000_000, "effective_at": {"gte": 1_790_000_000}, "limit": 5}
    assert read_times(given, now=NOW) == given


def test_what_is_no_time_is_told_with_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match="did you mean 'last-month'"):
        read_times({"start_time": "lst month"}, now=NOW)
    with pytest.raises(InvalidInputError, match=r"effective_at\.gte is not a valid time"):
        read_times({"effective_at": {"gte": "soon"}}, now=NOW)
