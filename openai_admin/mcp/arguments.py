"""The arguments of a call, by the names that the tool runs with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._declare.arguments import one_of, shown, suggest
from ..errors import InvalidInputError
from .passing import passed
from .tool import Tool
from .unfinished import CONTINUE, takes_continue

_MOST_EXACT = 2**53  # beyond it, a float is not the number that was meant

CLEAR = "clear"
"""The argument that names what is set to null, since null itself means that nothing is passed."""


def read_arguments(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments by the names that the tool runs with.

    Raises:
        InvalidInputError: one is unknown or missing, passed twice, or cannot be cleared.
    """
    known = {name: a for a in tool.arguments for name in (a.name, *a.aliases)}
    read: dict[str, Any] = {}
    for name, value in given.items():
        if name == CLEAR and tool.clearable:
            continue
        argument = known.get(name)
        if argument is None:
            own = [CONTINUE] if takes_continue(tool) else []
            names = [*(a.name for a in tool.arguments), *own]
            takes = one_of(names) if names else "nothing"
            raise InvalidInputError(
                f"{tool.name} has no parameter {shown(name)}; it takes {takes}"
                f"{suggest(name, [*known, *own])}"
            )
        if value is None:
            continue
        if argument.passed_as in read:
            raise InvalidInputError(f"{argument.name} is passed twice, also by another name.")
        described = argument.type
        value = _whole(value)
        as_declared = value if described is None else passed(described, value, argument.name)
        read[argument.passed_as] = as_declared
    if tool.clearable:
        _clear(tool, given.get(CLEAR), read)
    missing = [a.name for a in tool.arguments if a.required and a.passed_as not in read]
    if missing:
        raise InvalidInputError(f"{tool.name} needs {' and '.join(missing)}.")
    return read


def _whole(value: Any) -> Any:
    """A value whose whole numbers are so, also where they are written 2.0.

    They are the same number in JSON, and there are clients that send every number so.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) <= _MOST_EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


def _clear(tool: Tool, names: Any, read: dict[str, Any]) -> None:
    """Set what is named to null."""
    if names is None:
        return
    for name in [names] if isinstance(names, str) or not isinstance(names, Sequence) else names:
        if name not in tool.clearable:
            raise InvalidInputError(
                f"{CLEAR} cannot name {shown(name)}; it takes {one_of(tool.clearable)}"
                f"{suggest(name, tool.clearable)}"
            )
        whole, _, field = name.partition(".")
        place = next(a.passed_as for a in tool.arguments if a.name == whole)
        within = read.get(place) if field else read
        if not isinstance(within, dict):
            raise InvalidInputError(f"{CLEAR} names {name}, which needs {whole} to be passed.")
        if (field or place) in within:
            raise InvalidInputError(f"{name} is passed, and named by {CLEAR}: pass one of them.")
        within[field or place] = None


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
