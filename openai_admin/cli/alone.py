"""One process at a time that goes on from a file and saves in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from .._files import lock
from .errors import CommandError


@contextmanager
def alone(file: Path | None, refusal: str) -> Iterator[None]:
    """Have a file alone, by a lock beside it, which is removed at the end.

    Where the folder cannot be written, or has no locks, nothing is held: saving says the former.

    Args:
        file: the file, which may be replaced meanwhile, and need not exist.
        refusal: what to say where another process has it.

    Raises:
        CommandError: another process has it.
    """
    if file is None:
        yield
        return
    real = Path(os.path.realpath(file))
    beside = real.with_name(f".{real.name}.lock")
    with ExitStack() as stack:
        try:
            held = stack.enter_context(beside.open("ab"))
        except OSError:
            held = None
        if held is not None and _locked(held.fileno(), refusal):
            stack.callback(_remove, beside)
        yield


def _locked(descriptor: int, refusal: str) -> bool:
    try:
        lock(descriptor)
    except (BlockingIOError, PermissionError):
        raise CommandError(refusal, code=1) from None
    except OSError:  # a file system without locks
        return False
    return True


def _remove(beside: Path) -> None:
    with suppress(OSError):  # on Windows an open file stays
        beside.unlink()
