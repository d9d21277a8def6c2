"""What a tool is: a declared operation, or a question made of several."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import attrs

from .._declare.effect import Effect
from .._declare.operation import Operation
from .._wire.types import Type
from ..client import AsyncOpenAIAdmin
from .schema import Schema


class Danger(enum.Enum):
    """Why a person is asked before a call is carried out; also what ``--allow`` takes."""

    REMOVES = "removes"
    """It deletes or archives something."""
    GRANTS = "grants"
    """It gives somebody power: ownership, a role, a permission, an admin key."""
    LOCKS_OUT = "locks-out"
    """It may shut people or programs out."""


@attrs.frozen
class Asking:
    """What is asked before a call.

    Attributes:
        text: what the call would do to what, by its name, and what speaks against it.
        dangers: why it is asked.
    """

    text: str
    dangers: frozenset[Danger]


@attrs.frozen
class Answer:
    """What a tool found.

    Attributes:
        structured: the facts, as the tool's output schema has them; the text is made of them too.
        summary: what they say, in our own words.
        notes: what was left out, is not known or in doubt, and how to go on, a sentence each.
    """

    structured: dict[str, Any]
    summary: str
    notes: Sequence[str] = ()


@attrs.frozen
class Argument:
    """A parameter of a tool.

    Attributes:
        name: its name.
        passed_as: the name that `Tool.run` knows it by.
        required: whether it must be passed.
        schema: its JSON schema, with its description; null is not among its values, since passing
            null is the same as passing nothing.
        type: what it is declared as, where JSON passes it in another way (see `passed`).
        aliases: other names that it is accepted under.
    """

    name: str
    passed_as: str
    required: bool
    schema: Schema
    type: Type | None = None
    aliases: Sequence[str] = ()


Run = Callable[[AsyncOpenAIAdmin, Mapping[str, Any]], Awaitable[Answer]]
Ask = Callable[[AsyncOpenAIAdmin, Mapping[str, Any]], Awaitable[Asking | None]]
"""Looks, before a call is carried out, whether the person is to be asked, and what."""


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
        dangers: why the person may be asked, where it is not an operation's.
        ask: what the person is asked, where it is not an operation's.
        plans_first: whether it asks only before it carries out a plan, whose id was told by the
            answer that shows the plan and by nothing else: where nobody can be asked, that id
            stands for a code.
        clearable: what ``clear`` can name: arguments, and fields of them as ``argument.field``,
            that are set to null.
        target: the tool that a call really is of, and its arguments, where it is another's; raises
            `InvalidInputError`.
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
    dangers: frozenset[Danger] = frozenset()
    ask: Ask | None = None
    plans_first: bool = False
    clearable: Sequence[str] = ()
    target: Callable[[Mapping[str, Any]], tuple[Tool, dict[str, Any]]] | None = None

    @property
    def only_reads(self) -> bool:
        """Whether it changes nothing."""
        return self.effect is Effect.READS

    @property
    def may_only_read(self) -> bool:
        """Whether there are calls of it that change nothing."""
        return self.only_reads or self.target is not None

    @property
    def removes(self) -> bool:
        """Whether it removes something."""
        return self.effect is Effect.REMOVES

    @property
    def destroys(self) -> bool:
        """Whether it overwrites or removes what is there, as ``destructiveHint`` says."""
        return self.effect in (Effect.OVERWRITES, Effect.REMOVES)
