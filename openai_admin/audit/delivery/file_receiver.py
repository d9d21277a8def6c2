"""A file as a receiver: whole lines, on the disk before they count as delivered."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .line_file import LineFile, checked_file
from .receiver import TAKEN, Answer, DeliveryError
from .records import Record
from .rotation import Rotation, give_way, rotated, tidy
from .threads import done


def _now() -> datetime:
    return datetime.now(UTC)


class FileReceiver:
    """Appends events to a file, and gives it a new one as a rotation says.

    A new file is its owner's alone; one that takes the place of another is for those whom that
    one was for. A file that somebody else has moved away is made anew.

    Args:
        path: the file.
        rotation: when it gives way to a new one.
        now: the present.
    """

    def __init__(
        self,
        path: Path,
        rotation: Rotation | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.name = f"the file {path}"
        self._path = Path(os.path.realpath(checked_file(path)))
        self._rotation = rotation or Rotation()
        self._now = now
        self._file: LineFile | None = None

    async def send(self, batch: Sequence[Record]) -> Answer:
        """Append a batch, and wait until the disk has it.

        Raises:
            DeliveryError: it cannot be written; nothing of it is in the file.
        """
        data = b"".join(record.body + b"\n" for record in batch)
        try:
            await done(self._append, data)
        except OSError as error:
            why = error.strerror or error
            raise DeliveryError(f"{self._path} cannot be written: {why}.") from None
        return TAKEN

    async def aclose(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, data: bytes) -> None:
        file, now = self._opened(), self._now()
        written = datetime.fromtimestamp(file.status.st_mtime, UTC)
        if self._rotation.is_due(size=file.size, more=len(data), written=written, now=now):
            before = file.status
            give_way(self._path, now)
            file = self._reopened()
            file.take_after(before)
            tidy(self._path, self._rotation)
        file.append(data)

    def _opened(self) -> LineFile:
        if self._file is None:
            file = self._reopened()
            earlier = rotated(self._path)
            if earlier and not file.size:  # it ended between two names
                file.take_after(earlier[-1].stat())
            tidy(self._path, self._rotation)
            return file
        if self._file.is_there:
            return self._file
        before = self._file.status
        file = self._reopened()
        if not file.size:
            file.take_after(before)
        return file

    def _reopened(self) -> LineFile:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._file = LineFile(self._path)
        return self._file
