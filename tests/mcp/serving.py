"""Servers and clients of the MCP server, for its tests: real sockets and real pipes."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from decimal import Decimal
from typing import Any, TextIO

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.session import ClientRequestContext, ElicitationFnT
from mcp.client.stdio import stdio_client as child
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent

from openai_admin import AsyncOpenAIAdmin
from openai_admin._transport.reads import changes_at
from openai_admin.emulator import Emulator
from openai_admin.mcp import (
    Address,
    Connections,
    Settings,
    ToolSelection,
    build_server,
    report_wait,
)
from openai_admin.mcp.http.serving import Serving, server_config

LEGACY, MODERN = "legacy", "2026-07-28"
"""The two ways of the protocol: with a handshake, and with every request by itself."""

SEED = ToolSelection(toolsets=["seed"])
"""The published tools, by which most tests look at what all tools have in common."""

Arguments = dict[str, Any]


class Answers:
    """A person who is asked, and what they were asked."""

    def __init__(self, action: str, *, confirm: bool = True) -> None:
        self.questions: list[str] = []
        self.action = action
        self._confirm = confirm

    async def __call__(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        self.questions.append(params.message)
        content = {"confirm": self._confirm} if self.action == "accept" else None
        return ElicitResult.model_validate({"action": self.action, "content": content})


@asynccontextmanager
async def connections_to(*emulators: Emulator, **options: Any) -> AsyncIterator[Connections]:
    """Connections to some emulators, called ``demo``, ``demo2`` and so on."""
    clients = [
        AsyncOpenAIAdmin(
            emulator.admin_key, base_url=emulator.base_url, on_event=report_wait, **options
        )
        for emulator in emulators
    ]
    names = ["demo", *(f"demo{number}" for number in range(2, len(clients) + 1))]
    try:
        yield Connections(dict(zip(names, clients, strict=True)))
    finally:
        for client in clients:
            await client.close()


@asynccontextmanager
async def listening(
    connections: Connections, settings: Settings | None = None, address: Address | None = None
) -> AsyncIterator[str]:
    """A server on a free port, in this process; gives its address. By default, of `SEED`."""
    server_of = build_server(connections, settings or Settings(choice=SEED))
    config = server_config(server_of, address or Address())
    config.port, config.timeout_graceful_shutdown = 0, 1
    ready = asyncio.Event()
    server = InTest(config, ready.set, server_of.ending)
    serving = asyncio.create_task(server.serve())
    await ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/openai-admin"
    finally:
        server.should_exit = True
        await serving


class InTest(Serving):
    """A server beside the test, in its process."""

    def capture_signals(self) -> Any:
        return nullcontext()  # the test runner has its own


@asynccontextmanager
async def http_client(
    url: str,
    mode: str = LEGACY,
    *,
    headers: Mapping[str, str] | None = None,
    person: ElicitationFnT | None = None,
    **options: Any,
) -> AsyncIterator[Client]:
    """The official client, over HTTP. Certificates would be loaded for each, and are not needed."""
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30, verify=False) as http,
        Client(
            streamable_http_client(url, http_client=http),
            mode=mode,
            elicitation_callback=person,
            **options,
        ) as client,
    ):
        yield client


@asynccontextmanager
async def stdio_client(
    *options: str,
    toolset: str = "seed",
    mode: str = LEGACY,
    environment: Mapping[str, str] | None = None,
    person: ElicitationFnT | None = None,
    errors: TextIO | None = None,
) -> AsyncIterator[Client]:
    """The official client, with a server of its own as a child."""
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "openai_admin", "mcp", "--toolset", toolset, *options],
        env=dict(environment or {}),
    )
    transport = child(parameters, errlog=errors or sys.stderr)
    async with Client(transport, mode=mode, elicitation_callback=person) as client:
        yield client


def anew(emulator: Emulator) -> None:
    """Have questions fetch everything again, as after a change: they share their listings."""
    changes_at(emulator.base_url).tell()


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured result of a call, which must succeed."""
    result = await client.call_tool(f"openai_admin_{tool}", arguments)
    assert not result.is_error, texts(result)
    structured: dict[str, Any] = result.structured_content
    return structured


async def failed(client: Client, tool: str, **arguments: Any) -> str:
    """The text of a call, which must fail as a tool does."""
    result = await client.call_tool(f"openai_admin_{tool}", arguments)
    assert result.is_error
    assert result.structured_content is None
    return texts(result)


def code_in(refusal: str) -> str:
    """The code that a refusal shows."""
    found = re.search(r'confirm: "([A-Z0-9]{8})"', refusal)
    assert found is not None, refusal
    return found[1]


def changes(emulator: Emulator) -> list[str]:
    """The operations that were called to change something, in order."""
    return [each.operation for each in emulator.requests if each.method != "GET"]


def texts(result: CallToolResult) -> str:
    """The text of a result."""
    return "\n".join(c.text for c in result.content if isinstance(c, TextContent))


def dollars(money: Mapping[str, Any]) -> Decimal:
    """An amount of money of a structured result, which must be in dollars."""
    assert money.keys() == {"amount", "currency"}
    assert money["currency"] == "usd"
    return Decimal(money["amount"])


def leaves(value: Any) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from leaves(inner)
