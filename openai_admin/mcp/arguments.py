"""The arguments of a call, by the names that the tool runs with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._declare.arguments import one_of, shown, suggest
from ..errors import InvalidInputError
from .tool import Tool


def read_arguments(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments by the names that the tool runs with.

    Raises:
        InvalidInputError: one is unknown or missing.
    """
    known = {a.name: a for a in tool.arguments}
    known |= {a.alias: a for a in tool.arguments if a.alias}
    read: dict[str, Any] = {}
    for name, value in given.items():
        argument = known.get(name)
        if argument is None:
            takes = one_of([a.name for a in tool.arguments]) if tool.arguments else "nothing"
            raise InvalidInputError(
                f"{tool.name} has no parameter {shown(name)}; it takes {takes}"
                f"{suggest(name, list(known))}"
            )
        if argument.passed_as in read:
            raise InvalidInputError(f"{argument.name} is passed twice, also as {argument.alias}.")
        if value is not None or argument.nullable:
            read[argument.passed_as] = value
    missing = [a.name for a in tool.arguments if a.required and a.passed_as not in read]
    if missing:
        raise InvalidInputError(f"{tool.name} needs {' and '.join(missing)}.")
    return read


def check_arguments(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Check the arguments, and report errors by the names that the client knows."""
    try:
        tool.check(arguments)
    except InvalidInputError as exc:
        text = str(exc)
        for argument in tool.arguments:
            rest = text.removeprefix(argument.passed_as)
            if rest != text and not rest[:1].isidentifier():
                raise InvalidInputError(argument.name + rest) from exc
        raise
