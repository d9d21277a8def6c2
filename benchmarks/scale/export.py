"""Exporting usage: over a longer range, and with more rows an hour."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openai_admin import AsyncOpenAIAdmin
from openai_admin.export import Summary, export

from ..server import running
from .line import CPU, HELD_CPU, PEAK, SCALES, Bound, Line, at_most, growth
from .log_server import KEY
from .measuring import Measuring

_UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
_NOW = _UNTIL + timedelta(days=100)  # all of it is settled
_HOURS = 24
_A_ROW = "peak, B a row"


async def _exported(measuring: Measuring, *, days: int, groups: int) -> None:
    rows = days * _HOURS * groups
    with tempfile.TemporaryDirectory() as folder, running() as server:
        server.set(groups=groups)
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:

            async def exported(part: str, days: int) -> Summary:
                return await export(
                    client,
                    Path(folder) / part,
                    since=_UNTIL - timedelta(days=days),
                    until=_UNTIL,
                    endpoints="completions",
                    bucket_width="1h",
                    now=_NOW,
                )

            await exported("warm", 1)  # what it needs is imported
            async with measuring:
                summary = await exported("measured", days)
    assert summary.rows == rows, summary
    measuring.note({_A_ROW: measuring.peak / rows}, work=rows)


async def _longer(measuring: Measuring, scale: int) -> None:
    """More days with as many rows each, which are written week by week."""
    await _exported(measuring, days=28 * scale, groups=20)


async def _wider(measuring: Measuring, scale: int) -> None:
    """A week with more rows in each hour."""
    await _exported(measuring, days=7, groups=40 * scale)


LINES = (
    Line(
        "export",
        "13,440 rows of usage exported, four weeks of hours",
        _longer,
        bounds=(growth(CPU, 1.3), growth(PEAK, 0.5), at_most(HELD_CPU, 50)),
    ),
    Line(
        "export-wide",
        "6,720 rows of usage exported, a week of hours",
        _wider,
        bounds=(
            growth(CPU, 1.3),
            growth(PEAK, 1.3),
            at_most(HELD_CPU, 50),
            Bound(f"{_A_ROW}, ×{SCALES[-1]}", 600, lambda o: o.ours[SCALES[-1]][_A_ROW]),
        ),
    ),
)
