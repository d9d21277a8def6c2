"""The log of what was applied: a line of JSON for each step, on the disk before what needs it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..._text.visible import json_text
from ...errors import InvalidInputError
from ..canonical import as_plain
from .model import AppliedStep


class Log:
    """A file that lines are appended to; it never has a secret.

    Args:
        path: the file, as it is named where it cannot be written.
        descriptor: the open file.
        organization: the organization's id.
        actor: who applies: the owner of the admin key; ``None`` where that is not known.
    """

    def __init__(
        self, path: Path, descriptor: int, organization: str | None, actor: str | None
    ) -> None:
        self._path = path
        self._descriptor = descriptor
        self._writing = threading.Lock()
        self._organization = organization
        self._actor = actor

    def add(self, applied: AppliedStep) -> None:
        """Add the line of a step; it is on the disk when this returns.

        Threads may call it side by side.

        Raises:
            OSError: it cannot be written.
        """
        step = applied.step
        line = {
            "at": applied.at,
            "actor": self._actor,
            "organization": self._organization,
            "step": step.id,
            "section": step.section,
            "action": step.action,
            "subject": step.subject,
            "project": step.project,
            "operation": step.operation,
            "changes": step.changes,
            "power": step.power,
            "grants": step.grants,
            "outcome": applied.outcome,
            "reason": applied.reason,
            "id": applied.id,
            "request_id": applied.request_id,
        }
        rest = memoryview(f"{json_text(as_plain(line))}\n".encode())
        try:
            with self._writing:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
                os.fsync(self._descriptor)
        except OSError as error:
            error.filename = str(self._path)
            raise


@contextmanager
def opened(path: Path, organization: str | None, actor: str | None) -> Iterator[Log]:
    """A log to append to; a new file is made so that only its owner can read it.

    Raises:
        InvalidInputError: it cannot be written there.
    """
    if os.path.lexists(path) and not path.is_file():
        raise InvalidInputError(f"The log {path} is not a regular file: name another one.")
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise InvalidInputError(
            f"The log {path} cannot be written: {error.strerror or error}."
        ) from error
    try:
        _end_line(descriptor)
        yield Log(path, descriptor, organization, actor)
    finally:
        os.close(descriptor)


def _end_line(descriptor: int) -> None:
    """End the half line that a killed process left, so that the next one stands alone."""
    size = os.fstat(descriptor).st_size
    if size:
        os.lseek(descriptor, size - 1, os.SEEK_SET)
        if os.read(descriptor, 1) != b"\n":
            os.write(descriptor, b"\n")
