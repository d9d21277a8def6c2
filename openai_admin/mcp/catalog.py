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
from .any_operation import AnyOperation, is_listed
from .arguments import CLEAR
from .assistant import Means, acting_tools
from .calls import PCID
from .consent import CONFIRM, may_ask
from .insight import assistant_tools, insight_tools
from .names import PREFIX
from .operations import all_tools, seed_tools
from .results import listed_schema
from .schema import Schema, or_null
from .strict import strict
from .tool import Danger, Tool
from .unfinished import CONTINUE, CONTINUE_SCHEMA, takes_continue

TOOLSETS = ("assistant", "seed", "all", "insight")


@attrs.frozen(kw_only=True)
class ToolSelection:
    """Which tools to offer.

    Attributes:
        toolsets: one or more of ``assistant``, questions and jobs; ``seed``, the 47 published
            tools; ``all``, every operation of the API, those that are seldom used through one tool
            that calls any; ``insight``, the published tools and questions answered from several of
            them.
        globs: only tools that one of these matches, with or without ``openai_admin_``. Of the
            toolset ``all`` they may match what is not listed without them.
        read_only: only tools that change nothing.
        means: what the jobs of ``assistant`` may use beside the API.
        seed_names: list the parameters of the published tools to the letter, ``project_ids[]`` for
            ``project_ids``, and none beside them. Only of the toolset ``seed`` alone.
    """

    toolsets: Sequence[str] = ("seed",)
    globs: Sequence[str] = ()
    read_only: bool = False
    means: Means = Means()  # noqa: RUF009 - immutable
    seed_names: bool = False


def chosen_tools(choice: ToolSelection) -> dict[str, Tool]:
    """The selected tools, by name.

    Raises:
        ConfigurationError: a toolset is unknown, a glob matches no tool, none is left, or the
            published names are asked for with another toolset.
    """
    for name in choice.toolsets:
        if name not in TOOLSETS:
            raise ConfigurationError(
                f"toolset must be {one_of(TOOLSETS)}, not {shown(name)}{suggest(name, TOOLSETS)}"
            )
    if choice.seed_names and set(choice.toolsets) != {"seed"}:
        raise ConfigurationError("seed_names is for the toolset seed alone.")
    tools = {tool.name: tool for tool in _offered(choice)}
    for glob in choice.globs:
        if not any(_matches(name, [glob]) for name in tools):
            near = suggest(glob, [name.removeprefix(PREFIX) for name in tools])
            raise ConfigurationError(f"No tool matches {shown(glob)}{near}")
    kept = {
        name: tool
        for name, tool in sorted(tools.items())
        if (_matches(name, choice.globs) if choice.globs else _is_listed(tool))
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
    if "all" in asked:
        operations = all_tools()
        by_name = {each.operation.name: each for each in operations if each.operation}
        tools += [*operations, *AnyOperation(by_name, read_only=choice.read_only).both()]
    elif asked - {"assistant"}:
        tools += seed_tools(seed_names=choice.seed_names)
    return tools


def _is_listed(tool: Tool) -> bool:
    return tool.operation is None or is_listed(tool.operation)


def _matches(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(n, g) for g in globs for n in (name, name.removeprefix(PREFIX)))


@attrs.frozen(kw_only=True)
class ToolPresenter:
    """How tools are listed.

    Attributes:
        connections: the names that ``PCID`` can have.
        seed_names: list only the parameters of the published tools, which may not be null.
        allowed: what is done without asking the person.
    """

    connections: Sequence[str]
    seed_names: bool = False
    allowed: frozenset[Danger] = frozenset()

    def of(self, tool: Tool) -> ListedTool:
        """A tool as it is listed."""
        asks = may_ask(tool, self.allowed) and not tool.plans_first
        consent = _consent(tool, takes_codes=not self.seed_names) if asks else ""
        return ListedTool(
            name=tool.name,
            title=tool.title,
            description=f"{tool.description}{consent}",
            input_schema=self._input(tool, asks=asks),
            output_schema=listed_schema(tool.output),
            annotations=ToolAnnotations(
                title=tool.title,
                read_only_hint=tool.effect is Effect.READS,
                destructive_hint=tool.destroys,
                idempotent_hint=tool.repeatable,
                open_world_hint=True,
            ),
        )

    def _input(self, tool: Tool, *, asks: bool) -> Schema:
        properties: dict[str, Any] = {
            a.name: strict(a.schema, optional=not a.required, nullable=not self.seed_names)
            for a in tool.arguments
        }
        required = [a.name for a in tool.arguments if a.required]
        if tool.clearable:
            names = {"type": "array", "items": {"type": "string", "enum": [*tool.clearable]}}
            doc = "What to set to null; null itself means that nothing is passed."
            properties[CLEAR] = {**or_null(names), "description": doc}
        if asks and not self.seed_names:
            properties[CONFIRM] = {
                **or_null({"type": "string"}),
                "description": "The code that a refusal of this call shows, once the user agreed.",
            }
        if takes_continue(tool):
            properties[CONTINUE] = CONTINUE_SCHEMA
        if len(self.connections) > 1 or self.seed_names:
            properties[PCID] = self._pcid()
        if len(self.connections) > 1:
            required.append(PCID)
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**schema, "required": required} if required else schema

    def _pcid(self) -> Schema:
        if len(self.connections) == 1:
            doc = "The stored connection to use; there is one, so it may be left out."
            return {"type": "string", "description": doc}
        doc = "The stored connection, and so the organization."
        return {"type": "string", "enum": [*self.connections], "description": doc}


def _consent(tool: Tool, *, takes_codes: bool) -> str:
    """What a tool's description says of the question before a call."""
    if not tool.removes or tool.target is not None:
        when = "Where a call removes something, grants power or may lock somebody out, the"
    elif tool.operation is not None and tool.operation.final:
        when = "This cannot be undone: the"
    else:
        when = "The"
    code = f" Where the client cannot ask, the refusal shows a code for {CONFIRM}."
    return f" {when} user is asked first.{code if takes_codes else ''}"
