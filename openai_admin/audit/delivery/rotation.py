"""When a file of events gives way to a new one, and what becomes of those before it."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

import attrs

from ..._files import replaced
from ..._text.sizes import read_size
from ...errors import InvalidInputError

_PERIODS = {"daily": "%Y%m%d", "hourly": "%Y%m%d%H"}
_STAMP = "%Y%m%dT%H%M%SZ"
_MOST_IN_A_SECOND = 10_000
_OWNER = 0o600


@attrs.frozen
class Rotation:
    """When a file gives way to a new one.

    Args:
        bytes: when it would become longer than so many bytes.
        every: when another day, or another hour, of UTC has begun.
        keep: how many earlier files stay; the oldest are removed. By default all do.
        compress: whether earlier files are compressed.
    """

    bytes: int | None = None
    every: Literal["daily", "hourly"] | None = None
    keep: int | None = None
    compress: bool = False

    def __attrs_post_init__(self) -> None:
        if self.keep is not None and self.keep < 1:
            raise InvalidInputError(f"keep must be 1 or more, not {self.keep}.")

    @classmethod
    def of(cls, text: str | None, *, keep: int | None = None, compress: bool = False) -> Self:
        """The rotation that a text says: ``size:100MB``, ``daily`` or ``hourly``.

        Raises:
            InvalidInputError: it says none.
        """
        match text:
            case None:
                return cls(keep=keep, compress=compress)
            case "daily" | "hourly":
                return cls(every=text, keep=keep, compress=compress)
        kind, _, size = text.partition(":")
        try:
            if kind != "size":
                raise ValueError
            return cls(read_size(size), keep=keep, compress=compress)
        except ValueError:
            raise InvalidInputError(
                f"rotate must be size:100MB, daily or hourly, not {text!r}."
            ) from None

    def is_due(self, *, size: int, more: int, written: datetime, now: datetime) -> bool:
        """Whether a file gives way before more is written to it.

        Args:
            size: its bytes.
            more: those that are to be written.
            written: when it was last written to.
            now: the present.
        """
        if not size:
            return False
        if self.every is not None:
            form = _PERIODS[self.every]
            if written.strftime(form) != now.strftime(form):
                return True
        return self.bytes is not None and size + more > self.bytes


def rotated(path: Path) -> list[Path]:
    """The files that gave way to a file, the oldest first, which is the order of their names."""
    pattern = re.compile(
        rf"{re.escape(path.stem)}-\d{{8}}T\d{{6}}Z-\d{{4}}{re.escape(path.suffix)}(\.gz)?"
    )
    names = [each.name for each in path.parent.iterdir() if pattern.fullmatch(each.name)]
    return [path.with_name(name) for name in sorted(names)]


def give_way(path: Path, now: datetime) -> Path:
    """Give a file the name of an earlier one, as ``audit-20261127T173000Z-0000.ndjson``.

    It sorts after all before it, also where the clock was set back.

    Raises:
        OSError: it cannot be renamed; it is still under its name.
    """
    earlier = rotated(path)
    stamp, number = now.astimezone(UTC).strftime(_STAMP), 0
    if earlier:
        last = earlier[-1].name.removeprefix(f"{path.stem}-")
        if last[: len(stamp)] >= stamp:
            stamp, number = last[: len(stamp)], int(last[len(stamp) + 1 :][:4]) + 1
    if number >= _MOST_IN_A_SECOND:
        raise FileExistsError(f"there are too many files of {stamp}")
    target = path.with_name(f"{path.stem}-{stamp}-{number:04}{path.suffix}")
    path.rename(target)
    _sync_folder(path.parent)
    return target


def tidy(path: Path, rotation: Rotation) -> None:
    """Compress and remove earlier files, as a rotation says; what a killed process left is ended.

    Raises:
        OSError: one cannot be written or removed; each is there whole, under one name or two.
    """
    if rotation.compress:
        for each in rotated(path):
            if each.suffix != ".gz":
                _compress(each)
    if rotation.keep is not None:
        for each in rotated(path)[: -rotation.keep]:
            each.unlink()


def _compress(path: Path) -> None:
    target = path.with_name(f"{path.name}.gz")
    status = path.stat()
    if not target.exists():
        with replaced(target) as temporary:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
            with (
                os.fdopen(descriptor, "wb") as raw,
                gzip.GzipFile(path.name, "wb", fileobj=raw, mtime=status.st_mtime) as packed,
                path.open("rb") as source,
            ):
                shutil.copyfileobj(source, packed, 1024 * 1024)
            temporary.chmod(status.st_mode & 0o777)
    path.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
