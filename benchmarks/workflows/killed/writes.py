"""In the process of a command: counting the calls that write files, and dying at one of them.

Files that Python opens for writing are opened by its own implementation of `io` in Python, which
writes through `os`, so that every call passes here.
"""

from __future__ import annotations

import _pyio  # type: ignore[import-not-found]  # typeshed leaves it out
import builtins
import io
import os
import signal
from collections.abc import Callable
from typing import Any

from .points import Point

_CALLS = (
    *("write", "pwrite", "fsync", "fdatasync", "ftruncate", "truncate", "link", "symlink", "utime"),
    *("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "chmod", "fchmod", "chown"),
)
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def die() -> None:
    """What nobody can catch."""
    os.kill(os.getpid(), signal.SIGKILL)


class Writes:
    """The calls so far, of which one may be the last.

    Args:
        at: where the process dies; `None` for nowhere.
    """

    def __init__(self, at: Point | None) -> None:
        self._at = at if at is not None and at.place == "write" else None
        self._process = os.getpid()
        self.calls: list[str] = []
        """Their names, in order."""

    def watch(self) -> None:
        """Have every call that writes a file counted from now on."""
        for name in _CALLS:
            setattr(os, name, self._counted(name, getattr(os, name)))
        counted, plain = self._counted("open", os.open), os.open

        def opened(path: Any, flags: int, *args: Any, **options: Any) -> int:
            is_written = flags & _FOR_WRITING
            descriptor: int = (counted if is_written else plain)(path, flags, *args, **options)
            return descriptor

        os.open = opened
        read = io.open

        def open_file(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            is_written = set(mode) & set("wax+")
            return (_pyio.open if is_written else read)(file, mode, *args, **options)

        builtins.open = io.open = open_file

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            if os.getpid() != self._process:
                return call(*args, **options)
            self.calls.append(name)
            when = self._at.when if self._at and self._at.number == len(self.calls) else None
            if when == "torn" and name == "write":
                call(args[0], memoryview(args[1])[: len(args[1]) // 2])
            if when in ("before", "torn"):
                die()
            try:
                return call(*args, **options)
            finally:
                if when == "after":
                    die()

        return counted
