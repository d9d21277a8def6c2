"""A run that is cancelled leaves no file, and nothing that works on."""

from __future__ import annotations

import asyncio
import io
import threading
from datetime import date
from pathlib import Path

import pytest

from openai_admin.export import focus
from openai_admin.insights import Period
from tests.export.focus_file.biller import Biller, line

DAY = date(2025, 10, 1)
LINES = {DAY: [line("1", f"gpt-{n}, input") for n in range(50)]}
PERIOD = Period(DAY, date(2025, 10, 2))


class _Slow(io.StringIO):
    """A file that takes nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    def write(self, text: str, /) -> int:
        self.asked.set()
        self.go.wait()
        return super().write(text)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
async def test_it_leaves_no_file(tmp_path: Path, name: str) -> None:
    async with Biller(LINES) as biller, biller.client() as client:
        run = asyncio.create_task(focus(client, tmp_path / name, period=PERIOD))
        while not list(tmp_path.iterdir()):
            await asyncio.sleep(0.001)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert list(tmp_path.iterdir()) == []


async def test_it_waits_for_what_is_being_written() -> None:
    file = _Slow()
    async with Biller(LINES) as biller, biller.client() as client:
        run = asyncio.create_task(focus(client, file, period=PERIOD))
        await asyncio.to_thread(file.asked.wait)
        run.cancel()
        done, _ = await asyncio.wait([run], timeout=0.05)
        assert not done
        file.go.set()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert file.getvalue().count("\n") == 1
