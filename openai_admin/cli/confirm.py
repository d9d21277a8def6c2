"""Consent: what removes something, or has consequences, is named and asked about first."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._declare.effect import Effect
from .._declare.operation import Operation
from .._transport.lockout import DEMANDING, SENTENCE
from ..directory.concerns import concerns, has_concerns
from ..directory.naming import label_of
from ..directory.subject import subject_of
from ..directory.wording import argument_text, is_cents
from .errors import CommandError
from .names import say_found
from .progress import Progress
from .prompt import confirm
from .terminal import is_terminal, printable

if TYPE_CHECKING:
    from ..directory.find import Found


def may_ask(operation: Operation) -> bool:
    """Whether a command may ask before it does something, so that ``--yes`` has a meaning."""
    return operation.effect is Effect.REMOVES or has_concerns(operation)


def check_consent(operation: Operation, *, yes: bool) -> None:
    """Refuse to remove anything where nobody can be asked.

    Raises:
        CommandError: it removes something, there is no terminal, and ``--yes`` was not passed.
    """
    if operation.effect is Effect.REMOVES and not yes and not is_terminal(sys.stdin):
        raise _cannot_ask(operation)


def cannot_ask(command: str, *warnings: str, final: bool = True) -> CommandError:
    """The error of a command that would ask where nobody can be asked.

    Args:
        command: its words.
        warnings: what speaks against it.
        final: whether what it does cannot be undone.
    """
    undone = ", which cannot be undone" if final else ""
    refusal = (
        f"There is no terminal to ask on before '{command}'{undone}: pass --yes if you mean it."
    )
    return CommandError(" ".join([*warnings, refusal]))


def _cannot_ask(operation: Operation, *warnings: str) -> CommandError:
    return cannot_ask(command_words(operation), *warnings, final=operation.final)


async def ask(
    client: Any,
    operation: Operation,
    arguments: Mapping[str, Any],
    progress: Progress,
    found: Sequence[Found] = (),
) -> None:
    """Name what is changed or removed, and what speaks against it, and go on only with a yes.

    Args:
        client: an asynchronous client.
        operation: the operation that is to be called.
        arguments: its arguments.
        progress: what is shown meanwhile.
        found: what of them was looked up by name; it is said, asked or not.

    Raises:
        CommandError: the answer was no, or there is something to ask and no terminal to ask on.
        NotFoundError: there is no such thing.
    """
    removes = operation.effect is Effect.REMOVES
    warnings = await concerns(client, operation, arguments)
    if not removes and not warnings:
        say_found(found)
        return
    if not is_terminal(sys.stdin):
        raise _cannot_ask(operation, *warnings)
    subject = await subject_of(client, operation, arguments)
    what = [argument_text(name, value) for name, value in arguments.items()]
    if subject and (name := label_of(subject)):
        what.insert(0, f'"{name}"')
    elif subject and removes:
        what += [argument_text(n, v) for n, v in subject.items() if is_cents(n, v)]
    heading = ": ".join(filter(None, (command_words(operation), printable(", ".join(what)))))
    consequence = [operation.summary] if removes else []
    with progress.quiet():
        say_found(found)
        print(heading, *consequence, *warnings, sep="\n", file=sys.stderr)
        if not await confirm("Go on?"):
            raise CommandError("Nothing was changed.", code=1)


def warn_unasked(client: Any, operation: Operation) -> None:
    """Say what a yes that was given before the question may lock out of the API: this client."""
    if operation.name in DEMANDING and client._caller.lacks_certificate:
        print(SENTENCE, file=sys.stderr)


def command_words(operation: Operation) -> str:
    """An operation as it is written on the command line: ``projects spend-limit update``."""
    return operation.name.replace("_", "-").replace(".", " ")
