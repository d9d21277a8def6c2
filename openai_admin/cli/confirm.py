"""Consent: what removes something, or has consequences, is named and asked about first."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from .._declare.effect import Effect
from .._declare.operation import Operation
from ..directory.concerns import concerns, has_concerns
from ..directory.naming import label_of
from ..directory.subject import subject_of
from .errors import CommandError
from .progress import Progress
from .prompt import confirm
from .terminal import is_terminal, printable


def may_ask(operation: Operation) -> bool:
    """Whether a command may ask before it does something, so that ``--yes`` has a meaning."""
    return operation.effect is Effect.REMOVES or has_concerns(operation)


def check_consent(operation: Operation, *, yes: bool) -> None:
    """Refuse to remove anything where nobody can be asked.

    Raises:
        CommandError: it removes something, there is no terminal, and ``--yes`` was not passed.
    """
    if operation.effect is Effect.REMOVES and not yes and not is_terminal(sys.stdin):
        raise _cannot_ask(operation, "")


def _cannot_ask(operation: Operation, why: str) -> CommandError:
    final = "this cannot be undone, and " if operation.final else ""
    return CommandError(
        f"{_headline(operation)}: {why}{final}there is no terminal to ask on; pass --yes if you"
        " mean it."
    )


async def ask(
    client: Any, operation: Operation, arguments: Mapping[str, Any], progress: Progress
) -> None:
    """Name what is removed, and what speaks against the call, and go on only with a yes.

    Raises:
        CommandError: the answer was no, or there is something to ask and no terminal to ask on.
        NotFoundError: there is no such thing.
    """
    warnings = await concerns(client, operation, arguments)
    if operation.effect is not Effect.REMOVES and not warnings:
        return
    if not is_terminal(sys.stdin):
        raise _cannot_ask(operation, "".join(f"{w} " for w in warnings))
    subject = await subject_of(client, operation, arguments)
    name = label_of(subject) if subject else None
    ids = ", ".join(f"{key.removesuffix('_id')} {value}" for key, value in arguments.items())
    what = ", ".join(filter(None, (f'"{name}"' if name else "", ids)))
    sentence = f"{_headline(operation)}{': ' if what else ''}{printable(what)}"
    with progress.quiet():
        print(sentence, *warnings, sep="\n", file=sys.stderr)
        if not await confirm("Go on?"):
            raise CommandError("Nothing was changed.", code=1)


def _headline(operation: Operation) -> str:
    return operation.summary.rstrip(".")
