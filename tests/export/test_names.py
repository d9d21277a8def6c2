"""Names beside the ids in facts."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.export import export
from tests.export.conftest import NOW, Clock
from tests.export.datasets import query, source


async def test_names_are_of_the_run_and_outlast_what_they_are_of(
    client: AsyncOpenAIAdmin, organization: Emulator, clock: Clock, tmp_path: Path
) -> None:
    names = ["completions", "projects", "users", "project_service_accounts", "project_api_keys"]
    arguments: dict[str, Any] = {"since": NOW - timedelta(days=5), "endpoints": names}
    await export(client, tmp_path, now=clock.now, **arguments)
    table = source(tmp_path, "completions")
    (project, project_name, key, key_name) = query(
        "SELECT project_id, project_name, api_key_id, api_key_name"
        f" FROM {table} WHERE api_key_name IS NOT NULL ORDER BY date DESC, api_key_id LIMIT 1"
    )[0]
    clock.pass_days(1)
    await client.projects.update(project, name="Renamed")
    await client.projects.api_keys.delete(project, key)
    await export(client, tmp_path, now=clock.now, **arguments)
    found = query(
        f"SELECT date, project_name FROM {table} WHERE project_id = '{project}' GROUP BY ALL"
    )
    assert dict(found) == {
        date(2026, 11, day): project_name if day < 21 else "Renamed" for day in range(19, 26)
    }
    again = f"SELECT DISTINCT api_key_name FROM {table} WHERE api_key_id = '{key}'"
    assert query(again) == [(key_name,)]  # a snapshot still has it


async def test_a_run_of_facts_alone_reads_each_listing_once(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    names = ["completions", "embeddings", "costs"]
    done = await export(client, tmp_path, since=NOW - timedelta(days=70), now=NOW, endpoints=names)
    asked = Counter((request.path, request.query_string) for request in organization.requests)
    assert set(asked.values()) == {1}
    assert done.notes == ()
    for name in names:
        unnamed = "count(project_id) - count(project_name), count(api_key_id) - count(api_key_name)"
        found = query(f"SELECT {unnamed}, count(api_key_name) > 0 FROM {source(tmp_path, name)}")
        assert found == [(0, 0, True)]
