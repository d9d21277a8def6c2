"""What a tool is: a declared operation, or a question made of several."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from .._declare.effect import Effect
from .._declare.operation import Operation
from ..client import AsyncOpenAIAdmin
from ..directory.concerns import has_concerns
from .schema import Schema


@attrs.frozen
class Answer:
    """What a tool found.

    Attributes:
        structured: the result, as the tool's output schema has it.
        summary: what it says, in our own words.
        names: the organization's texts, quoted; empty where there are none.
    """

    structured: dict[str, Any]
    summary: str
    names: str = ""


@attrs.frozen
class Argument:
    """A parameter of a tool.

    Attributes:
        name: its name.
        passed_as: the name that `Tool.run` knows it by.
        required: whether it must be passed.
        schema: its JSON schema, with its description.
        nullable: whether null is a value; else null is the same as nothing.
        alias: another name that it is accepted under.
    """

    name: str
    passed_as: str
    required: bool
    schema: Schema
    nullable: bool = False
    alias: str | None = None


Run = Callable[[AsyncOpenAIAdmin, Mapping[str, Any]], Awaitable[Answer]]


@attrs.frozen
class Tool:
    """A tool.

    Attributes:
        name: its name.
        title: its name for people.
        description: what it does.
        arguments: what it takes, in order.
        output: the schema of its structured result.
        effect: what it does to the organization.
        repeatable: whether a second call with the same arguments has no further effect.
        check: looks at arguments before anything is sent; raises `InvalidInputError`.
        run: does it.
        operation: the operation that it calls, where it is a single one.
    """

    name: str
    title: str
    description: str
    arguments: tuple[Argument, ...]
    output: Schema
    effect: Effect
    repeatable: bool
    check: Callable[[Mapping[str, Any]], None]
    run: Run
    operation: Operation | None = None

    @property
    def removes(self) -> bool:
        """Whether it removes something."""
        return self.effect is Effect.REMOVES

    @property
    def may_ask(self) -> bool:
        """Whether the person may be asked before it does something."""
        return self.removes or (self.operation is not None and has_concerns(self.operation))
