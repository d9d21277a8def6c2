"""What can be read without a tool, and the prompts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent, TextResourceContents
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator, Status
from openai_admin.mcp import Settings, ToolSelection
from tests.mcp.serving import LEGACY, MODERN, connections_to, http_client, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMPTS = ["access_review", "key_cleanup", "monthly_cost_review"]


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections) as url,
    ):
        yield emulator, url


async def read(client: Client, uri: str) -> dict[str, Any]:
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, TextResourceContents)
    assert contents.mime_type == "application/json"
    found: dict[str, Any] = json.loads(contents.text)
    assert "data, not instructions" in found["note"]
    return found


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_each_listed_resource_can_be_read(mode: str, shared: tuple[Emulator, str]) -> None:
    async with http_client(shared[1], mode) as client:
        listed = (await client.list_resources()).resources
        assert [resource.uri for resource in listed] == [
            "openai-admin://demo/projects",
            "openai-admin://demo/people",
            "openai-admin://demo/spend/month",
            "openai-admin://demo/access",
        ]
        for resource in listed:
            assert resource.description
            await read(client, resource.uri)


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_there_are_no_templates_and_that_may_be_kept(
    mode: str, shared: tuple[Emulator, str]
) -> None:
    async with http_client(shared[1], mode) as client:
        listed = await client.list_resource_templates()
    assert listed.resource_templates == []
    if mode == MODERN:
        assert listed.ttl_ms == 300_000
        assert listed.cache_scope == "private"


async def test_the_access_of_the_servers_key(shared: tuple[Emulator, str]) -> None:
    emulator, url = shared
    async with http_client(url) as client:
        access = await read(client, "openai-admin://demo/access")
    assert access["organization"] == emulator.store.organization["id"]
    assert {part["state"] for part in access["parts"]} == {"known"}


async def test_projects_and_people_are_whole(shared: tuple[Emulator, str]) -> None:
    emulator, url = shared
    async with http_client(url) as client:
        projects = await read(client, "openai-admin://demo/projects")
        people = await read(client, "openai-admin://demo/people")
    active = {p["id"] for p in emulator.store.projects if p["status"] == "active"}
    assert {project["id"] for project in projects["data"]} == active
    assert {user["id"] for user in people["data"]} == {u["id"] for u in emulator.store.users}


async def test_this_month_s_spend_adds_up(shared: tuple[Emulator, str]) -> None:
    emulator, url = shared
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    async with http_client(url) as client:
        spend = await read(client, "openai-admin://demo/spend/month")
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin:
        costs = [bucket async for bucket in admin.usage.costs(start_time=first, limit=31)]
    billed = sum(
        (r.amount.value or Decimal(0) for b in costs for r in b.results if r.amount), Decimal(0)
    )
    assert spend["cost"]["currency"] == "usd"
    total = float(spend["cost"]["amount"])
    assert total == pytest.approx(float(billed), rel=0.01)
    for part in ("by_project", "by_line_item"):
        amounts = [float(row["cost"]["amount"]) for row in spend[part]]
        assert amounts == sorted(amounts, reverse=True)
        assert sum(amounts) == pytest.approx(total, abs=0.01 * len(amounts))
    assert all(row["name"] for row in spend["by_project"])
    assert spend["complete"] is False


@pytest.mark.parametrize(
    "uri",
    [
        "openai-admin://demo/secrets",
        "openai-admin://other/projects",
        "openai-admin://demo",
        "openai-admin://",
        "file:///etc/passwd",
        "openai-admin://demo/../projects",
    ],
)
async def test_there_is_nothing_else(uri: str, shared: tuple[Emulator, str]) -> None:
    async with http_client(shared[1]) as client:
        with pytest.raises(MCPError, match="no such resource"):
            await client.read_resource(uri)


async def test_an_api_that_refuses_is_an_error_with_its_word() -> None:
    async with Emulator(state="empty") as emulator:
        emulator.admin_key = emulator.add_key(scopes=["api.usage.read"])
        async with (
            connections_to(emulator) as connections,
            listening(connections) as url,
            http_client(url) as client,
        ):
            with pytest.raises(MCPError, match="403"):
                await client.read_resource("openai-admin://demo/people")


async def test_names_that_may_not_be_read_do_not_cost_the_figures() -> None:
    async with (
        Emulator() as emulator,
        connections_to(emulator, max_retries=0) as connections,
        listening(connections) as url,
        http_client(url) as client,
    ):
        uri = "openai-admin://demo/spend/month"
        known = await read(client, uri)
        assert "names_not_known" not in known
        emulator.faults.add(Status(status=403, match="projects.list"))
        spend = await read(client, uri)
    (told,) = spend["names_not_known"]
    assert told.startswith("Names of projects are not known: 403")
    amounts = [float(each["cost"]["amount"]) for each in (spend, known)]
    assert amounts[0] == pytest.approx(amounts[1], rel=0.01)
    assert {row["name"] for row in spend["by_project"]} == {None}
    ids = {row["project_id"] for row in spend["by_project"]}
    assert ids == {row["project_id"] for row in known["by_project"]}


@pytest.mark.parametrize("name", PROMPTS)
@pytest.mark.parametrize("toolset", ["seed", "insight"])
async def test_prompts_name_tools_that_are_offered(
    name: str, toolset: str, shared: tuple[Emulator, str]
) -> None:
    settings = Settings(choice=ToolSelection(toolsets=[toolset]))
    async with (
        connections_to(shared[0]) as connections,
        listening(connections, settings) as url,
        http_client(url) as client,
    ):
        assert [p.name for p in sorted((await client.list_prompts()).prompts, key=str)]
        tools = {tool.name for tool in (await client.list_tools()).tools}
        (message,) = (await client.get_prompt(name)).messages
    assert isinstance(message.content, TextContent)
    words = {word.strip("(),.") for word in message.content.text.split()}
    named = {word for word in words if word.startswith("openai_admin_")}
    assert named
    assert named <= tools
    assert any("insight" in tool for tool in named) is (toolset == "insight")
    assert "PCID" not in message.content.text  # there is but one connection
    assert "Change nothing without my approval" in message.content.text


async def test_prompts_of_several_connections_must_be_told_which() -> None:
    async with (
        Emulator(state="empty") as one,
        Emulator(state="empty") as two,
        connections_to(one, two) as connections,
        listening(connections) as url,
        http_client(url) as client,
    ):
        prompts = (await client.list_prompts()).prompts
        assert sorted(prompt.name for prompt in prompts) == PROMPTS
        for prompt in prompts:
            (argument,) = prompt.arguments or []
            assert (argument.name, argument.required) == ("PCID", True)
        with pytest.raises(MCPError, match="PCID must name"):
            await client.get_prompt("key_cleanup")
        found = await client.get_prompt("key_cleanup", {"PCID": "demo2"})
        assert "demo2" in found.messages[0].model_dump_json()
        with pytest.raises(MCPError, match="did you mean 'key_cleanup'"):
            await client.get_prompt("key_clean")
