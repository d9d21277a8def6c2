"""Many clients at once, on one session that keeps the API's pace."""

from __future__ import annotations

import asyncio

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import RateLimit
from openai_admin.mcp import Connections
from tests.mcp.serving import LEGACY, MODERN, call, connections_to, http_client, listening

CLIENTS = 50


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_fifty_clients_under_the_rate_limit(mode: str, emulator: Emulator) -> None:
    async with connections_to(emulator) as connections:
        projects = await made_projects(connections)
        emulator.requests.clear()
        emulator.faults.add(RateLimit(limit=20, window=1.0))
        begin = asyncio.Event()
        ready = asyncio.Semaphore(0)

        async def one(number: int, url: str) -> list[str]:
            async with http_client(url, mode) as client:
                ready.release()
                await begin.wait()
                mine = projects[number]
                got = [
                    await call(client, "retrieve_project", project_id=mine),
                    await call(client, "modify_project", project_id=mine, name=f"of {number}"),
                    await call(client, "retrieve_project", project_id=mine),
                ]
                return [f"{project['id']} {project['name']}" for project in got]

        async with listening(connections) as url, asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(number, url)) for number in range(CLIENTS)]
            for _ in range(CLIENTS):
                await ready.acquire()
            begin.set()

    for number, task in enumerate(tasks):
        mine = projects[number]
        assert task.result() == [
            f"{mine} Project {number}",
            f"{mine} of {number}",
            f"{mine} of {number}",
        ]
    statuses = [request.status for request in emulator.requests]
    assert statuses.count(200) == 3 * CLIENTS
    assert set(statuses) <= {200, 429}
    assert statuses.count(429) < len(statuses) / 3


async def made_projects(connections: Connections) -> list[str]:
    admin = connections.client("demo")
    made = [await admin.projects.create(name=f"Project {number}") for number in range(CLIENTS)]
    return [project.id for project in made]


async def test_two_organizations_are_kept_apart() -> None:
    async with (
        Emulator(state="empty", seed=1) as one,
        Emulator(state="empty", seed=2) as two,
        connections_to(one, two) as connections,
        listening(connections) as url,
        http_client(url) as client,
    ):
        for name, emulator in (("demo", one), ("demo2", two)):
            page = await call(client, "list_users", PCID=name)
            assert [u["id"] for u in page["data"]] == [u["id"] for u in emulator.store.users]
            other = two if emulator is one else one
            assert not {u["id"] for u in page["data"]} & {u["id"] for u in other.store.users}
        for pcid in ({}, {"PCID": "demo3"}, {"PCID": 7}, {"PCID": None}):
            result = await client.call_tool("openai_admin_list_users", pcid)
            assert result.is_error
            text = result.content[0].text  # type: ignore[union-attr]
            assert "'demo' or 'demo2'" in text
        tool = (await client.list_tools()).tools[0]
        assert "PCID" in tool.input_schema["required"]
