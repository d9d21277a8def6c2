"""Measuring a piece of work in the process that does it: time, memory, holds of the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

Figures = Mapping[str, float]

WORK = "work"
CPU = "CPU, s"
WALL = "wall, s"
PEAK = "peak, MB"
KEPT = "kept, MB"
HELD = "loop held, ms"
HELD_CPU = "loop held, CPU ms"
HELD_BY_ALL = "loop held, threads' CPU ms"

_TICK = 0.005
_MB = 2**20


class Measuring:
    """Measures what happens while it is entered, once.

    CPU is that of the whole process with its threads. Peak and kept memory are the resident set's,
    above what it was at the start, when garbage was collected and given back to the system. A hold
    is the longest time between two turns of a task that always wants to run: in wall time, which
    on a busy machine has other programs' turns in it, in CPU time of the loop's thread, and in that
    of all threads, which also shows one that holds the interpreter.
    """

    def __init__(self, scale: int) -> None:
        self.figures: dict[str, float] = {WORK: scale}

    @property
    def kept(self) -> float:
        """The bytes that the work left, known when it is over."""
        return self.figures[KEPT] * _MB

    @property
    def peak(self) -> float:
        """The most bytes at any time of the work, known when it is over."""
        return self.figures[PEAK] * _MB

    def note(self, figures: Figures | None = None, *, work: float | None = None) -> None:
        """Add figures of the work's own, by name with unit, and say how much work it was."""
        self.figures.update(figures or {})
        if work is not None:
            self.figures[WORK] = work

    def __enter__(self) -> Self:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        self._resident = _status("VmRSS")
        self._begin = time.process_time(), time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        cpu, wall = self._begin
        self.figures[CPU] = time.process_time() - cpu
        self.figures[WALL] = time.perf_counter() - wall
        self.figures[PEAK] = (_status("VmHWM") - self._resident) / _MB
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        self.figures[KEPT] = (_status("VmRSS") - self._resident) / _MB

    async def __aenter__(self) -> Self:
        self.__enter__()
        self._ticks = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.sleep(2 * _TICK)  # the last hold ends with a tick too
        self._ticks.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticks
        self.__exit__(kind, error, traceback)

    async def _tick(self) -> None:
        held = held_cpu = held_by_all = 0.0
        while True:
            wall, cpu, of_all = time.perf_counter(), time.thread_time(), time.process_time()
            await asyncio.sleep(_TICK)
            held = max(held, time.perf_counter() - wall - _TICK)
            held_cpu = max(held_cpu, time.thread_time() - cpu)
            held_by_all = max(held_by_all, time.process_time() - of_all)
            self.figures[HELD] = held * 1e3
            self.figures[HELD_CPU] = held_cpu * 1e3
            self.figures[HELD_BY_ALL] = held_by_all * 1e3


def _status(name: str) -> int:
    """A figure of this process in bytes, by its name in Linux's `/proc/self/status`."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
