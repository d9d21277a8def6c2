"""A run that is killed leaves a dataset that the next run completes."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.export import export
from openai_admin.export.sources import DIRECTORY
from tests.cli.processes import ROOT, environment
from tests.export.conftest import NOW, Clock
from tests.export.datasets import days, differences, endpoints_in, query, rows, source

DAYS = 30
ENDPOINTS = ["completions", "costs", "audit_logs", "projects", "users", "project_api_keys"]
WORKER = Path(__file__).with_name("worker.py")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def standing() -> AsyncIterator[Emulator]:
    """One organization for all, in which nothing changes."""
    async with Emulator(now=Clock()) as emulator:
        yield emulator


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def undisturbed(
    standing: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int]:
    """The dataset of a run that nobody disturbed, and the requests that it took."""
    root = tmp_path_factory.mktemp("undisturbed")
    standing.requests.clear()
    await _run(standing, root)
    return root, len(standing.requests)


async def _run(emulator: Emulator, root: Path) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        since = NOW - timedelta(days=DAYS)
        await export(client, root, since=since, now=NOW, endpoints=ENDPOINTS)


def _files(root: Path) -> int:
    return sum(1 for _ in root.rglob("*.parquet"))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("seed", range(6))
async def test_killed_anywhere_and_run_again(
    seed: int, standing: Emulator, undisturbed: tuple[Path, int], tmp_path: Path
) -> None:
    whole, all_requests = undisturbed
    chance = random.Random(seed)
    root = tmp_path / "dataset"
    standing.requests.clear()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(WORKER),
        standing.base_url,
        standing.admin_key,
        str(root),
        str(DAYS),
        str(int(NOW.timestamp())),
        *ENDPOINTS,
        env=environment({"PYTHONPATH": str(ROOT)}),
    )
    # After so many requests, or so many files, and then a little later.
    in_files = bool(seed % 4)
    most = _files(whole) if in_files else all_requests
    moment = chance.randint(1, most)
    while process.returncode is None:
        if (_files(root) if in_files else len(standing.requests)) >= moment:
            break
        await asyncio.sleep(0.005)
    await asyncio.sleep(chance.uniform(0, 0.01))
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()

    # Only so near to the end may it have been done before the signal came.
    assert process.returncode == -signal.SIGKILL or moment > most * 0.8

    assert days(root) <= days(whole)
    for endpoint in endpoints_in(root):  # a reader finds each day once, whole, or not at all
        per_day = "SELECT COLUMNS('^(date|snapshot)$'), count(*) FROM {} GROUP BY ALL"
        found = query(per_day.format(source(root, endpoint)))
        assert set(found) <= set(query(per_day.format(source(whole, endpoint))))
    standing.requests.clear()
    await _run(standing, root)
    assert differences(root, whole) == {}
    assert days(root) == days(whole)
    assert rows(root) == rows(whole) > 0
    assert not list(root.rglob("*.part"))
    for name in DIRECTORY.keys() & set(ENDPOINTS):
        latest = f"read_parquet('{root}/dimensions/{name}/latest.parquet')"
        columns = "SELECT * EXCLUDE (snapshot), snapshot FROM"
        assert query(f"{columns} {latest} EXCEPT ALL FROM {source(root, name)}") == []
    assert len(standing.requests) <= all_requests
