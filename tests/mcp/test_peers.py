"""Other people's clients: the OpenAI Agents SDK's adapter and FastMCP's client.

They list every toolset and call a tool, over HTTP and as a child. Those that need another version
of the SDK (the SDK 1.x, LangChain's adapter, the TypeScript SDK, the inspector, the conformance
suite) do not fit into this environment; the page of the MCP server says with which they were tried.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from agents import Agent, FunctionTool, RunContextWrapper, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from agents.mcp.util import MCPUtil
from fastmcp import Client as FastMCPClient
from fastmcp.client.transports import StdioTransport

from openai_admin.mcp import Connections, Settings, ToolSelection
from tests.mcp.serving import listening

TOOLSETS = ("assistant", "seed", "all", "insight")
NAME = "Harbor lights"
CHILD = ["-m", "openai_admin", "mcp", "--demo"]

set_tracing_disabled(True)  # it would be sent to the vendor


@asynccontextmanager
async def serving(connections: Connections, toolset: str) -> AsyncIterator[str]:
    settings = Settings(choice=ToolSelection(toolsets=[toolset]))
    async with listening(connections, settings) as url:
        yield url


def strict_faults(schema: Any) -> list[str]:
    """What the strict mode of function calling would refuse in a schema."""
    faults: list[str] = []
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            properties = schema.get("properties", {})
            if schema.get("additionalProperties") is not False:
                faults.append("an object that may have further properties")
            if sorted(schema.get("required", [])) != sorted(properties):
                faults.append("a property that is not required")
        for inner in schema.values():
            faults += strict_faults(inner)
    elif isinstance(schema, list):
        for inner in schema:
            faults += strict_faults(inner)
    return faults


async def function_tools(server: Any) -> dict[str, FunctionTool]:
    agent = Agent(name="test")
    found = await MCPUtil.get_all_function_tools([server], True, RunContextWrapper(None), agent)
    return {tool.name: tool for tool in found if isinstance(tool, FunctionTool)}


@pytest.mark.parametrize("toolset", TOOLSETS)
async def test_the_agents_sdk_takes_every_tool_strictly(
    toolset: str, connections: Connections
) -> None:
    async with (
        serving(connections, toolset) as url,
        MCPServerStreamableHttp({"url": url}, client_session_timeout_seconds=60) as server,
    ):
        tools = await function_tools(server)
        assert 0 < len(tools) < 128
        for tool in tools.values():
            assert tool.strict_json_schema, tool.name  # else the adapter gave strictness up
            assert not strict_faults(tool.params_json_schema), tool.name


@pytest.mark.parametrize("toolset", TOOLSETS)
async def test_fastmcp_lists_every_tool(toolset: str, connections: Connections) -> None:
    async with serving(connections, toolset) as url, FastMCPClient(url) as client:
        tools = await client.list_tools()
        assert 0 < len(tools) < 128


@pytest.mark.parametrize("structured", [False, True])
async def test_the_agents_sdk_reads_either_half(structured: bool, connections: Connections) -> None:
    """In a strict mode every argument is passed, as null where the model has nothing to say."""
    async with (
        serving(connections, "seed") as url,
        MCPServerStreamableHttp(
            {"url": url},
            client_session_timeout_seconds=60,
            use_structured_content=structured,
        ) as server,
    ):
        await server.call_tool("openai_admin_create_project", {"name": NAME})
        tools = await function_tools(server)
        listing = tools["openai_admin_list_projects"]
        given = dict.fromkeys(listing.params_json_schema["properties"])
        tool = next(t for t in await server.list_tools() if t.name == listing.name)
        said = await MCPUtil.invoke_mcp_tool(
            server, tool, RunContextWrapper(None), json.dumps(given)
        )
        assert NAME in json.dumps(said)


async def test_fastmcp_calls_a_tool(connections: Connections) -> None:
    async with serving(connections, "seed") as url, FastMCPClient(url) as client:
        await client.call_tool("openai_admin_create_project", {"name": NAME})
        result = await client.call_tool("openai_admin_list_projects", {})
        text = "\n".join(getattr(block, "text", "") for block in result.content)
        assert result.structured_content is not None
        for half in (text, json.dumps(result.structured_content)):
            assert NAME in half


async def test_both_start_the_server_as_their_child() -> None:
    async with MCPServerStdio(
        {"command": sys.executable, "args": CHILD}, client_session_timeout_seconds=60
    ) as server:
        there = {tool.name for tool in await server.list_tools()}
    async with FastMCPClient(StdioTransport(sys.executable, CHILD, keep_alive=False)) as client:
        assert {tool.name for tool in await client.list_tools()} == there
