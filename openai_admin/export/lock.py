"""One export at a time: a lock on the dataset's folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .._files import lock
from ..errors import OpenAIAdminError

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
            lock(file.fileno())
        except OSError as exc:
            raise ExportLockedError(
                f"Another export writes to {root}; wait until it has ended."
            ) from exc
        yield
