"""Costs of a month as a FOCUS file: written, and corrected since all of them were restated.

At ×16 an organization has some 500 projects with 26 line items each.
"""

from __future__ import annotations

import tempfile
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow.parquet  # noqa: F401 - imported here, so that it is not measured

from openai_admin import AsyncOpenAIAdmin
from openai_admin.export import FocusSummary, Previous, focus
from openai_admin.insights import Period
from openai_admin.usage import queries as _queries  # noqa: F401 - else it is measured too

from .line import CPU, HELD_BY_ALL, PEAK, Line, at_most, growth
from .measuring import Measuring
from .wide_server import LINE_ITEMS, running

KEY = "sk-admin-bench0123456789abcdWXYZ"
_PROJECTS = 31
_MONTH = Period(date(2025, 8, 1), date(2025, 9, 1))
_DAY_AFTER = Period(date(2025, 9, 1), date(2025, 9, 2))


async def _written(measuring: Measuring, scale: int, *, name: str) -> None:
    rows = _PROJECTS * LINE_ITEMS * scale
    with running() as server, tempfile.TemporaryDirectory() as folder:
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            await focus(client, Path(folder) / f"warm-{name}", period=_DAY_AFTER)  # it is imported
            server.begin(rows)
            async with measuring:
                done = await focus(client, Path(folder) / name, period=_MONTH)
    _note(measuring, done, charges=rows * _MONTH.days)


async def _corrected(measuring: Measuring, scale: int, *, name: str) -> None:
    rows = _PROJECTS * LINE_ITEMS * scale
    with running() as server, tempfile.TemporaryDirectory() as folder:
        server.begin(rows)
        before = Path(folder) / f"before-{name}"
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            await focus(client, before, period=_MONTH)
            server.begin(rows, seed=1)
            previous = Previous.read(before)
            async with measuring:
                done = await focus(
                    client, Path(folder) / name, period=_DAY_AFTER, previous=previous
                )
    _note(measuring, done, charges=rows, corrections=rows * _MONTH.days)


def _note(measuring: Measuring, done: FocusSummary, *, charges: int, corrections: int = 0) -> None:
    assert (done.charges, done.corrections) == (charges, corrections), done
    measuring.note(work=charges + corrections)


_BOUNDS = (growth(CPU, 1.3), growth(PEAK, 1.3), at_most(HELD_BY_ALL, 50))
_CHARGES = f"{_PROJECTS * LINE_ITEMS * _MONTH.days:,} charges"

LINES = (
    Line(
        "focus",
        f"{_CHARGES} written to a FOCUS file, Parquet",
        partial(_written, name="focus.parquet"),
        bounds=_BOUNDS,
    ),
    Line(
        "focus-csv",
        f"{_CHARGES} written to a FOCUS file, CSV",
        partial(_written, name="focus.csv.gz"),
        bounds=_BOUNDS,
    ),
    Line(
        "focus-corrected",
        f"{_CHARGES} of an earlier FOCUS file corrected",
        partial(_corrected, name="focus.parquet"),
        bounds=_BOUNDS,
    ),
)
