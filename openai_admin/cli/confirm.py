"""Care with what destroys: it is named and asked about before it is done."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from .._declare.effect import Effect
from .._declare.operation import OPERATIONS, Operation
from .errors import CommandError
from .fields import known_by
from .progress import Progress
from .prompt import confirm
from .terminal import is_terminal, printable


def check_consent(operation: Operation, *, yes: bool) -> None:
    """Refuse what destroys where nobody can be asked.

    Raises:
        CommandError: it destroys, there is no terminal, and ``--yes`` was not passed.
    """
    if operation.effect is Effect.REMOVES and not yes and not is_terminal(sys.stdin):
        raise CommandError(
            f"{operation.summary.rstrip('.')}: this cannot be undone, and there is no terminal to"
            " ask on; pass --yes if you mean it."
        )


async def ask(
    client: Any, operation: Operation, arguments: Mapping[str, Any], progress: Progress
) -> None:
    """Name what will be destroyed, and go on only with a yes.

    Raises:
        CommandError: the answer was no.
        NotFoundError: there is no such thing.
    """
    name = await _name(client, operation, arguments)
    ids = ", ".join(f"{key.removesuffix('_id')} {value}" for key, value in arguments.items())
    what = ", ".join(filter(None, (f'"{name}"' if name else "", ids)))
    sentence = f"{operation.summary.rstrip('.')}{': ' if what else ''}{printable(what)}"
    with progress.quiet():
        print(sentence, file=sys.stderr)
        if not await confirm("Go on?"):
            raise CommandError("Nothing was changed.", code=1)


async def _name(client: Any, operation: Operation, arguments: Mapping[str, Any]) -> str | None:
    """What the thing is called, where it can be looked at by the same path."""
    resource, _, _ = operation.name.rpartition(".")
    look = OPERATIONS.get(f"{resource}.retrieve")
    if look is None:
        return None
    wanted = {n: v for n, v in arguments.items() if n in look.parameters}
    if any(p.required and p.name not in wanted for p in look.parameters.values()):
        return None
    found = await look.of(client)(**wanted)
    return known_by(found)
