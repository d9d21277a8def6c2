"""Which tools are offered, and how they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import attrs
from mcp_types import Tool as ListedTool
from mcp_types import ToolAnnotations

from .._declare.arguments import one_of, shown, suggest
from .._declare.effect import Effect
from ..errors import ConfigurationError
from .assistant import Means, acting_tools
from .calls import PCID
from .consent import CONFIRM, may_ask
from .insight import assistant_tools, insight_tools
from .names import PREFIX
from .operations import all_tools, seed_tools
from .schema import Schema
from .tool import Danger, Tool

TOOLSETS = ("assistant", "seed", "all", "insight")


@attrs.frozen(kw_only=True)
class ToolSelection:
    """Which tools to offer.

    Attributes:
        toolsets: one or more of ``assistant``, questions and jobs; ``seed``, the 47 published
            tools; ``all``, every operation of the API; ``insight``, the published tools and
            questions answered from several of them.
        globs: only tools that one of these matches, with or without ``openai_admin_``.
        read_only: only tools that change nothing.
        plain_names: list parameters without brackets in their names.
        means: what the jobs of ``assistant`` may use beside the API.
    """

    toolsets: Sequence[str] = ("seed",)
    globs: Sequence[str] = ()
    read_only: bool = False
    plain_names: bool = False
    means: Means = Means()  # noqa: RUF009 - immutable


def chosen_tools(choice: ToolSelection) -> dict[str, Tool]:
    """The selected tools, by name.

    Raises:
        ConfigurationError: a toolset is unknown, a glob matches no tool, or none is left.
    """
    for name in choice.toolsets:
        if name not in TOOLSETS:
            raise ConfigurationError(
                f"toolset must be {one_of(TOOLSETS)}, not {shown(name)}{suggest(name, TOOLSETS)}"
            )
    tools = {tool.name: tool for tool in _offered(choice)}
    for glob in choice.globs:
        if not any(_matches(name, [glob]) for name in tools):
            near = suggest(glob, [name.removeprefix(PREFIX) for name in tools])
            raise ConfigurationError(f"No tool matches {shown(glob)}{near}")
    kept = {
        name: tool
        for name, tool in sorted(tools.items())
        if (not choice.globs or _matches(name, choice.globs))
        and (not choice.read_only or tool.effect is Effect.READS)
    }
    if not kept:
        raise ConfigurationError(f"No tool is left to offer; there are {one_of(sorted(tools))}.")
    return kept


def _offered(choice: ToolSelection) -> list[Tool]:
    asked = set(choice.toolsets)
    tools = [*assistant_tools(), *acting_tools(choice.means)] if "assistant" in asked else []
    if "insight" in asked:
        tools += insight_tools()
    if asked - {"assistant"}:
        make = all_tools if "all" in asked else seed_tools
        tools += make(plain_names=choice.plain_names)
    return tools


def _matches(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(n, g) for g in globs for n in (name, name.removeprefix(PREFIX)))


@attrs.frozen(kw_only=True)
class ToolPresenter:
    """How tools are listed.

    Attributes:
        connections: the names that ``PCID`` can have.
        confirm_listed: list `confirm` among the parameters of destructive tools; else it is only
            mentioned in the description, so that the parameters are those published.
        allowed: what is done without asking the person.
    """

    connections: Sequence[str]
    confirm_listed: bool = False
    allowed: frozenset[Danger] = frozenset()

    def of(self, tool: Tool) -> ListedTool:
        """A tool as it is listed."""
        asks = may_ask(tool, self.allowed) and not tool.plans_first
        return ListedTool(
            name=tool.name,
            title=tool.title,
            description=f"{tool.description}{_consent(tool) if asks else ''}",
            input_schema=self._input(tool, asks=asks),
            output_schema=tool.output,
            annotations=ToolAnnotations(
                title=tool.title,
                read_only_hint=tool.effect is Effect.READS,
                destructive_hint=tool.destroys,
                idempotent_hint=tool.repeatable,
                open_world_hint=True,
            ),
        )

    def _input(self, tool: Tool, *, asks: bool) -> Schema:
        properties: dict[str, Any] = {a.name: a.schema for a in tool.arguments}
        required = [a.name for a in tool.arguments if a.required]
        if asks and self.confirm_listed:
            properties[CONFIRM] = {
                "type": "string",
                "description": "The code that a refusal of this call shows, once the user agreed.",
            }
        properties[PCID] = self._pcid()
        if len(self.connections) > 1:
            required.append(PCID)
        schema: Schema = {"type": "object", "properties": properties}
        return {**schema, "required": required} if required else schema

    def _pcid(self) -> Schema:
        if len(self.connections) == 1:
            doc = "The stored connection to use; there is one, so it may be left out."
        else:
            doc = f"The stored connection, and so the organization: {one_of(self.connections)}."
        return {"type": "string", "description": doc}


def _consent(tool: Tool) -> str:
    """What a tool's description says of the question before a call."""
    if not tool.removes:
        when = "Where a call would have consequences that the user may not expect, the"
    elif tool.operation is not None and tool.operation.final:
        when = "This cannot be undone: the"
    else:
        when = "The"
    return (
        f" {when} user is asked first. Where the client cannot ask, the call is refused with a code"
        f" to pass as {CONFIRM} once the user has agreed."
    )
