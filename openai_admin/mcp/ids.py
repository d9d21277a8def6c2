"""How an assistant finds the ids that tools take, where it passed something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._declare.arguments import shown
from .._declare.operation import OPERATIONS, Operation
from ..directory.find import to_find
from .names import tool_name


def not_ids(operation: Operation, arguments: Mapping[str, Any]) -> list[str]:
    """The arguments of a call that do not look like ids, each with the tool that lists the ids."""
    known = {name: value for name, value in arguments.items() if name in operation.parameters}
    return [
        f"{name} takes an id ({kind.form}), not a name, and {shown(text)} does not look like one:"
        f" look for it with {tool_name(OPERATIONS[kind.listed_by])}."
        for name, kind, text in to_find(known)
    ]
