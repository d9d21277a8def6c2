"""Functions that take what a declaration says: made from its signature, as attrs makes methods.

Only a function with that very signature refuses a wrong call when it is called, in Python's own
words, and is a coroutine function where it is awaited.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from inspect import Parameter, signature
from types import FunctionType
from typing import Any


class _MayBeLeftOut:
    """The type of `MAY_BE_LEFT_OUT`; private, since there is one of it."""

    def __repr__(self) -> str:
        return "<may be left out>"


MAY_BE_LEFT_OUT: Any = _MayBeLeftOut()
"""The default that a signature shows for an argument that is sent only if passed."""


def function_taking(
    name: str,
    declared: FunctionType,
    call: Callable[[Any, dict[str, Any]], Any],
    *,
    awaits: bool = False,
) -> Callable[..., Any]:
    """A function that binds its arguments by itself, and calls with those that were passed.

    Args:
        name: its name; for a resource's method, its place in the tree.
        declared: the function whose arguments it takes, `self` first.
        call: receives `self` and the arguments by name.
        awaits: whether it is an ``async def`` that awaits what `call` returns.
    """
    parameters = signature(declared).parameters
    first, *others = parameters.values()
    taken = [first.name]
    required, optional, further = [], [], []
    if first.kind is Parameter.POSITIONAL_ONLY:
        taken.append("/")
    for parameter in others:
        if parameter.kind is Parameter.KEYWORD_ONLY and "*" not in taken:
            taken.append("*")
        if parameter.kind is Parameter.VAR_KEYWORD:
            taken.append(f"**{parameter.name}")
            further.append(parameter.name)
        elif parameter.default is Parameter.empty:
            taken.append(parameter.name)
            required.append(parameter.name)
        else:
            taken.append(f"{parameter.name}=_left_out")
            optional.append(parameter.name)
    passed = ", ".join([*(f"{n!r}: {n}" for n in required), *(f"**{n}" for n in further)])
    function = name.rpartition(".")[2]
    source = [
        f"{'async ' if awaits else ''}def {function}({', '.join(taken)}):",
        f"    _arguments = {{{passed}}}",
        *(f"    if {n} is not _left_out: _arguments[{n!r}] = {n}" for n in optional),
        f"    return {'await ' if awaits else ''}_call({first.name}, _arguments)",
    ]
    space: dict[str, Any] = {"_call": call, "_left_out": MAY_BE_LEFT_OUT}
    code = ast.parse("\n".join(source))
    node: Any
    for node in ast.walk(code):  # so that a traceback shows the declaration
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = declared.__code__.co_firstlineno
            node.col_offset = node.end_col_offset = 0
    exec(compile(code, declared.__code__.co_filename, "exec"), space)  # noqa: S102 - of our own
    made: Callable[..., Any] = space[function]
    made.__qualname__ = name
    return made
