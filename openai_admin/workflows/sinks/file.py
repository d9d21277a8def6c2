"""``file:PATH[#VARIABLE]`` and ``secret-file:PATH``: a file that only its owner can read."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread

from ..._files import lock, replaced
from ...errors import SinkError
from . import whole
from .dotenv import DotenvError, value_of, with_value
from .sink import checked

VARIABLE = "OPENAI_API_KEY"
"""The variable by default: the one that the official clients read."""

_PATIENCE = 10.0  # s, for another process that writes into the same folder


class FileSink:
    """A variable of a dotenv file, replaced in place, with all else in it kept as it is.

    Args:
        path: the file; one that is not there is created, for its owner alone.
        variable: the variable; ``None`` where the file has the secret alone, as those that Docker
            and Kubernetes give to a container.
    """

    def __init__(self, path: str | os.PathLike[str], variable: str | None = VARIABLE) -> None:
        self._path = Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - links stay
        self._variable = variable

    def __str__(self) -> str:
        if self._variable is None:
            return f"secret-file:{self._path}"
        return f"file:{self._path}#{self._variable}"

    async def get(self) -> str | None:
        return await anyio.to_thread.run_sync(self._get)

    async def put(self, secret: str) -> None:
        await anyio.to_thread.run_sync(self._put, checked(secret))

    def _get(self) -> str | None:
        try:
            content = self._read()
            self._check_folder()
            return self._value_of(content)
        except DotenvError as exc:
            raise SinkError(f"{self._path} {exc}.") from None
        except OSError as exc:
            raise SinkError(f"{self._path} cannot be read: {exc.strerror or exc}.") from None

    def _put(self, secret: str) -> None:
        try:
            self._check_folder()
            with _alone_in(self._target.parent):
                self._remove_leftovers()
                self._replace(self._with_value(self._read(), secret))
        except DotenvError as exc:
            raise SinkError(f"{self._path} {exc}.") from None
        except OSError as exc:
            raise SinkError(
                f"{self._path} cannot be written: {exc.strerror or exc}.",
                in_doubt=self._holds(secret),
            ) from None

    def _value_of(self, content: bytes) -> str | None:
        if self._variable is None:
            return whole.value_of(content)
        return value_of(content, self._variable)

    def _with_value(self, content: bytes, secret: str) -> bytes:
        if self._variable is None:
            return whole.with_value(content, secret)
        return with_value(content, self._variable, secret)

    @property
    def _target(self) -> Path:
        """The file itself, where the path is a link."""
        return Path(os.path.realpath(self._path))

    def _read(self) -> bytes:
        """The file's content, empty where there is none.

        Raises:
            SinkError: it is not a file that only its owner can read and write.
        """
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):  # a pipe would be waited for
                what = "a folder" if self._path.is_dir() else "not a regular file"
                raise SinkError(f"{self._path} cannot hold a secret: it is {what}.")
            with self._path.open("rb") as file:
                self._check(os.fstat(file.fileno()))
                return file.read()
        except FileNotFoundError:
            return b""

    def _check(self, found: os.stat_result) -> None:
        if found.st_nlink > 1:
            raise SinkError(
                f"{self._path} has {found.st_nlink} names (hard links), of which only this one"
                " would get the new secret."
            )
        if sys.platform == "win32":
            return
        mode, me = stat.S_IMODE(found.st_mode), os.geteuid()
        if found.st_uid != me and me != 0:
            raise SinkError(
                f"{self._path} belongs to another user (id {found.st_uid}), who can read it: use a"
                " file of your own."
            )
        if mode & 0o077:
            raise SinkError(
                f"{self._path} can be read or changed by others (mode {mode:04o}): run"
                f" 'chmod 600 {self._target}'."
            )
        if not mode & stat.S_IWUSR:
            raise SinkError(f"{self._path} is read-only: run 'chmod 600 {self._target}'.")

    def _check_folder(self) -> None:
        target = self._target
        folder = target.parent
        if not folder.is_dir():
            raise SinkError(f"{self._path} cannot be created: there is no folder {folder}.")
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise SinkError(
                f"{self._path} cannot be replaced: you may not change the folder {folder}."
            )
        if sys.platform != "win32" and target != self._path:
            owner = folder.stat().st_uid
            if owner not in (os.geteuid(), 0):
                raise SinkError(
                    f"{self._path} leads into a folder of another user (id {owner}): if that is"
                    f" meant, name {target} itself."
                )

    def _replace(self, content: bytes) -> None:
        target = self._target
        with replaced(target) as temporary:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            if sys.platform != "win32" and target.exists():
                before = target.stat()
                os.chown(temporary, before.st_uid, before.st_gid)
                temporary.chmod(stat.S_IMODE(before.st_mode))

    def _remove_leftovers(self) -> None:
        """Remove what killed processes left beside the file: it has secrets in it."""
        target = self._target
        for each in target.parent.iterdir():
            middle = each.name.removeprefix(f".{target.name}.").removesuffix(".part")
            if each.name == f".{target.name}.{middle}.part" and middle.isdigit():
                each.unlink(missing_ok=True)

    def _holds(self, secret: str) -> bool:
        try:
            return self._value_of(self._read()) == secret
        except (DotenvError, OSError, SinkError):
            return True  # as far as can be known


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let no other process change a secret in a folder meanwhile; it would undo this change.

    Raises:
        SinkError: another one does, for long.
    """
    if sys.platform == "win32":  # it has no locks of folders
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _wait_for(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            lock(descriptor)
        except BlockingIOError:
            if time.monotonic() > until:
                raise SinkError(f"Another process is changing a file in {folder}.") from None
            time.sleep(0.01)
        except OSError:  # a network's file system that has no locks
            return
        else:
            return
