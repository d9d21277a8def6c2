"""The operations that are not listed as tools, and the two tools that reach every operation.

Clients take 128 tools at most, and every listed one costs each conversation its description.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import attrs

from .._declare.arguments import shown, suggest
from .._declare.effect import Effect
from .._declare.operation import OPERATIONS, Operation
from .._wire.codec import to_dict
from .._wire.types import read
from ..client import AsyncOpenAIAdmin
from ..errors import InvalidInputError
from ..resources import load
from .consent import possible
from .names import PREFIX, is_published, tool_name
from .schema import result_schema
from .strict import strict
from .texts import counted
from .tool import Answer, Argument, Danger, Tool

CALL = f"{PREFIX}call_operation"
DESCRIBE = f"{PREFIX}describe_operation"

_OPERATION = "The operation, such as `projects.groups.list`."
_SET_UP_ONCE = (
    "data_retention",
    "external_keys",
    "external_storage",
    "fine_tuning.checkpoints.permissions",
    "projects.data_retention",
    "projects.hosted_tool_permissions",
    "projects.model_permissions",
    "projects.service_tier_settings",
    "workload_identity_providers",
    "workload_identity_providers.federation_rules",
)


def is_listed(operation: Operation) -> bool:
    """Whether an operation is a tool by itself in the toolset ``all``.

    So are the published ones, and of the others those of everyday work: not what is set up once,
    and no retrieval of a single item that the list has as well.
    """
    if is_published(operation):
        return True
    area, _, verb = operation.name.rpartition(".")
    is_in_list = verb == "retrieve" and f"{area}.list" in OPERATIONS
    return area not in _SET_UP_ONCE and not is_in_list


@attrs.frozen(kw_only=True)
class Taken:
    """An argument of an operation.

    Attributes:
        name: its name.
        required: whether it must be passed.
        schema: its JSON schema, as JSON text.
        description: what it means.
    """

    name: str
    required: bool
    schema: str
    description: str


@attrs.frozen(kw_only=True)
class Area:
    """The operations on one kind of thing.

    Attributes:
        area: what they have in common, such as projects.users.
        operations: their names after it; an operation is called area.name.
    """

    area: str
    operations: list[str]


@attrs.frozen(kw_only=True)
class Described:
    """What there is to know of an operation, or which operations there are.

    Attributes:
        operation: its name.
        tool: the name of its tool.
        description: what it does.
        effect: what it does to the organization: reads, adds, overwrites or removes.
        dangers: why the user may be asked first: removes, grants or locks-out.
        arguments: what it takes.
        areas: every operation, where none was named.
    """

    operation: str | None = None
    tool: str | None = None
    description: str | None = None
    effect: str | None = None
    dangers: list[str] | None = None
    arguments: list[Taken] | None = None
    areas: list[Area] | None = None


@attrs.frozen
class AnyOperation:
    """The operations that can be called by name.

    Attributes:
        tools: the tools, by the operation.
        read_only: whether only those are called that change nothing.
    """

    tools: Mapping[str, Tool]
    read_only: bool = False

    def both(self) -> list[Tool]:
        """The tool that calls an operation, and the one that describes it."""
        return [self._call(), self._describe()]

    def find(self, name: object) -> str:
        """The operation that is meant by its name or that of its tool.

        Raises:
            InvalidInputError: there is none, or it may not be called.
        """
        names = {operation: operation for operation in self.tools}
        for operation, tool in self.tools.items():
            names |= {tool.name: operation, tool.name.removeprefix(PREFIX): operation}
        found = names.get(name) if isinstance(name, str) else None
        if found is None:
            has_prefix = isinstance(name, str) and name.startswith(PREFIX)
            known = [
                each
                for each, operation in names.items()
                if each.startswith(PREFIX) is has_prefix and self._may_call(operation)
            ]
            near = suggest(name, known, prefix=PREFIX if has_prefix else "", most=3)
            raise InvalidInputError(
                f"There is no operation {shown(name)}{near} {DESCRIBE} without an operation lists"
                " them all."
            )
        if not self._may_call(found):
            raise InvalidInputError(
                f"{found} changes the organization, and this server only reads (--read-only)."
            )
        return found

    def _may_call(self, operation: str) -> bool:
        return not self.read_only or self.tools[operation].effect is Effect.READS

    def _call(self) -> Tool:
        def target(given: Mapping[str, Any]) -> tuple[Tool, dict[str, Any]]:
            rest = dict(given)
            if (name := rest.pop("operation", None)) is None:
                raise InvalidInputError(f"{CALL} needs operation.")
            tool, arguments = self.tools[self.find(name)], _decoded(rest.pop("arguments", None))
            return tool, arguments | {each: rest[each] for each in rest if rest[each] is not None}

        async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
            raise NotImplementedError("a call is one of the operation's tool")

        return Tool(
            name=CALL,
            title="Call an operation",
            description=(
                "Call an operation of the Admin API that has no tool of its own, as its tool would"
                f" be; {DESCRIBE} says what it takes. Example: operation: external_keys.list,"
                ' arguments: {"limit": 5}.'
            ),
            arguments=(
                _named(
                    "operation", "The operation, such as `projects.groups.list`.", required=True
                ),
                _named("arguments", "Its arguments, a JSON object as text."),
            ),
            output={"type": "object", "description": "What the operation's tool returns."},
            effect=Effect.READS if self.read_only else Effect.REMOVES,
            repeatable=self.read_only,
            check=lambda _: None,
            run=run,
            dangers=frozenset() if self.read_only else frozenset(Danger),
            target=target,
        )

    def _describe(self) -> Tool:
        def check(arguments: Mapping[str, Any]) -> None:
            if arguments.get("operation"):
                self.find(arguments["operation"])

        async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
            name = arguments.get("operation")
            return self._described(self.find(name)) if name else self._areas()

        return Tool(
            name=DESCRIBE,
            title="Describe an operation",
            description=(
                "What an operation of the Admin API does and takes, for"
                f" {CALL}; without an operation, which there are. Example: operation:"
                " external_keys.create."
            ),
            arguments=(_named("operation", _OPERATION),),
            output=result_schema(read(Described)),
            effect=Effect.READS,
            repeatable=True,
            check=check,
            run=run,
        )

    def _described(self, operation: str) -> Answer:
        tool = self.tools[operation]
        described = Described(
            operation=operation,
            tool=tool.name,
            description=tool.description,
            effect=tool.effect.value,
            dangers=sorted(each.value for each in possible(tool)),
            arguments=[_taken(each) for each in tool.arguments],
        )
        return Answer(_plain(described), f"{operation}: {tool.effect.value}.")

    def _areas(self) -> Answer:
        areas: dict[str, list[str]] = {}
        for operation in self.tools:
            if self._may_call(operation):
                area, _, verb = operation.rpartition(".")
                areas.setdefault(area, []).append(verb)
        found = [Area(area=area, operations=verbs) for area, verbs in sorted(areas.items())]
        count = sum(len(each.operations) for each in found)
        return Answer(_plain(Described(areas=found)), f"{counted(count, 'operation')}.")


def _taken(argument: Argument) -> Taken:
    schema = strict(argument.schema)
    doc = schema.pop("description")
    written = json.dumps(schema, separators=(",", ":"))
    return Taken(name=argument.name, required=argument.required, schema=written, description=doc)


def _plain(described: Described) -> dict[str, Any]:
    return {name: each for name, each in to_dict(described).items() if each is not None}


def _named(name: str, doc: str, *, required: bool = False) -> Argument:
    schema = {"type": "string", "description": doc}
    return Argument(name=name, passed_as=name, required=required, schema=schema)


def _decoded(arguments: object) -> dict[str, Any]:
    """The arguments of a call, passed as JSON text or as they are.

    Raises:
        InvalidInputError: they are not a JSON object.
    """
    if arguments is None or arguments == "":
        return {}
    try:
        made = json.loads(arguments) if isinstance(arguments, str) else arguments
    except ValueError:
        made = None
    if not isinstance(made, dict):
        raise InvalidInputError(
            'arguments must be a JSON object as text, such as {"project_id": "proj_abc"}.'
        )
    return made


def unknown_tool(name: str, tools: Mapping[str, Tool], *, read_only: bool = False) -> str:
    """What to say of a call of a tool that is not offered.

    Args:
        name: its name.
        tools: the tools that are offered.
        read_only: whether they are those that change nothing.
    """
    load()
    may_be_called = [
        each for each in OPERATIONS.values() if not read_only or each.effect is Effect.READS
    ]
    unlisted = {tool_name(each): each.name for each in may_be_called}
    unlisted = {each: unlisted[each] for each in unlisted if each not in tools}
    operation = unlisted.get(name) or unlisted.get(f"{PREFIX}{name}")
    only = ", and this server only reads (--read-only)" if read_only else ""
    if CALL not in tools:
        if operation is not None:
            return f"The tool {shown(name)} is not offered here; {_ELSEWHERE}"
        return f"{_no_tool(name)}{only}{_nearest(name, tools, unlisted)}"
    if operation is None:
        return f"{_no_tool(name)}{only}{_nearest(name, tools, unlisted)}"
    return f"{name} is not listed: call {CALL} with operation {operation!r}."


_ELSEWHERE = "a server with --toolset all offers it."


def _nearest(name: str, tools: Collection[str], unlisted: Mapping[str, str]) -> str:
    """The end of an error that names the nearest tool, and how it is called if it is not listed."""
    end = suggest(name, [*tools, *unlisted], prefix=PREFIX)
    for tool, operation in unlisted.items():
        if f"{tool!r}?" in end:
            if CALL in tools:
                return f"{end} It is not listed: call {CALL} with operation {operation!r}."
            return f"{end} It is not offered here; {_ELSEWHERE}"
    return end


def _no_tool(name: str) -> str:
    return f"There is no tool {shown(name)}"
