"""Care with what destroys: it is named and asked about before it is done."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from .._declare.effect import Effect
from .._declare.operation import OPERATIONS, Operation
from .errors import CommandError
from .fields import known_by
from .progress import Progress
from .terminal import is_terminal, printable


def check_consent(operation: Operation, *, yes: bool) -> None:
    """Refuse what destroys where nobody can be asked.

    Raises:
        CommandError: it destroys, there is no terminal, and ``--yes`` was not passed.
    """
    if operation.effect is Effect.REMOVES and not yes and not is_terminal(sys.stdin):
        raise CommandError(
            f"{operation.summary.rstrip('.')}: this cannot be undone, and here is no terminal to"
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
        with _interruptible():
            agreed = typer.confirm("Go on?", default=False, err=True)
        if not agreed:
            raise CommandError("Nothing was changed.", code=1)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end a prompt at once: asyncio's handler would wait for the next await."""
    before = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if is_main:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)


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
