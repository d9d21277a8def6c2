"""The journal of a rotation: JSON lines, each on the disk before what it announces is done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..._files import lock
from ...errors import RotationError

Entry = Mapping[str, Any]
"""A line of a journal."""


class Journal:
    """A file that one process appends to at a time; it never has a secret.

    Attributes:
        path: where it is.
        entries: its lines so far; what a killed process left of a last one is not among them.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.entries, self._size = _parsed(path, _content(descriptor))

    def append(self, entry: Entry) -> None:
        """Add a line; it is on the disk when this returns.

        Raises:
            OSError: it could not be written.
        """
        line = (json.dumps(entry, ensure_ascii=False) + "\n").encode()
        os.ftruncate(self._descriptor, self._size)  # half a line of a killed process
        os.lseek(self._descriptor, self._size, os.SEEK_SET)
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fsync(self._descriptor)
        self._size += len(line)
        self.entries = [*self.entries, entry]


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """A journal, for this process alone, made with mode 0600 if it is not there.

    One that nothing was written to is removed again.

    Raises:
        RotationError: another process has it, it is not a journal, or none can be kept there.
        OSError: it cannot be written any more.
    """
    with _told(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not path.exists()
        _check_kind(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            lock(descriptor)
        except (BlockingIOError, PermissionError):
            raise RotationError(
                f"Another process is rotating with the journal {path}; wait for its end."
            ) from None
        if is_new and os.name == "posix":
            _sync_folder(path.parent)
        journal = Journal(path, descriptor)
        try:
            yield journal
        finally:
            if is_new and not journal.entries:
                path.unlink()
    finally:
        os.close(descriptor)


def read(path: Path) -> Sequence[Entry]:
    """The lines of a journal that another process may be writing; none where there is no file.

    Raises:
        RotationError: it is not a journal, or cannot be read.
    """
    with _told(path):
        _check_kind(path)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return ()
    return _parsed(path, content)[0]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RotationError(
            f"The journal {path} cannot be read and written there"
            f" ({error.strerror or error}): name another file with --journal."
        ) from error


def _check_kind(path: Path) -> None:
    if os.path.lexists(path) and not path.is_file():
        raise RotationError(
            f"The journal {path} is not a regular file: name another one with --journal."
        )


def _content(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(path: Path, content: bytes) -> tuple[list[Entry], int]:
    """The whole lines, and how many bytes they take."""
    whole = content[: content.rfind(b"\n") + 1]
    entries: list[Entry] = []
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict) or not isinstance(entry.get("what"), str):
            raise RotationError(
                f"{path}, line {number}, is not a line of a rotation's journal; name another file."
            )
        entries.append(entry)
    if not entries and content and not content.startswith(b"{"):
        raise RotationError(f"{path} is not a rotation's journal; name another file.")
    return entries, len(whole)
