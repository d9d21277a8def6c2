"""A file that is saved often: whole at first, then a line for each change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from ..._files import replaced

_SMALL = 64 * 1024  # bytes; a file up to this size is not written anew
_GROWTH = 3  # times what it was when written whole
_SYNC = 1.0  # seconds between two times that the disk is waited for


class Journal:
    """The file that one holder writes; each change costs its own length, whatever was before.

    A change that was appended survives the end of the process, however it ends. A loss of power
    can take the changes of the last second, and leave half a line at the end.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: tuple[int, int, int] | None = None  # device, inode and size, as last written
        self._whole = 0
        self._synced = 0.0
        self._is_synced = True

    def append(self, path: Path, line: str) -> bool:
        """Append a line; ``False`` if the file must be written whole instead.

        That is so at first, where somebody else changed it, and when it has grown too long.

        Raises:
            OSError: the line could not be written; what was there before is still there.
        """
        if self._left is None or self._left[2] > max(_SMALL, _GROWTH * self._whole):
            return False
        try:
            with path.open("r+b", buffering=0) as file:
                status = os.fstat(file.fileno())
                if (status.st_dev, status.st_ino, status.st_size) != self._left:
                    return False
                self._add(file.fileno(), line.encode(), status.st_size)
        except FileNotFoundError:
            return False
        return True

    def replace(self, path: Path, text: str) -> None:
        """Write the file whole or not at all.

        Raises:
            OSError: it cannot be written; what it held is still there.
        """
        with replaced(path) as temporary:
            temporary.write_bytes(text.encode())
            status = temporary.stat()
        self._left = (status.st_dev, status.st_ino, status.st_size)
        self._whole = status.st_size
        self._synced, self._is_synced = self._clock(), True

    def settle(self, path: Path) -> None:
        """Wait until the disk has what was appended.

        Raises:
            OSError: the disk says that it does not.
        """
        if not self._is_synced:
            with path.open("r+b", buffering=0) as file:
                self._sync(file.fileno())

    def _add(self, descriptor: int, line: bytes, size: int) -> None:
        try:
            os.lseek(descriptor, size, os.SEEK_SET)
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            self._is_synced = False
            if self._clock() - self._synced >= _SYNC:
                self._sync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        if self._left is not None:
            self._left = (*self._left[:2], size + len(line))

    def _sync(self, descriptor: int) -> None:
        os.fsync(descriptor)
        self._synced, self._is_synced = self._clock(), True
