"""A file of whole lines: no half of one stays in it, whatever ends the process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Self

from ...errors import InvalidInputError

_CHUNK = 64 * 1024
_NEW = 0o600  # what the audit log says is not for everybody
_BINARY = getattr(os, "O_BINARY", 0)


def checked_file(path: Path) -> Path:
    """A file that can be there, to be told before anything is sent.

    Raises:
        InvalidInputError: it is a folder or a device, or in a folder that is not there.
    """
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"{path} is a folder or a device: name a file.")
    if not path.absolute().parent.is_dir():
        raise InvalidInputError(
            f"{path} cannot be written: there is no folder {path.absolute().parent}."
        )
    return path


class LineFile:
    """A file that whole lines are appended to.

    Args:
        path: the file, which is made for its owner alone if it does not exist. What a killed
            process left half-written at its end is completed if it lacks only the line's end,
            else removed: its delivery was never confirmed, so that it comes again.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, _NEW)
        try:
            self.size = self._mended()
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, data: bytes) -> None:
        """Append whole lines, and wait until the disk has them.

        Raises:
            OSError: it could not be written; nothing of the lines is in the file.
        """
        try:
            os.lseek(self._descriptor, self.size, os.SEEK_SET)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    @property
    def status(self) -> os.stat_result:
        """What the system knows of the open file."""
        return os.fstat(self._descriptor)

    @property
    def is_there(self) -> bool:
        """Whether the open file is the one that its path leads to, as long as it was left."""
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        own = self.status
        return os.path.samestat(named, own) and own.st_size == self.size

    def take_after(self, other: os.stat_result) -> None:
        """Let those read it who may read another file, whose place it takes."""
        if os.name != "posix":
            return
        try:
            os.fchown(self._descriptor, -1, other.st_gid)
        except PermissionError:
            return  # of a group that this user is not in
        os.fchmod(self._descriptor, other.st_mode & 0o777)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _mended(self) -> int:
        """The size, once the file ends with a line's end."""
        size = self.status.st_size
        begin = self._last_line(size)
        if begin == size:
            return size
        os.lseek(self._descriptor, begin, os.SEEK_SET)
        if _is_whole(os.read(self._descriptor, size - begin)):
            os.lseek(self._descriptor, size, os.SEEK_SET)
            os.write(self._descriptor, b"\n")
            size += 1
        else:
            os.ftruncate(self._descriptor, begin)
            size = begin
        os.fsync(self._descriptor)
        return size

    def _last_line(self, size: int) -> int:
        """Where what follows the last line's end begins."""
        end = size
        while end > 0:
            begin = max(0, end - _CHUNK)
            os.lseek(self._descriptor, begin, os.SEEK_SET)
            found = os.read(self._descriptor, end - begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end = begin
        return 0


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
