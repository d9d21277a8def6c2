"""Created secrets: shown once on the terminal, or written to a file of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .._declare.operation import Operation
from .._text.secrets import redact
from .._wire.fields import is_secret, secret_paths, wire_fields
from .._wire.models import Entity, evolve
from .._wire.types import read
from .errors import CommandError
from .terminal import is_terminal, printable


def has_secret(operation: Operation) -> bool:
    """Whether an operation's result has a secret in it."""
    return bool(secret_paths(read(operation.result)))


def split_secrets(item: Any) -> tuple[Any, list[str]]:
    """An item with its secrets redacted, and the secrets."""
    secrets: list[str] = []
    return _redacted(item, secrets), secrets


def _redacted(item: Any, secrets: list[str]) -> Any:
    if isinstance(item, list):
        return [_redacted(each, secrets) for each in item]
    if not isinstance(item, Entity):
        return item
    changes: dict[str, Any] = {}
    for attribute in wire_fields(type(item)):
        value = getattr(item, attribute.name)
        if is_secret(attribute) and isinstance(value, str):
            secrets.append(value)
            changes[attribute.name] = redact(value)
        elif isinstance(value, Entity | list):
            changes[attribute.name] = _redacted(value, secrets)
    return evolve(item, **changes) if changes else item


class SecretOutput:
    """Where a secret that is about to be created will go."""

    def __init__(self, path: Path | None, file: int | None) -> None:
        self._path = path
        self._file = file
        self.written = False

    def give(self, secret: str) -> None:
        """Hand the secret over; it cannot be requested again.

        Raises:
            CommandError: the file cannot be written, and the secret is lost.
        """
        if self._file is not None:
            try:
                os.write(self._file, f"{secret}\n".encode())
            except OSError as exc:
                raise CommandError(
                    f"The secret was created, but {self._path} cannot be written: {exc.strerror}."
                    " It is not shown again: delete what it belongs to, and create another.",
                    code=1,
                ) from None
            self.written = True
            print(f"The secret is in {self._path}.", file=sys.stderr)
            return
        stream = sys.stdout if is_terminal(sys.stdout) else sys.stderr
        print(f"The secret, shown this once: {printable(secret)}", file=stream)


@contextmanager
def handover(path: Path | None) -> Iterator[SecretOutput]:
    """A place for a secret, secured before the secret is created.

    Raises:
        CommandError: there is neither a terminal nor a file, or the file cannot be created.
    """
    if path is None:
        if not (is_terminal(sys.stdout) or is_terminal(sys.stderr)):
            raise CommandError(
                "This creates a one-time secret, and there is no terminal to show it"
                " on: pass --secret-file FILE."
            )
        yield SecretOutput(None, None)
        return
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} exists; --secret-file creates a new file.") from None
    except OSError as exc:
        raise CommandError(f"{path} cannot be created: {exc.strerror}.", code=1) from None
    given = SecretOutput(path, file)
    try:
        yield given
    finally:
        os.close(file)
        if not given.written:
            path.unlink(missing_ok=True)
