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
from openai_admin.resources.usage import ByCost, ByModel
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
        *("endpoint", "start_time", "end_time", "complete"),
        *("project_id", "project_name", "model"),
        *("user_id", "user_name", "api_key_id", "api_key_name"),
    ]
    assert table.metrics == plain.metrics
    assert {name: table[name] for name in plain.columns} == plain.columns
    listed = [p async for p in client.projects.list(include_archived=True)]
    projects = {p.id: p.name for p in listed}
    users = {u.id: u.name or u.email async for u in client.users.list()}
    keys: dict[str, str | None] = {}
    owners: dict[str, str | None] = {}
    for project in (p.id for p in listed if p.status == "active"):
        async for key in client.projects.api_keys.list(project, owner_project_access="any"):
            keys[key.id] = key.name
            if key.owner is not None and key.owner.holder is not None:
                owners[key.owner.holder.id] = key.owner.holder.name
    users = owners | users
    assert table["project_name"] == [projects.get(i) for i in plain["project_id"]]
    assert table["user_name"] == [users.get(i) for i in plain["user_id"]]
    assert table["api_key_name"] == [keys.get(i) for i in plain["api_key_id"]]
    for column in ("project_name", "user_name", "api_key_name"):
        assert len(set(table[column])) > 2
    by_name = table.totals(by=["project_name"])
    assert by_name.totals()["input_tokens"] == plain.totals()["input_tokens"]


async def test_all_of_last_months_money_is_named(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    """Service accounts and former members too; what has no user or no key has no name of one."""
    active = sum(project["status"] == "active" for project in demo.store.projects)
    for column in ("user_id", "api_key_id"):
        plain = await client.usage.collect(
            "costs", start_time=TODAY - 30 * DAY, end_time=TODAY, group_by=[column]
        )
        demo.requests.clear()
        table = await plain.with_names(client)
        names = table[column.replace("_id", "_name")]
        assert [name is None for name in names] == [id is None for id in plain[column]]
        assert table.unnamed == []
        asked = Counter(request.operation for request in demo.requests)
        expected = {"projects.list": 1, "projects.api_keys.list": active}
        assert asked == expected | ({"users.list": 1} if column == "user_id" else {})


async def test_each_list_is_fetched_once(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    plain = await by_everything(client)
    demo.requests.clear()
    await plain.with_names(client)
    paths = Counter((r.path, r.query_string) for r in demo.requests)
    assert set(paths.values()) == {1}
    operations = {request.operation for request in demo.requests}
    assert operations == {"projects.list", "users.list", "projects.api_keys.list"}


@pytest.mark.parametrize(
    ("column", "operations"),
    [
        ("project_id", {"projects.list"}),
        ("user_id", {"users.list", "projects.list", "projects.api_keys.list"}),
        ("api_key_id", {"projects.list", "projects.api_keys.list"}),
        ("model", set()),
    ],
)
async def test_only_what_is_needed_is_fetched(
    demo: Emulator, client: AsyncOpenAIAdmin, column: ByModel, operations: set[str]
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


async def test_what_may_not_be_read_costs_its_names_alone(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    plain = await by_everything(client)
    demo.faults.add(Status(status=403, match="projects.api_keys.list", skip=1))
    table = await plain.with_names(client)
    assert {name: table[name] for name in plain.columns} == plain.columns
    assert all(name is not None for name in table["project_name"])
    named = [name for name in table["api_key_name"] if name is not None]
    assert 0 < len(named) < len(table)
    assert any(told.startswith("Names of people") and "403" in told for told in table.unnamed)
    assert table.totals("api_key_name").unnamed == table.unnamed
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


@pytest.mark.parametrize(
    ("column", "called"), [("project_id", "once {}"), ("user_id", "{}@gone.example")]
)
async def test_names_that_rows_came_with_need_no_listing(
    demo: Emulator, client: AsyncOpenAIAdmin, column: ByCost, called: str
) -> None:
    demo.faults.add(NamedRows(match="usage.costs"))
    plain = await client.usage.collect(
        "costs", start_time=TODAY - 2 * DAY, end_time=TODAY, group_by=[column]
    )
    name = column.replace("_id", "_name")
    assert name not in plain.columns
    demo.requests.clear()
    for each in (plain, plain.totals([column])):
        table = await each.with_names(client)
        assert table[name] == [id and called.format(id) for id in each[column]]
    assert not demo.requests


async def test_ids_that_no_row_named_are_looked_up(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    demo.faults.add(NamedRows(match="usage.costs"))
    both = await client.usage.collect(
        ["costs", "completions"],
        start_time=TODAY - 2 * DAY,
        end_time=TODAY,
        group_by=["project_id", "api_key_id"],
    )
    demo.requests.clear()
    table = await both.with_names(client)
    named = dict(zip(table["project_id"], table["project_name"], strict=True))
    rows = both.names["project_id"]
    assert rows
    assert {id: named[id] for id in rows} == rows
    assert "projects.api_keys.list" in {r.operation for r in demo.requests}
