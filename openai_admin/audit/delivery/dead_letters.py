"""The file of events that a receiver refused, each with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..._text.visible import json_text
from .line_file import LineFile, checked_file
from .receiver import DeliveryError
from .records import Record
from .threads import done


def _now() -> datetime:
    return datetime.now(UTC)


class DeadLetters:
    """Where refused events are kept: a JSON object on a line each, with reason, time and event.

    The file is made with the first one, for its owner alone. An event may be in it twice, under
    the same id, where the process was killed before its position was saved.

    Args:
        path: the file.
        receiver: the name of who refuses them.
        now: the present.

    Raises:
        InvalidInputError: it is a folder, or in a folder that is not there.
    """

    def __init__(self, path: Path, receiver: str, now: Callable[[], datetime] = _now) -> None:
        self.path = checked_file(path)
        self._receiver = receiver
        self._now = now

    async def add(self, refused: Sequence[tuple[Record, str]]) -> None:
        """Keep events with the reasons for which they were refused.

        Raises:
            DeliveryError: the file cannot be written; none of them is in it.
        """
        time = self._now().isoformat(timespec="seconds")
        lines = [
            {
                "time": time,
                "id": record.key,
                "reason": why,
                "receiver": self._receiver,
                "event": record.raw,
            }
            for record, why in refused
        ]
        text = "".join(json_text(line) + "\n" for line in lines)
        try:
            await done(self._append, text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise DeliveryError(
                f"{self.path}, the file of dead letters, cannot be written:"
                f" {error.strerror or error}."
            ) from None

    def _append(self, data: bytes) -> None:
        with LineFile(self.path) as file:
            file.append(data)
