"""The published server's tools, exactly, as the official client lists and calls them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from jsonschema import Draft202012Validator
from mcp_types import Tool
from pytest_asyncio import fixture

from openai_admin.emulator import Emulator
from openai_admin.mcp import Danger, Settings, ToolSelection
from openai_admin.mcp.names import SEED, seed_parameters
from tests.contract_examples import EXAMPLES
from tests.contract_world import World
from tests.mcp.serving import LEGACY, MODERN, connections_to, http_client, listening, stdio_client

FACTS: dict[str, dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "mcp_seed.json").read_text()
)["tools"]


TO_THE_LETTER = Settings(choice=ToolSelection(toolsets=["seed"], seed_names=True))


def hold(tools: list[Tool]) -> None:
    """Check what is listed against the facts: names, parameters, their types, what is required."""
    listed = {tool.name: tool for tool in tools}
    assert len(FACTS) == 47
    assert listed.keys() == FACTS.keys()
    for name, facts in FACTS.items():
        schema = listed[name].input_schema
        Draft202012Validator.check_schema(schema)
        parameters = dict(schema["properties"])
        assert parameters.pop("PCID")["type"] == "string"
        assert list(parameters) == list(facts), name
        for parameter, fact in facts.items():
            assert type_of(parameters[parameter]) == fact["type"], (name, parameter)
            assert parameters[parameter]["description"]
        required = {parameter for parameter, fact in facts.items() if fact["required"]}
        assert set(schema.get("required", ())) == required, name
        assert listed[name].description


def type_of(schema: dict[str, Any]) -> str:
    kind: str = schema["type"]
    return f"{schema['items']['type']}[]" if kind == "array" else kind


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_listed_over_stdio(mode: str) -> None:
    async with stdio_client("--demo", "--seed-names", mode=mode) as client:
        hold((await client.list_tools()).tools)


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
async def test_listed_over_http(mode: str, emulator: Emulator) -> None:
    async with (
        connections_to(emulator) as connections,
        listening(connections, TO_THE_LETTER) as url,
        http_client(url, mode) as client,
    ):
        hold((await client.list_tools()).tools)


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[World, str, dict[str, Tool]]]:
    async with (
        Emulator() as emulator,
        aiohttp.ClientSession() as session,
        connections_to(emulator) as connections,
        listening(connections, attrs.evolve(TO_THE_LETTER, allowed=frozenset(Danger))) as url,
    ):
        async with http_client(url) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        yield World(emulator, session), url, listed


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", sorted(FACTS))
async def test_answer_fits_its_schema(
    name: str, shared: tuple[World, str, dict[str, Tool]]
) -> None:
    world, url, listed = shared
    world.emulator.reset()
    operation, written = SEED[name.removeprefix("openai_admin_")]
    example = await EXAMPLES[operation](world)
    names = {p.argument: p.name for p in seed_parameters(written)}
    arguments = {names[key]: value for key, value in example.items() if key in names}
    world.emulator.requests.clear()

    async with http_client(url) as client:
        result = await client.call_tool(name, arguments)

    assert not result.is_error, result.content
    schema = listed[name].output_schema
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(result.structured_content)
    assert operation in {request.operation for request in world.emulator.requests}
