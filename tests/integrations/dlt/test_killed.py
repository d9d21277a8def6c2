"""A run that is killed, in whichever step, leaves what the next one completes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin import OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.usage.endpoints import endpoints
from tests.cli.processes import environment
from tests.integrations.dlt.warehouses import QUIET, Row, Warehouse
from tests.odd import KEY, OddServer

WORKER = Path(__file__).with_name("worker.py")
COST = {"amount": {"value": "1.5", "currency": "usd"}, "line_item": "gpt-4o, input"}
LOADED = ("costs", "audit_logs", "project_users")
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
SINCE = UNTIL - timedelta(days=5)


@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")  # dlt's
@pytest.mark.parametrize(
    ("kind", "killed"),
    [
        ("duckdb", [("Extract", 2), ("Normalize", 2), ("Load", 3)]),
        ("delta", [("Load", 3)]),
    ],
)
def test_killed_and_run_again(
    kind: str, killed: list[tuple[str, int]], organization: Emulator, tmp_path: Path
) -> None:
    """It takes some seconds, since what is killed is a process of its own, which imports dlt."""
    warehouse = Warehouse(kind, tmp_path)
    address, key = organization.base_url, organization.admin_key
    days = (str(SINCE.date()), str(UNTIL.date()))
    for step, count in killed:
        arguments = (address, key, kind, str(tmp_path), *days, step, str(count), *LOADED)
        done = subprocess.run(
            [sys.executable, str(WORKER), *arguments],
            env=environment({**QUIET, "DLT_DATA_DIR": str(tmp_path / "dlt")}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert warehouse.pipeline().has_pending_data is (step != "Extract")
    asked = len(organization.requests)
    warehouse.load(*LOADED, admin_key=key, base_url=address, since=SINCE.date(), until=UNTIL.date())
    assert not warehouse.pipeline().has_pending_data
    assert len(organization.requests) == asked  # what a load had begun with is loaded

    with OpenAIAdmin(key, base_url=address) as client:
        collect: Any = client.usage.collect
        groups = endpoints()["costs"].groups
        whole = collect("costs", start_time=SINCE, end_time=UNTIL, group_by=groups, adapt="all")
        rows = warehouse.rows("costs")
        names = [name for name in whole.columns if name in rows[0]]
        expected = Counter(zip(*(whole[name] for name in names), strict=True))
        assert Counter(tuple(row[name] for name in names) for row in rows) == expected
        assert "amount" in names
        listed = [event.id for event in client.audit_logs.list(effective_at=(SINCE, UNTIL))]
        events = [row["id"] for row in warehouse.rows("audit_logs")]
        assert sorted(events) == sorted(listed) != []
        members = Counter(row["project_id"] for row in warehouse.rows("project_users"))
        for project in client.projects.list():
            assert members[project.id] == len(list(client.projects.users.list(project.id)))


def test_what_a_killed_load_wrote_into_files_is_removed(server: OddServer, tmp_path: Path) -> None:
    """The rows are there, the state that knows of them is not, and neither is the folder."""
    lake = Warehouse("delta", tmp_path)
    loaded = ("costs", "project_api_keys")
    source: dict[str, Any] = {"admin_key": KEY, "base_url": server.base_url}
    source |= {"since": SINCE.date(), "until": UNTIL.date(), "allow_missing": True}
    server.listings["projects"] = [{"id": "proj_1"}, {"id": "proj_2"}]
    costs: list[Row] = []
    server.rows = lambda endpoint, start: costs
    for rows in (3, 1):
        costs[:] = [COST] * rows
        for project in ("proj_1", "proj_2"):
            keys = [{"id": f"key_{n}"} for n in range(rows)]
            server.listings[f"projects/{project}/api_keys"] = keys
        lake.load(*loaded, **source)
        assert len(lake.rows("costs")) == rows * 5
        assert len(lake.rows("project_api_keys")) == rows * 2
        shutil.rmtree(tmp_path / "pipelines")
        for file in (tmp_path / "lake" / "spend" / "_dlt_pipeline_state").glob("spend__*"):
            file.unlink()
