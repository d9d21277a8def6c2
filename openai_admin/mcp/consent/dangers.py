"""Why a call may be asked about, read off its tool and its arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..._declare.effect import Effect, never
from ..._declare.operation import Operation
from ...directory.concerns import has_concerns
from ..tool import Danger, Tool
from .before import told_by_state

CONFIRM = "confirm"
"""The argument that stands for consent where nobody can be asked, and the key of the question."""


def may_ask(tool: Tool, allowed: Collection[Danger] = ()) -> bool:
    """Whether the person may be asked before a tool does something, and so `confirm` be passed.

    Args:
        tool: the tool.
        allowed: what is done without asking.
    """
    return not possible(tool) <= frozenset(allowed)


def possible(tool: Tool) -> frozenset[Danger]:
    """Why the person may be asked before a tool does something, whatever its arguments."""
    return tool.dangers if tool.operation is None else possible_of(tool.operation)


def possible_of(operation: Operation) -> frozenset[Danger]:
    """Why the person may be asked before an operation, whatever its arguments."""
    found = {Danger.REMOVES} if _takes_away(operation) else set()
    if operation.grants is not never:
        found.add(Danger.GRANTS)
    if has_concerns(operation) or _can_end(operation):
        found.add(Danger.LOCKS_OUT)
    return frozenset(found) | told_by_state(operation)


def of_call(operation: Operation, arguments: Mapping[str, Any]) -> frozenset[Danger]:
    """Why a call is to be asked about, as far as its arguments tell."""
    found = {Danger.REMOVES} if _takes_away(operation) else set()
    if operation.grants(arguments):
        found.add(Danger.GRANTS)
    if _can_end(operation) and _ends(arguments):
        found.add(Danger.LOCKS_OUT)
    return frozenset(found)


def _takes_away(operation: Operation) -> bool:
    return operation.effect is Effect.REMOVES or operation.name in _DEACTIVATING


def _can_end(operation: Operation) -> bool:
    """Whether an operation can put an end to what programs use, by its arguments."""
    overwrites = operation.effect is Effect.OVERWRITES
    return overwrites and not operation.parameters.keys().isdisjoint(_ENDING)


def _ends(arguments: Mapping[str, Any]) -> bool:
    return arguments.get("enabled") is False or "expires_in_seconds" in arguments


_DEACTIVATING = frozenset({"certificates.deactivate", "projects.certificates.deactivate"})
_ENDING = frozenset({"enabled", "expires_in_seconds"})
