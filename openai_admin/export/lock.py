"""One export at a time: a lock on the dataset's folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OpenAIAdminError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


LOCK_NAME = "_lock"  # readers of datasets pass over names that begin with an underscore


class ExportLockedError(OpenAIAdminError):
    """Another export writes to the folder."""


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of a dataset, whose folder is created if need be.

    The system releases the lock even when the process is killed. A folder that was created for
    nothing, since the export failed before it wrote anything, is removed.

    Raises:
        ExportLockedError: another process has it.
    """
    is_new = not root.exists()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with _held(root):
            yield
    except BaseException:
        if is_new and [each.name for each in root.iterdir()] == [LOCK_NAME]:
            (root / LOCK_NAME).unlink()
            root.rmdir()
        raise


@contextmanager
def _held(root: Path) -> Iterator[None]:
    with (root / LOCK_NAME).open("ab") as file:
        try:
            _take(file.fileno())
        except OSError as exc:
            raise ExportLockedError(
                f"Another export writes to {root}; wait until it has ended."
            ) from exc
        yield
