"""Operations that are not listed: described, and called as their tools would be."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError
from pytest_asyncio import fixture

from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings, ToolSelection
from openai_admin.mcp.any_operation import is_listed
from openai_admin.mcp.catalog import ToolPresenter, chosen_tools
from openai_admin.resources import load
from tests.mcp.serving import Answers, call, connections_to, failed, http_client, listening, texts

load()
CALL, DESCRIBE = "openai_admin_call_operation", "openai_admin_describe_operation"
PROVIDER = {
    "name": "CI",
    "type": "oidc",
    "issuer": "https://ci.example.com",
    "audience": "openai",
    "description": "Builds",
}
asynchronous = pytest.mark.asyncio(loop_scope="module")


@fixture(loop_scope="module", scope="module")
async def served() -> AsyncIterator[tuple[Emulator, dict[str, str]]]:
    """An emulator, and servers of it by what they are."""
    choices = {
        "all": ToolSelection(toolsets=["all"]),
        "reading": ToolSelection(toolsets=["all"], read_only=True),
        "assistant": ToolSelection(toolsets=["assistant"]),
    }
    async with Emulator() as emulator, connections_to(emulator) as connections:
        addresses = {
            name: listening(connections, Settings(choice=c)) for name, c in choices.items()
        }
        urls = {name: await address.__aenter__() for name, address in addresses.items()}
        try:
            yield emulator, urls
        finally:
            for address in addresses.values():
                await address.__aexit__(None, None, None)


@fixture(loop_scope="module")
async def url(served: tuple[Emulator, dict[str, str]]) -> str:
    """The server of everything, on an organization as it was at first."""
    served[0].reset()
    served[0].requests.clear()
    return served[1]["all"]


async def done(url: str, tool: str, **arguments: Any) -> dict[str, Any]:
    async with http_client(url) as client:
        return await call(client, tool, **arguments)


async def refused(url: str, tool: str, **arguments: Any) -> str:
    async with http_client(url) as client:
        return await failed(client, tool, **arguments)


async def named(url: str, operation: str, **arguments: Any) -> dict[str, Any]:
    return await done(url, "call_operation", operation=operation, arguments=json.dumps(arguments))


def test_what_is_listed_is_published_or_everyday() -> None:
    listed = {name for name, operation in OPERATIONS.items() if is_listed(operation)}
    assert {
        "users.list",
        "projects.retrieve",
        "groups.users.create",
        "spend_limit.retrieve",
    } <= listed
    assert not {"external_keys.list", "groups.retrieve", "data_retention.update"} & listed


def test_it_changes_what_the_operations_that_it_calls_change() -> None:
    for read_only in (False, True):
        tools = chosen_tools(ToolSelection(toolsets=["all"], read_only=read_only))
        for name in (CALL, DESCRIBE):
            hints = ToolPresenter(connections=["demo"]).of(tools[name]).annotations
            assert hints is not None
            assert hints.read_only_hint is (read_only or name == DESCRIBE)
            assert hints.destructive_hint is not hints.read_only_hint


@asynchronous
async def test_every_operation_can_be_described(url: str) -> None:
    areas = (await done(url, "describe_operation"))["areas"]
    found = [f"{each['area']}.{name}" for each in areas for name in each["operations"]]
    assert sorted(found) == sorted(OPERATIONS)
    async with http_client(url) as client:
        assert len(texts(await client.call_tool(DESCRIBE, {}))) < 8_000


@asynchronous
async def test_an_operation_is_described_by_either_name(
    url: str, served: tuple[Emulator, dict[str, str]]
) -> None:
    by_name = await done(url, "describe_operation", operation="external_keys.create")
    by_tool = await done(url, "describe_operation", operation="openai_admin_create_external_key")
    assert by_name == by_tool
    assert by_name["effect"] == "adds"
    arguments = {each["name"]: each for each in by_name["arguments"]}
    assert arguments["type"]["required"]
    assert json.loads(arguments["type"]["schema"])["enum"] == ["aws", "gcp", "azure", "oci"]
    assert not served[0].requests


@asynchronous
async def test_a_call_is_one_of_the_operation(url: str) -> None:
    made = await named(url, "workload_identity_providers.create", **PROVIDER)
    listed = await named(url, "list_identity_providers", limit=5)
    assert made["id"] in [each["id"] for each in listed["data"]]
    assert made["description"] == "Builds"


@asynchronous
async def test_arguments_may_be_an_object_or_stand_beside(url: str) -> None:
    as_object = {"operation": "workload_identity_providers.create", "arguments": PROVIDER}
    await done(url, "call_operation", **as_object)
    beside = {"operation": "workload_identity_providers.list", "limit": 1}
    assert len((await done(url, "call_operation", **beside))["data"]) == 1


@asynchronous
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"operation": "external_key.list"}, "did you mean 'external_keys.list'"),
        ({"operation": "openai_admin_list_external_key"}, "'openai_admin_list_external_keys'"),
        ({"operation": 7}, "There is no operation 7."),
        ({}, "needs operation"),
        ({"operation": "external_keys.list", "arguments": "{limit: 5"}, "a JSON object as text"),
        ({"operation": "external_keys.list", "arguments": "[5]"}, "a JSON object as text"),
        ({"operation": "external_keys.list", "arguments": '{"limits": 5}'}, "did you mean 'limit'"),
        ({"operation": "external_keys.list", "arguments": '{"limit": 500}'}, "limit must be"),
        ({"operation": "groups.retrieve"}, "needs group_id"),
    ],
)
async def test_a_wrong_call_is_reported_before_anything_is_sent(
    arguments: dict[str, Any],
    said: str,
    url: str,
    served: tuple[Emulator, dict[str, str]],
) -> None:
    assert said in await refused(url, "call_operation", **arguments)
    assert not served[0].requests


@asynchronous
async def test_the_person_is_asked_as_by_the_tool(served: tuple[Emulator, dict[str, str]]) -> None:
    emulator, urls = served
    person = Answers("decline")
    made = await named(urls["all"], "workload_identity_providers.create", **PROVIDER)
    arguments = {"workload_identity_provider_id": made["id"]}
    call_it = {
        "operation": "workload_identity_providers.delete",
        "arguments": json.dumps(arguments),
    }
    async with http_client(urls["all"], person=person) as client:
        assert "did not agree" in await failed(client, "call_operation", **call_it)
        assert [request.method for request in emulator.requests].count("DELETE") == 0
        person.action = "accept"
        await call(client, "call_operation", **call_it)
    assert len(person.questions) == 2
    assert made["id"] in person.questions[0]


@asynchronous
async def test_where_nobody_can_be_asked_it_is_refused(url: str) -> None:
    made = await named(url, "workload_identity_providers.create", **PROVIDER)
    arguments = json.dumps({"workload_identity_provider_id": made["id"]})
    said = await refused(
        url,
        "call_operation",
        operation="workload_identity_providers.delete",
        arguments=arguments,
    )
    assert "Nothing was changed" in said


@asynchronous
async def test_a_server_that_only_reads_calls_nothing_else(
    served: tuple[Emulator, dict[str, str]],
) -> None:
    emulator, urls = served
    emulator.reset()
    emulator.requests.clear()
    url = urls["reading"]
    assert (await named(url, "workload_identity_providers.list"))["data"]
    said = await refused(url, "call_operation", operation="external_keys.create")
    areas = (await done(url, "describe_operation"))["areas"]
    assert "only reads" in said
    assert {request.method for request in emulator.requests} == {"GET"}
    assert not {"create", "update", "delete"} & {n for each in areas for n in each["operations"]}


@asynchronous
@pytest.mark.parametrize(
    ("server", "tool", "said"),
    [
        ("all", "openai_admin_list_external_keys", "call openai_admin_call_operation with"),
        ("all", "list_external_keys", "operation 'external_keys.list'"),
        ("all", "openai_admin_list_external_kes", "did you mean 'openai_admin_list_external_keys'"),
        ("all", "openai_admin_list_user", "did you mean 'openai_admin_list_users'"),
        ("assistant", "openai_admin_stale_key", "did you mean 'openai_admin_stale_keys'"),
        ("assistant", "openai_admin_list_users", "not offered here; a server with --toolset all"),
        ("assistant", "openai_admin_list_project", "'openai_admin_list_projects'.* --toolset all"),
        ("all", "openai_admin_list_external_kes", "with operation 'external_keys.list'"),
    ],
)
async def test_a_tool_that_is_not_offered_is_answered_with_the_way(
    server: str, tool: str, said: str, served: tuple[Emulator, dict[str, str]]
) -> None:
    async with http_client(served[1][server]) as client:
        with pytest.raises(MCPError, match=said):
            await client.call_tool(tool, {})


@asynchronous
async def test_an_unknown_argument_is_answered_with_all_that_are_taken(
    served: tuple[Emulator, dict[str, str]],
) -> None:
    async with http_client(served[1]["assistant"]) as client:
        said = await failed(client, "whoami", foo=1)
    assert "it takes 'continue'" in said


@asynchronous
async def test_null_is_nothing_and_clear_sets_it(
    url: str, served: tuple[Emulator, dict[str, str]]
) -> None:
    made = await named(url, "workload_identity_providers.create", **PROVIDER)
    which = {"workload_identity_provider_id": made["id"]}
    change = "workload_identity_providers.update"
    kept = await named(url, change, **which, name="CD", description=None, clear=None)
    assert (kept["name"], kept["description"]) == ("CD", "Builds")
    assert (await named(url, change, **which, clear=["description"]))["description"] is None


@asynchronous
async def test_answers_fit_the_listed_schemas(url: str) -> None:
    schema = chosen_tools(ToolSelection(toolsets=["all"]))[DESCRIBE].output
    for arguments in ({}, {"operation": "users.list"}):
        Draft202012Validator(schema).validate(await done(url, "describe_operation", **arguments))


@asynchronous
@pytest.mark.parametrize("tool", ["modify_user", "rotate_key", "create_project", "modifyuser"])
async def test_a_server_that_only_reads_points_to_nothing_else(
    tool: str, served: tuple[Emulator, dict[str, str]]
) -> None:
    async with http_client(served[1]["reading"]) as client:
        offered = {each.name for each in (await client.list_tools()).tools}
        with pytest.raises(MCPError, match="only reads") as refusal:
            await client.call_tool(f"openai_admin_{tool}", {})
    said = str(refusal.value)
    assert "call_operation" not in said
    assert set(re.findall(r"openai_admin_\w+", said)) - {f"openai_admin_{tool}"} <= offered
