"""Journals of jobs: JSON lines, each on the disk before what it announces is done."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from .._extras import require
from .._files import lock
from ..errors import OpenAIAdminError

Entry = Mapping[str, Any]
"""A line of a journal."""

_NAME = "openai-admin"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


class Journal:
    """A file that one process appends to at a time; it never has a secret.

    Attributes:
        path: where it is.
        entries: its lines so far; what a killed process left of a last one is not among them.
    """

    def __init__(
        self, path: Path, descriptor: int, parsed: Callable[[bytes], tuple[list[Entry], int]]
    ) -> None:
        self.path = path
        self._descriptor = descriptor
        self.entries, self._size = parsed(_content(descriptor))

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


@attrs.frozen(kw_only=True)
class Journals:
    """The journals of one sort of job, and how errors speak of them.

    Attributes:
        folder_name: the folder that they are kept in, below the program's own.
        job: the job with its article, as ``a rotation``.
        doing: what a process does that has one, as ``rotating``.
        instead: what to do where a file is not one of them.
        elsewhere: what to do where none can be kept at its place.
        error: what is raised.
    """

    folder_name: str
    job: str
    doing: str
    instead: str
    elsewhere: str
    error: type[OpenAIAdminError]

    def folder(self) -> Path:
        """Their folder: below ``$XDG_STATE_HOME``, else the system's usual place.

        Raises:
            ConfigurationError: platformdirs is not installed.
        """
        named = Path(os.environ.get("XDG_STATE_HOME", ""))
        if named.is_absolute():
            return named / _NAME / self.folder_name
        found: Path = require("platformdirs", extra="cli").user_state_path(_NAME, appauthor=False)
        return found / self.folder_name

    def path(self, within: Path | None, label: str, *what: str) -> Path:
        """The file of a job.

        Args:
            within: its folder; by default the user's.
            label: what its name begins with, for people.
            what: all that tells the job from others.
        """
        digest = hashlib.sha256("\n".join(what).encode()).hexdigest()[:16]
        return (within or self.folder()) / f"{_NOT_IN_NAMES.sub('-', label)}-{digest}.jsonl"

    def paths(self, within: Path | None = None) -> list[Path]:
        """All that are kept in a folder, by default the user's; none where it is not there.

        Raises:
            OpenAIAdminError: as `error`; it cannot be read.
        """
        folder = within or self.folder()
        try:
            found = sorted(folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self.error(
                f"The journals in {folder} cannot be read ({error.strerror or error})."
            ) from error
        return [path for path in found if path.suffix == ".jsonl"]

    @contextmanager
    def opened(self, path: Path) -> Iterator[Journal]:
        """A journal, for this process alone, made with mode 0600 if it is not there.

        One that nothing was written to is removed again.

        Raises:
            OpenAIAdminError: as `error`; another process has it, it is not a journal, or none can
                be kept there.
            OSError: it cannot be written any more.
        """
        with self._told(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_new = not path.exists()
            self._check_kind(path)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            try:
                lock(descriptor)
                is_there = _is_at(descriptor, path)
            except (BlockingIOError, PermissionError):
                is_there = False
            if not is_there:  # or it was removed again by a process that wrote nothing
                raise self.error(
                    f"Another process is {self.doing} with the journal {path}; wait for its end."
                )
            if is_new and os.name == "posix":
                _sync_folder(path.parent)
            journal = Journal(path, descriptor, lambda content: self._parsed(path, content))
            try:
                yield journal
            finally:
                if is_new and not journal.entries:
                    path.unlink()
        finally:
            os.close(descriptor)

    def read(self, path: Path) -> Sequence[Entry]:
        """The lines of a journal that another process may be writing; none without a file.

        Raises:
            OpenAIAdminError: as `error`; it is not a journal, or cannot be read.
        """
        with self._told(path):
            self._check_kind(path)
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return ()
        return self._parsed(path, content)[0]

    def other(self, path: Path) -> OpenAIAdminError:
        """The error that the lines of a file are not those of such a job."""
        return self.error(
            f"The lines of {path} are not those of {self.job}'s journal; {self.instead}."
        )

    def lost(self, path: Path) -> OpenAIAdminError:
        """The error that a journal has nothing in it: one that has begun has a line at once."""
        return self.error(
            f"The journal {path} has no whole line: {self.job} is just beginning there, or what was"
            f" in it is lost; {self.instead}."
        )

    @contextmanager
    def _told(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self.error(
                f"The journal {path} cannot be read and written there"
                f" ({error.strerror or error}): {self.elsewhere}."
            ) from error

    def _check_kind(self, path: Path) -> None:
        if os.path.lexists(path) and not path.is_file():
            raise self.error(f"The journal {path} is not a regular file: {self.elsewhere}.")
        if os.name == "posix" and path.exists() and path.stat().st_mode & stat.S_IWOTH:
            raise self.error(
                f"Every user may write the journal {path}, and so decide what is done: look at what"
                " it says, and take that right away (chmod o-w)."
            )

    def _parsed(self, path: Path, content: bytes) -> tuple[list[Entry], int]:
        """The whole lines, and how many bytes they take."""
        whole = content[: content.rfind(b"\n") + 1]
        entries: list[Entry] = []
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if not isinstance(entry, dict) or not isinstance(entry.get("what"), str):
                raise self.error(
                    f"{path}, line {number}, is not a line of {self.job}'s journal; {self.instead}."
                )
            entries.append(entry)
        if not entries and content and not content.startswith(b"{"):
            raise self.error(f"{path} is not {self.job}'s journal; {self.instead}.")
        return entries, len(whole)


def _content(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is the one that a path leads to."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
