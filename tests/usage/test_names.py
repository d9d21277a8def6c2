"""Names beside ids: each list fetched once, on both clients."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from openai_admin.errors import PermissionDeniedError
from openai_admin.usage.table import UsageTable
from tests.usage.server import client_tasks
from tests.usage.tables import mixed
from tests.usage.times import DAY, TODAY


async def by_everything(client: AsyncOpenAIAdmin) -> UsageTable:
    return await client.usage.collect(
        ["completions", "vector_stores", "embeddings"],
        start_time=TODAY - 2 * DAY,
        end_time=TODAY,
        group_by=["project_id", "model", "user_id", "api_key_id"],
    )


async def test_names_stand_beside_their_ids(client: AsyncOpenAIAdmin) -> None:
    plain = await by_everything(client)
    table = await plain.with_names(client)
    assert list(table.dimensions) == [
        *("endpoint", "start_time", "end_time", "project_id", "project_name", "model"),
        *("user_id", "user_name", "api_key_id", "api_key_name"),
    ]
    assert table.metrics == plain.metrics
    assert {name: table[name] for name in plain.columns} == plain.columns
    listed = [p async for p in client.projects.list(include_archived=True)]
    projects = {p.id: p.name for p in listed}
    users = {u.id: u.name or u.email async for u in client.users.list()}
    keys = {
        key.id: key.name
        for project in listed
        if project.status == "active"
        async for key in client.projects.api_keys.list(project.id)
    }
    assert table["project_name"] == [projects.get(i) for i in plain["project_id"]]
    assert table["user_name"] == [users.get(i) for i in plain["user_id"]]
    assert table["api_key_name"] == [keys.get(i) for i in plain["api_key_id"]]
    for column in ("project_name", "user_name", "api_key_name"):
        assert len(set(table[column])) > 2
    by_name = table.totals(by=["project_name"])
    assert by_name.totals()["input_tokens"] == plain.totals()["input_tokens"]


async def test_each_list_is_fetched_once(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    plain = await by_everything(client)
    projects = [p async for p in client.projects.list(include_archived=True, limit=100)]
    users = [u async for u in client.users.list(limit=100)]
    demo.requests.clear()
    await plain.with_names(client)
    asked = Counter(request.operation for request in demo.requests)
    assert asked.pop("projects.list") == -(-len(projects) // 100)
    assert asked.pop("users.list") == -(-len(users) // 100)
    active = [project for project in projects if project.status == "active"]
    assert asked.pop("projects.api_keys.list") >= len(active)
    assert len(active) < len(projects)
    assert not asked
    paths = Counter((r.path, r.query_string) for r in demo.requests)
    assert set(paths.values()) == {1}


@pytest.mark.parametrize(
    ("column", "operations"),
    [
        ("project_id", {"projects.list"}),
        ("user_id", {"users.list"}),
        ("api_key_id", {"projects.list", "projects.api_keys.list"}),
        ("model", set()),
    ],
)
async def test_only_what_is_needed_is_fetched(
    demo: Emulator, client: AsyncOpenAIAdmin, column: str, operations: set[str]
) -> None:
    plain = await client.usage.collect(
        "completions", start_time=TODAY - DAY, end_time=TODAY, group_by=[column]
    )
    demo.requests.clear()
    table = await plain.with_names(client)
    assert {request.operation for request in demo.requests} == operations
    assert set(table.columns) - set(plain.columns) == (
        {column.replace("_id", "_name")} if operations else set()
    )


async def test_an_unknown_id_has_no_name(client: AsyncOpenAIAdmin) -> None:
    table = await mixed().with_names(client)
    assert table["project_name"] == [None] * 5


async def test_a_blocking_client_gives_the_same(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    def with_names() -> UsageTable:
        with OpenAIAdmin(demo.admin_key, base_url=demo.base_url) as blocking:
            table = blocking.usage.collect(
                ["completions", "vector_stores", "embeddings"],
                start_time=TODAY - 2 * DAY,
                end_time=TODAY,
                group_by=["project_id", "model", "user_id", "api_key_id"],
            )
            return table.with_names(blocking)

    table = await (await by_everything(client)).with_names(client)
    assert (await asyncio.to_thread(with_names)).columns == table.columns


async def test_what_may_not_be_read_is_a_plain_error(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    plain = await by_everything(client)
    demo.faults.add(Status(status=403, match="projects.api_keys.list", skip=1))
    with pytest.raises(PermissionDeniedError):
        await plain.with_names(client)
    assert not client_tasks()


class NamedRows(JSONFault):
    """Rows of costs name their project and user, who are listed nowhere."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for bucket in value.get("data", ()):
            for row in bucket.get("results", ()):
                if row["project_id"] is not None:
                    row["project_name"] = f"once {row['project_id']}"
                if row.get("user_id") is not None:
                    row["user_email"] = f"{row['user_id']}@gone.example"
        return value


async def costs_named(demo: Emulator, client: AsyncOpenAIAdmin) -> UsageTable:
    demo.faults.add(NamedRows(match="usage.costs"))
    return await client.usage.collect(
        "costs",
        start_time=TODAY - 2 * DAY,
        end_time=TODAY,
        group_by=["project_id", "user_id"],
    )


async def test_names_that_rows_came_with_need_no_listing(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    plain = await costs_named(demo, client)
    assert "project_name" not in plain.columns
    demo.requests.clear()
    for each in (plain, plain.totals(["project_id", "user_id"])):
        table = await each.with_names(client)
        assert table["project_name"] == [i and f"once {i}" for i in each["project_id"]]
        assert table["user_name"] == [i and f"{i}@gone.example" for i in each["user_id"]]
    assert not demo.requests


async def test_ids_that_no_row_named_are_looked_up(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    demo.faults.add(NamedRows(match="usage.costs"))
    both = await client.usage.collect(
        ["costs", "completions"],
        start_time=TODAY - 2 * DAY,
        end_time=TODAY,
        group_by=["project_id", "user_id"],
    )
    demo.requests.clear()
    table = await both.with_names(client)
    named = dict(zip(table["project_id"], table["project_name"], strict=True))
    rows = both.names["project_id"]
    assert {id: named[id] for id in rows} == rows
    unnamed = {*both["user_id"]} - {None, *both.names["user_id"]}
    assert ("users.list" in {r.operation for r in demo.requests}) == bool(unnamed)
