"""What a call is about: the thing that its path names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._declare.operation import OPERATIONS, Operation
from .._wire.codec import to_dict


async def subject_of(
    client: Any, operation: Operation, arguments: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The thing that a call would change, as it was read.

    Args:
        client: an asynchronous client.
        operation: the operation that is to be called.
        arguments: its arguments.

    Returns:
        ``None`` where no operation retrieves things by the same path.

    Raises:
        NotFoundError: there is no such thing.
    """
    look = OPERATIONS.get(f"{operation.name.rpartition('.')[0]}.retrieve")
    if look is None:
        return None
    wanted = {name: value for name, value in arguments.items() if name in look.parameters}
    if any(p.required and p.name not in wanted for p in look.parameters.values()):
        return None
    found: dict[str, Any] = to_dict(await look.of(client)(**wanted), mode="read")
    return found
