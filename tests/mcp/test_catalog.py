"""Which tools are offered, and every operation as a tool."""

from __future__ import annotations

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
from openai_admin.mcp.catalog import ToolPresenter, chosen_tools
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


def test_names_are_what_clients_take() -> None:
    for tool in all_tools():
        assert re.fullmatch(r"openai_admin_[a-z_]{1,51}", tool.name)


def test_all_keeps_what_is_published_and_adds_what_is_optional() -> None:
    everything = {tool.name: tool for tool in all_tools()}
    for published in seed_tools():
        whole = everything[published.name]
        count = len(published.arguments)
        assert whole.arguments[:count] == published.arguments
        assert not any(argument.required for argument in whole.arguments[count:])
        assert {a.passed_as for a in whole.arguments} == set(whole.operation.parameters)  # type: ignore[union-attr]


def test_every_schema_is_one_and_describes_its_parameters() -> None:
    for tool in all_tools():
        listed = LISTING.of(tool)
        Draft202012Validator.check_schema(listed.input_schema)
        assert listed.output_schema is not None
        Draft202012Validator.check_schema(listed.output_schema)
        assert listed.output_schema["type"] == "object"
        for name, schema in listed.input_schema["properties"].items():
            assert schema["description"], (tool.name, name)


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


@pytest.mark.parametrize("toolset", ["seed", "all", "insight"])
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
    ],
)
def test_a_choice_of_nothing_is_refused(choice: ToolSelection, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        chosen_tools(choice)


def test_plain_names_have_no_brackets_and_are_taken_either_way() -> None:
    for plain in (False, True):
        (tool,) = (t for t in seed_tools(plain_names=plain) if t.name.endswith("audit_logs"))
        by_name = {a.name: a for a in tool.arguments}
        listed, other = ("project_ids", "project_ids[]")[:: 1 if plain else -1]
        assert by_name[listed].alias == other
        assert other not in by_name


def test_confirm_is_listed_only_where_it_is_needed_and_allowed() -> None:
    (tool,) = (t for t in seed_tools() if t.name.endswith("delete_user"))
    published = LISTING.of(tool)
    assert "confirm" not in published.input_schema["properties"]
    assert "pass as confirm" in (published.description or "")
    listed = ToolPresenter(connections=["demo"], confirm_listed=True).of(tool)
    assert listed.input_schema["properties"]["confirm"]["type"] == "string"
    free = ToolPresenter(connections=["demo"], confirm_listed=True, allowed=frozenset(Danger)).of(
        tool
    )
    assert "confirm" not in free.input_schema["properties"]
    assert "confirm" not in (free.description or "")


def test_several_connections_must_be_told_apart() -> None:
    (tool,) = (t for t in seed_tools() if t.name.endswith("list_users"))
    assert "required" not in LISTING.of(tool).input_schema
    several = ToolPresenter(connections=["one", "two"]).of(tool).input_schema
    assert several["required"] == ["PCID"]
    assert "'one' or 'two'" in several["properties"]["PCID"]["description"]


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[World, str]]:
    settings = Settings(choice=ToolSelection(toolsets=["all"]), allowed=frozenset(Danger))
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
