"""Which tools are offered, and every operation as a tool."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from jsonschema import Draft202012Validator
from pytest_asyncio import fixture

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import Emulator
from openai_admin.errors import ConfigurationError
from openai_admin.mcp import Danger, Settings, ToolSelection
from openai_admin.mcp.catalog import TOOLSETS, ToolPresenter, chosen_tools
from openai_admin.mcp.operations import all_tools, seed_tools
from openai_admin.resources import load
from tests.contract_examples import EXAMPLES
from tests.contract_world import World
from tests.mcp.serving import connections_to, http_client, listening

load()
LISTING = ToolPresenter(connections=["demo"])
# Made once: it takes a tenth of a second, and there is a test for each.
TOOLS = {tool.operation.name: tool for tool in all_tools() if tool.operation}


def names(choice: ToolSelection) -> set[str]:
    return {name.removeprefix("openai_admin_") for name in chosen_tools(choice)}


def test_all_has_every_operation_once() -> None:
    tools = all_tools()
    operations = [tool.operation.name for tool in tools if tool.operation]
    assert sorted(operations) == sorted(OPERATIONS)
    assert len({tool.name for tool in tools}) == len(tools) == len(OPERATIONS)


def test_names_of_ours_leave_room_for_a_prefix() -> None:
    published = {tool.name for tool in seed_tools()}
    for tool in all_tools():
        assert re.fullmatch(r"openai_admin_[a-z_]+", tool.name)
        assert tool.name in published or len(tool.name) <= 46


def test_a_name_is_shortened_from_the_front() -> None:
    named = {
        operation: tool.name.removeprefix("openai_admin_") for operation, tool in TOOLS.items()
    }
    assert named["projects.users.roles.create"] == "create_project_user_role"
    assert named["projects.service_accounts.api_keys.create"] == "create_service_account_api_key"
    assert named["fine_tuning.checkpoints.permissions.list"] == "list_checkpoint_permissions"
    area = "workload_identity_providers"
    assert named[f"{area}.update"] == "modify_identity_provider"
    assert named[f"{area}.federation_rules.retrieve"] == "retrieve_federation_rule"


def test_all_keeps_what_is_published_and_adds_what_is_optional() -> None:
    everything = {tool.name: tool for tool in all_tools()}
    for published in seed_tools():
        whole = everything[published.name]
        count = len(published.arguments)
        assert [a.name for a in whole.arguments[:count]] == [a.name for a in published.arguments]
        assert not any(argument.required for argument in whole.arguments[count:])
        needed = {a.passed_as for a in whole.arguments if a.required}
        assert needed <= {a.passed_as for a in published.arguments if a.required}
        assert {a.passed_as for a in whole.arguments} == set(whole.operation.parameters)  # type: ignore[union-attr]


DESTRUCTIVE = {Effect.OVERWRITES, Effect.REMOVES}
"""The protocol: whether a tool may perform destructive updates, or only additive ones."""


def test_annotations_say_what_the_declarations_say() -> None:
    for tool in all_tools():
        assert tool.operation is not None
        hints = LISTING.of(tool).annotations
        assert hints is not None
        assert hints.read_only_hint is (tool.operation.effect is Effect.READS)
        assert hints.destructive_hint is (tool.operation.effect in DESTRUCTIVE)
        assert hints.idempotent_hint is tool.operation.repeatable


@pytest.mark.parametrize("toolset", TOOLSETS)
def test_read_only_offers_nothing_that_changes(toolset: str) -> None:
    chosen = chosen_tools(ToolSelection(toolsets=[toolset], read_only=True))
    assert chosen
    assert all(tool.effect is Effect.READS for tool in chosen.values())


def test_globs_choose_by_name_with_and_without_the_prefix() -> None:
    assert names(ToolSelection(globs=["usage_*"])) == {
        n for n in names(ToolSelection()) if n.startswith("usage")
    }
    assert names(ToolSelection(globs=["openai_admin_list_users", "*_invite"])) == {
        "list_users",
        "delete_invite",
        "retrieve_invite",
    }


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ToolSelection(globs=["usage_cost"]), "did you mean 'usage_costs'?"),
        (ToolSelection(globs=["delete_*"], read_only=True), "No tool is left"),
        (ToolSelection(toolsets=["seeds"]), "did you mean 'seed'?"),
        (ToolSelection(toolsets=["seed", "all"], seed_names=True), "for the toolset seed alone"),
    ],
)
def test_a_choice_of_nothing_is_refused(choice: ToolSelection, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        chosen_tools(choice)


def test_what_is_not_listed_can_be_named() -> None:
    assert "list_external_keys" not in names(ToolSelection(toolsets=["all"]))
    named = ToolSelection(toolsets=["all"], globs=["*_external_key*"])
    assert "list_external_keys" in names(named)
    assert "call_operation" not in names(named)
    assert len(names(ToolSelection(toolsets=["all"], globs=["*"]))) == len(OPERATIONS) + 2


def test_brackets_stand_only_where_they_are_asked_for_and_are_taken_everywhere() -> None:
    for seed_names in (False, True):
        (tool,) = (t for t in seed_tools(seed_names=seed_names) if t.name.endswith("audit_logs"))
        by_name = {a.name: a for a in tool.arguments}
        listed, other = ("project_ids", "project_ids[]")[:: -1 if seed_names else 1]
        assert other in by_name[listed].aliases
        assert other not in by_name


def test_the_published_parameters_are_listed_to_the_letter() -> None:
    listing = ToolPresenter(connections=["demo"], seed_names=True)
    for tool in seed_tools(seed_names=True):
        parameters = listing.of(tool).input_schema["properties"]
        assert list(parameters) == [*(argument.name for argument in tool.arguments), "PCID"]
        assert not any("null" in json.dumps(each) for each in parameters.values())


def test_confirm_is_listed_wherever_it_may_be_needed() -> None:
    (tool,) = (t for t in seed_tools() if t.name.endswith("delete_user"))
    assert "confirm" in LISTING.of(tool).input_schema["properties"]
    free = ToolPresenter(connections=["demo"], allowed=frozenset(Danger)).of(tool)
    assert "confirm" not in free.input_schema["properties"]
    assert "confirm" not in (free.description or "")


def test_several_connections_must_be_told_apart() -> None:
    (tool,) = (t for t in seed_tools() if t.name.endswith("list_users"))
    one = LISTING.of(tool).input_schema
    assert "required" not in one
    assert "PCID" not in one["properties"]
    several = ToolPresenter(connections=["one", "two"]).of(tool).input_schema
    assert several["required"] == ["PCID"]
    assert several["properties"]["PCID"]["enum"] == ["one", "two"]


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[World, str]]:
    everything = ToolSelection(toolsets=["all"], globs=["*"])
    settings = Settings(choice=everything, allowed=frozenset(Danger))
    async with (
        Emulator() as emulator,
        aiohttp.ClientSession() as session,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
    ):
        yield World(emulator, session), url


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", sorted(OPERATIONS))
async def test_every_operation_answers_by_its_schema(name: str, shared: tuple[World, str]) -> None:
    world, url = shared
    world.emulator.reset()
    tool = TOOLS[name]
    example = await EXAMPLES[name](world)
    arguments = {a.name: example[a.passed_as] for a in tool.arguments if a.passed_as in example}
    assert len(arguments) == len(example)
    world.emulator.requests.clear()

    async with http_client(url) as client:
        result = await client.call_tool(tool.name, arguments)

    assert not result.is_error, result.content
    Draft202012Validator(tool.output).validate(result.structured_content)
    assert [request.operation for request in world.emulator.requests] == [name]
