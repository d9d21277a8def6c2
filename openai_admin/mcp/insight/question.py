"""How a question is declared: an ``async def`` with typed, described arguments.

::

    @question(Spent, toolsets=("assistant", "insight"))
    async def spend(client: AsyncOpenAIAdmin, *, period: When = "last 30 days") -> Answer:
        '''What was spent, by project or model.'''

    QUESTIONS = (spend,)

A module lists its questions, and `openai_admin.mcp.insight` all modules.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from typing import Annotated, Any, Literal, get_type_hints

import attrs
from annotated_types import Interval, Len
from typing_extensions import Doc

from ..._declare.arguments import compile_rule
from ..._declare.effect import Effect
from ..._wire.types import Type, read
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError
from ...usage.refusals import LOOKBACK_DAYS
from ..names import PREFIX
from ..schema import Schema, argument_schema, result_schema
from ..tool import Answer, Argument, Tool

Days = Annotated[
    int,
    Interval(ge=1, le=LOOKBACK_DAYS),
    Doc("How many whole days to look at; today is not among them."),
]
Most = Annotated[
    int, Interval(ge=1, le=100), Doc("The most entries to return; the rest is summed up.")
]

AtMost = Annotated[
    int | None,
    Interval(ge=1, le=1000),
    Doc("The most entries to return; by default as many as make a short answer."),
]

Projects = Annotated[
    Sequence[str] | None, Len(1), Doc("The projects, by name or id; by default all.")
]


Detail = Annotated[
    Literal["concise", "detailed"], Doc("detailed: all that is known, however long.")
]

Toolset = Literal["assistant", "insight"]
_BEGINNINGS: Mapping[Toolset, str] = {"assistant": PREFIX, "insight": f"{PREFIX}insight_"}
"""How the names of a toolset's questions begin."""


_PARAMETER = re.compile("[a-z_]+(?=:| must )")
_CALLED = {"person": "people", "key": "keys", "project": "projects", "ip": "ips"}


@attrs.frozen
class Question:
    """A declared question.

    Attributes:
        ask: finds the answer.
        answer: the schema of the answer.
        toolsets: the toolsets that it is in.
    """

    ask: Callable[..., Awaitable[Answer]]
    answer: Schema
    toolsets: Sequence[Toolset]


def question(
    answer: type | Schema, *, toolsets: Sequence[Toolset]
) -> Callable[[Callable[..., Awaitable[Answer]]], Question]:
    """Declare a question.

    Args:
        answer: the class of the answer's facts, or their schema.
        toolsets: the toolsets that it is in.
    """
    schema = answer if isinstance(answer, dict) else _answer_schema(answer)
    return lambda ask: Question(ask, schema, toolsets)


def question_tool(declared: Question, toolset: Toolset) -> Tool:
    """A question as a tool of a toolset, under the name that it has there."""
    ask = declared.ask
    hints = get_type_hints(ask, include_extras=True)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(ask).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    types = {name: read(hints[name]) for name in defaults}
    rules = {name: compile_rule(described) for name, described in types.items()}

    def check(arguments: Mapping[str, Any]) -> None:
        for name, value in arguments.items():
            rules[name](value, name, True)

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        try:
            return await ask(client, **arguments)
        except InvalidInputError as error:
            raise _as_called(error, defaults) from None

    name: str = getattr(ask, "__name__", "")
    return Tool(
        name=f"{_BEGINNINGS[toolset]}{name}",
        title=name.replace("_", " ").capitalize(),
        description=" ".join(inspect.cleandoc(ask.__doc__ or "").split()),
        arguments=tuple(_argument(n, types[n], default) for n, default in defaults.items()),
        output=declared.answer,
        effect=Effect.READS,
        repeatable=True,
        check=check,
        run=run,
    )


def _as_called(error: InvalidInputError, names: Container[str]) -> InvalidInputError:
    """An error that names a parameter as the question does, where what it asks names it else."""
    text = str(error)
    found = _PARAMETER.match(text)
    called = _CALLED.get(found[0]) if found else None
    if found is None or found[0] in names or called not in names:
        return error
    made = InvalidInputError(f"{called}{text[found.end() :]}")
    for note in getattr(error, "__notes__", ()):
        made.add_note(note)
    return made


def _argument(name: str, described: Type, default: Any) -> Argument:
    doc = described.mark(Doc)
    if doc is None:
        raise TypeError(f"the argument {name} is not described: add a Doc to its type")
    schema = {**argument_schema(described), "description": doc.documentation}
    required = default is inspect.Parameter.empty
    if default is not None and not required:
        schema["default"] = default
    return Argument(name=name, passed_as=name, required=required, schema=schema, type=described)


def _answer_schema(cls: type) -> Schema:
    """The schema of an answer's class, which says of the whole alone what is always there.

    Every reader of the tools pays for each word of it, and no model needs to know that of a row.
    """
    whole = result_schema(read(cls))
    made: Schema = {name: _without_required(p) for name, p in whole.items() if name != "required"}
    return {**made, "required": whole["required"]} if "required" in whole else made


def _without_required(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_required(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    is_object = "properties" in schema
    return {
        name: _without_required(part)
        for name, part in schema.items()
        if not (is_object and name == "required")
    }
