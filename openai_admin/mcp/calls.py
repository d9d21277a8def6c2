"""A call of a tool, from the client's arguments to the result it gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
)

from ..errors import BadRequestError, NotFoundError
from .any_operation import unknown_tool
from .arguments import check_arguments, read_arguments
from .connections import Connections
from .consent import CONFIRM, Gate, Intent, may_ask, read_code
from .failures import explain
from .ids import not_ids
from .progress import reporting
from .results import error_result, result_of
from .tool import Tool

PCID = "PCID"
"""The argument that names the connection."""


@attrs.frozen
class Calls:
    """Calls of some tools on some connections.

    Attributes:
        tools: the tools by name.
        connections: the connections.
        gate: lets calls pass that need no consent, or have it.
    """

    tools: Mapping[str, Tool]
    connections: Connections
    gate: Gate = attrs.field(factory=Gate)

    async def call(
        self, context: ServerRequestContext[Any, Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        """Carry a call out, and return its result or what went wrong.

        Raises:
            MCPError: there is no such tool.
        """
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, unknown_tool(params.name, self.tools))

        async def work() -> CallToolResult | InputRequiredResult:
            return await self._carry_out(tool, context, params)

        try:
            if (context.meta or {}).get("progress_token") is None:
                return await work()
            return await reporting(work, _reporter(context))
        except Exception as exc:  # noqa: BLE001 - whatever it is, the client gets an answer
            return error_result(explain(exc))

    async def _carry_out(
        self,
        tool: Tool,
        context: ServerRequestContext[Any, Any],
        params: CallToolRequestParams,
    ) -> CallToolResult | InputRequiredResult:
        intent = self._intent(tool, params)
        held = await self.gate.held(intent, context, params)
        return await _done(intent) if held is None else held

    def _intent(self, tool: Tool, params: CallToolRequestParams) -> Intent:
        """The call, with its arguments checked.

        Raises:
            InvalidInputError: an argument is wrong.
        """
        given = dict(params.arguments or {})
        takes_code = may_ask(tool)
        if tool.target is not None:
            tool, given = tool.target(given)
        connection = self.connections.resolve(given.pop(PCID, None))
        code = None
        if takes_code and self.gate.takes_codes:
            code = read_code(given.pop(CONFIRM, None))
        arguments = read_arguments(tool, given)
        check_arguments(tool, arguments)
        return Intent(tool, arguments, connection, self.connections.client(connection), code)


async def _done(intent: Intent) -> CallToolResult:
    """Carry a call out."""
    tool = intent.tool
    try:
        answer = await tool.run(intent.client, intent.arguments)
    except (NotFoundError, BadRequestError) as error:
        for sentence in [] if tool.operation is None else not_ids(tool.operation, intent.arguments):
            error.add_note(sentence)
        raise
    return result_of(answer)


def _reporter(
    context: ServerRequestContext[Any, Any],
) -> Callable[[float, str], Awaitable[None]]:
    async def report(progress: float, message: str) -> None:
        await context.session.report_progress(progress, None, message)

    return report
