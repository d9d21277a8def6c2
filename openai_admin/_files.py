"""Files that are written whole or not at all, and files that one process has at a time."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int) -> None:
        """Take the lock of an open file until it is closed, which a killed process does as well.

        Raises:
            OSError: somebody else has it.
        """
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Take the lock of an open file until it is closed, which a killed process does as well.

        Raises:
            OSError: somebody else has it.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A name to write a file under, which takes its place at the end if all went well.

    What was there stays until then, whole, and after an error; a loss of power leaves the one or
    the other. What a killed process of the same id left under that name is removed. Where the path
    is a symbolic link, it stays one, and the file that it leads to is replaced.

    A device or a pipe is never replaced: what was written is copied into it at the end.

    Raises:
        IsADirectoryError: the path is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder, path.name)
            yield written
            with written.open("rb") as source, path.open("wb") as device:
                shutil.copyfileobj(source, device)
        return
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        _sync(temporary, os.O_RDWR)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name as well; Windows neither needs nor offers that
        _sync(path.parent, os.O_RDONLY)


def _sync(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
