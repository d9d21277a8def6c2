"""How a job is made a tool: declared as a question is, with what it does and whom it asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import attrs
from typing_extensions import Doc

from ..._declare.effect import Effect
from ..._wire.codec import to_dict
from ..insight.question import question, question_tool
from ..tool import Answer, Ask, Danger, Tool

_EMPTY: tuple[Any, ...] = (None, [], 0)

Do = Annotated[
    str | None,
    Doc("The id of the plan that the user has agreed to; alone, it is enough."),
]


def facts_in(answer: Any) -> dict[str, Any]:
    """The facts of an answer, so that they are seen: without lists that have nothing, and nulls."""
    facts = {name: _told(value) for name, value in to_dict(answer).items()}
    return {name: value for name, value in facts.items() if value not in _EMPTY}


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(each) for each in value]
    if isinstance(value, dict):
        # An empty list in a row may mean that there is certainly nothing.
        return {name: _told(each) for name, each in value.items() if each is not None}
    return value


def acting_tool(
    act: Callable[..., Awaitable[Answer]],
    answer: type,
    *,
    effect: Effect,
    dangers: frozenset[Danger],
    ask: Ask,
    check: Callable[[Mapping[str, Any]], None],
    plans_first: bool = False,
) -> Tool:
    """A job as a tool of the toolset ``assistant``.

    Args:
        act: does it.
        answer: the class of the answer's facts.
        effect: what it does to the organization at most.
        dangers: why the person may be asked.
        ask: what they are asked.
        check: looks at arguments, beside their types, before anything is sent.
        plans_first: see `Tool`.
    """
    declared = question_tool(question(answer, toolsets=("assistant",))(act), "assistant")

    def checked(arguments: Mapping[str, Any]) -> None:
        declared.check(arguments)
        check(arguments)

    return attrs.evolve(
        declared,
        effect=effect,
        repeatable=False,
        dangers=dangers,
        ask=ask,
        check=checked,
        plans_first=plans_first,
    )
