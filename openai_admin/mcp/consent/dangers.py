"""Why a call may be asked about, read off its tool and its arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..._declare.effect import Effect, never
from ..._declare.operation import Operation
from ...directory.concerns import has_concerns
from ..tool import Danger, Tool

CONFIRM = "confirm"
"""The argument that stands for consent where nobody can be asked, and the key of the question."""

DEACTIVATING = frozenset({"certificates.deactivate", "projects.certificates.deactivate"})
"""Operations that take away what the API no longer asks for, though they delete nothing."""


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
    found: set[Danger] = set()
    if operation.effect is Effect.REMOVES or operation.name in DEACTIVATING:
        found.add(Danger.REMOVES)
    if operation.grants is not never:
        found.add(Danger.GRANTS)
    if changes_role(operation):
        found.add(Danger.REMOVES)
    if has_concerns(operation) or _can_disable(operation):
        found.add(Danger.LOCKS_OUT)
    return frozenset(found)


def of_call(operation: Operation, arguments: Mapping[str, Any]) -> frozenset[Danger]:
    """Why a call is to be asked about, as far as its arguments tell."""
    found: set[Danger] = set()
    if operation.effect is Effect.REMOVES or operation.name in DEACTIVATING:
        found.add(Danger.REMOVES)
    if operation.grants(arguments):
        found.add(Danger.GRANTS)
    if _can_disable(operation) and (
        arguments.get("enabled") is False or _ends(operation, arguments)
    ):
        found.add(Danger.LOCKS_OUT)
    return frozenset(found)


def changes_role(operation: Operation) -> bool:
    """Whether an operation may take a role away, by giving another."""
    return operation.effect is Effect.OVERWRITES and "role" in operation.parameters


def _can_disable(operation: Operation) -> bool:
    """Whether an operation can put an end to what programs use, by its arguments."""
    overwrites = operation.effect is Effect.OVERWRITES
    return overwrites and not operation.parameters.keys().isdisjoint(_ENDING)


def _ends(operation: Operation, arguments: Mapping[str, Any]) -> bool:
    return "expires_in_seconds" in arguments


_ENDING = frozenset({"enabled", "expires_in_seconds"})
