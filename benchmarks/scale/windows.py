"""Usage of large organizations: windows sized by bytes, memory in bytes, the loop let go.

The scale is the width, rows in a bucket, at which windows of the API's most buckets would have
some 20, 80 and 300 MB. The peer is given nothing to do: it could not fetch them at all.
"""

from __future__ import annotations

from typing import Any

from openai_admin import AsyncOpenAIAdmin
from openai_admin.usage import queries as _queries  # noqa: F401 - else it is measured too

from .line import CPU, HELD_BY_ALL, PEAK, Line, at_most, growth
from .measuring import Measuring
from .wide_server import running

KEY = "sk-admin-bench0123456789abcdWXYZ"
END = 1_760_054_400  # a midnight
DAY = 86_400


async def _streamed(
    measuring: Measuring, endpoint: str, days: int, width: str, rows: int, groups: list[str]
) -> None:
    buckets = found = 0
    with running() as server:
        server.begin(rows)
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            usage: Any = client.usage  # imported by now
            async with measuring:
                query = {"start_time": END - days * DAY, "end_time": END, "bucket_width": width}
                async for bucket in usage.stream(endpoint, group_by=groups, **query):
                    buckets += 1
                    found += len(bucket.results)
        requests = server.begin(rows)
    assert found == buckets * rows
    measuring.note({"requests": requests, "rows": found}, work=found)


async def _collected(
    measuring: Measuring, endpoint: str, days: int, width: str, rows: int, groups: list[str]
) -> None:
    with running() as server:
        server.begin(rows)
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            usage: Any = client.usage  # imported by now
            async with measuring:
                query = {"start_time": END - days * DAY, "end_time": END, "bucket_width": width}
                table = await usage.collect(endpoint, group_by=groups, **query)
        requests = server.begin(rows)
    figures = {"requests": requests, "rows": len(table), _A_ROW: measuring.kept / len(table)}
    measuring.note(figures, work=len(table))


async def _hours(measuring: Measuring, scale: int) -> None:
    await _streamed(measuring, "completions", 7, "1h", 5000 * scale // 16, ["project_id", "model"])


async def _minutes(measuring: Measuring, scale: int) -> None:
    await _streamed(measuring, "completions", 1, "1m", 600 * scale // 16, ["project_id", "model"])


async def _costs(measuring: Measuring, scale: int) -> None:
    await _streamed(measuring, "costs", 180, "1d", 6000 * scale // 16, ["project_id", "line_item"])


async def _four_weeks(measuring: Measuring, scale: int) -> None:
    await _streamed(measuring, "completions", 28, "1h", 1000 * scale // 16, ["project_id", "model"])


async def _collected_costs(measuring: Measuring, scale: int) -> None:
    await _collected(measuring, "costs", 180, "1d", 6000 * scale // 16, ["project_id", "line_item"])


async def _collected_hours(measuring: Measuring, scale: int) -> None:
    await _collected(measuring, "completions", 7, "1h", 5000 * scale // 16, ["project_id", "model"])


_A_ROW = "kept, B a row"
_WHOLE = (
    growth(CPU, 1.3),
    growth(PEAK, 1.3),
    at_most(HELD_BY_ALL, 50),
    at_most(_A_ROW, 320),
)
_BOUNDED = (growth(CPU, 1.3), at_most(PEAK, 64), at_most(HELD_BY_ALL, 50))

LINES = (
    Line("stream-hours", "a week of hours × 312 groups", _hours, bounds=_BOUNDED),
    Line("stream-minutes", "a day of minutes × 37 groups", _minutes, bounds=_BOUNDED),
    Line("stream-costs", "180 days of costs × 375 rows", _costs, bounds=_BOUNDED),
    Line("stream-weeks", "four weeks of hours × 62 groups", _four_weeks, bounds=_BOUNDED),
    Line(
        "collect-hours", "a week of hours × 312 groups, collected", _collected_hours, bounds=_WHOLE
    ),
    Line(
        "collect-costs", "180 days of costs × 375 rows, collected", _collected_costs, bounds=_WHOLE
    ),
)
