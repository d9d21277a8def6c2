"""What clients refuse of a tool, over every toolset: the rules that their vendors publish.

Anthropic's API refuses a request with a property whose key is not of certain characters; strict
modes, Anthropic's and OpenAI's, refuse keywords beyond a few, open objects, and a union at the top;
some clients stop at 128 tools, and put the server's name before a tool's within 64 characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp_types import Tool as ListedTool

from openai_admin.mcp import ToolSelection
from openai_admin.mcp.catalog import TOOLSETS, ToolPresenter, chosen_tools
from openai_admin.mcp.names import SEED

KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
TAKEN = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"}
CHOICES = [(name,) for name in TOOLSETS] + [("all", "insight", "assistant")]
CONNECTIONS = (["demo"], ["main", "lab"])
# Of what speaks of arguments in words: what the published server's tools once named and lacked.
WORDS = ("owner_project_access", "email")


def listed(toolsets: Sequence[str], connections: Sequence[str]) -> list[ListedTool]:
    listing = ToolPresenter(connections=connections)
    return [listing.of(tool) for tool in chosen_tools(ToolSelection(toolsets=toolsets)).values()]


def every(toolsets: Sequence[str] = ("all", "insight", "assistant")) -> list[ListedTool]:
    choice = ToolSelection(toolsets=toolsets, globs=["*"])
    return [ToolPresenter(connections=["demo"]).of(tool) for tool in chosen_tools(choice).values()]


def schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and every one within it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for each in inner + ([schema["items"]] if "items" in schema else []):
        yield from schemas(each)


@pytest.mark.parametrize("toolsets", CHOICES)
@pytest.mark.parametrize("connections", CONNECTIONS)
def test_every_client_takes_the_tools(toolsets: Sequence[str], connections: list[str]) -> None:
    tools = listed(toolsets, connections)
    assert len(tools) < 128 or len(toolsets) > 1
    for tool in tools:
        assert KEY.fullmatch(tool.name)
        assert len(tool.name) <= 46 or tool.name.removeprefix("openai_admin_") in SEED
        assert tool.description
        hold(tool.name, tool.input_schema)


def test_the_tools_that_are_not_listed_are_taken_too() -> None:
    for tool in every():
        hold(tool.name, tool.input_schema)


def hold(name: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object", name
    for each in schemas(schema):
        assert each.keys() <= {*TAKEN, "description"}, name
        assert ("type" in each) is not ("anyOf" in each), name
        if each.get("type") == "object":
            assert each["additionalProperties"] is False, name
        for key, inner in each.get("properties", {}).items():
            assert KEY.fullmatch(key), name
            assert inner.get("description"), (name, key)
            if each is schema and key not in each.get("required", ()):
                assert {"type": "null"} in inner["anyOf"], (name, key)


def test_the_assistant_leaves_room_for_the_conversation() -> None:
    """Its names, descriptions and input schemas, in tokens of four characters."""
    tools = listed(["assistant"], ["demo"])
    compact = [json.dumps(tool.input_schema, separators=(",", ":")) for tool in tools]
    words = [f"{tool.name}{tool.description}" for tool in tools]
    assert len(tools) <= 22
    assert sum(map(len, compact + words)) / 4 <= 6_000


def test_output_schemas_are_schemas_of_objects() -> None:
    for tool in every():
        assert tool.output_schema is not None
        Draft202012Validator.check_schema(tool.output_schema)
        assert tool.output_schema["type"] == "object"


def words(schema: Any) -> Iterator[str]:
    """What a description may name of a schema: keys, choices, and what stands within examples."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from schema.get("enum", ())
        for inner in schema.values():
            yield from words(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from words(inner)


@pytest.mark.parametrize("toolsets", [("seed",), ("all", "insight", "assistant")])
def test_no_description_names_a_parameter_that_the_tool_lacks(toolsets: Sequence[str]) -> None:
    tools = every(toolsets)
    parameters = {name for tool in every() for name in tool.input_schema["properties"]}
    for tool in tools:
        own = set(words(tool.input_schema)) | set(words(tool.output_schema))
        lacking = {name for name in parameters if "_" in name or name in WORDS} - own
        for text in texts(tool):
            named = set(re.findall(r"`([a-z][a-z0-9_]*)`", text)) & parameters
            assert named <= own, (tool.name, text)
            told = {name for name in lacking if re.search(rf"(?<![\w.]){name}(?![\w.])", text)}
            assert not told, (tool.name, text)
            assert "None" not in text, (tool.name, text)


def texts(tool: ListedTool) -> list[str]:
    inner = [s["description"] for s in schemas(tool.input_schema) if "description" in s]
    return [tool.description or "", *inner]


def test_what_descriptions_said_of_parameters_that_are_there_is_kept() -> None:
    whole = {tool.name: json.dumps(tool.input_schema) + str(tool.description) for tool in every()}
    assert "unless `owner_project_access` asks" in whole["openai_admin_list_project_api_keys"]
    assert "either this or `email`" in whole["openai_admin_create_project_user"]


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ("upload_certificate", "up to 50"),
        ("activate_organization_certificates", "1 to 10"),
        ("deactivate_project_certificates", "1 to 10"),
        ("list_users", "1 to 100"),
        ("usage_costs", "up to 180"),
    ],
)
def test_limits_that_no_keyword_has_are_said(tool: str, said: str) -> None:
    (found,) = (each for each in every() if each.name == f"openai_admin_{tool}")
    assert any(said in text for text in texts(found)), texts(found)


def test_the_list_is_the_same_each_time() -> None:
    first, second = (listed(["all"], ["demo"]) for _ in range(2))
    assert first == second
    assert [tool.name for tool in first] == sorted(tool.name for tool in first)
