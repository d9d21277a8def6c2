"""Measuring side by side, and what every table of figures says.

Runs are interleaved and medians taken, so that a busy machine is unfair to nobody.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs

Work = Callable[[], Awaitable[object]]


async def medians(works: Mapping[str, Work], *, rounds: int) -> dict[str, float]:
    """The median seconds of each work, run in turn; the first run of each only warms up.

    Garbage is collected before each run: else a full collection always falls into the same work,
    which then pays for what the others have left as well.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        await work()
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            begin = time.perf_counter()
            await work()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in times.items()}


@attrs.frozen
class Figure:
    """One line of the table.

    Attributes:
        work: what was done.
        against: what it is compared with.
        ours: our figure.
        theirs: the other one.
        unit: of both.
        bound: the most that ``ours / theirs`` may be, if there is one.
    """

    work: str
    against: str
    ours: float
    theirs: float
    unit: str
    bound: float | None = None

    @property
    def ratio(self) -> float:
        """Ours to theirs."""
        return self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept; ``None`` without one."""
        return None if self.bound is None else self.ratio <= self.bound


def machine() -> str:
    """The machine and the versions, in one line."""
    names = ("aiohttp", "msgspec", "orjson", "openai")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cores = f"{os.cpu_count()} cores"
    return f"Python {platform.python_version()}, {platform.machine()}, {cores}, {versions}"


def verdict(met: bool | None) -> str:
    """Whether a bound is kept, as the last column says it."""
    return {True: "met", False: "MISSED", None: ""}[met]


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write figures as JSON, with the machine they are of."""
    content = {"machine": machine(), "figures": rows}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
