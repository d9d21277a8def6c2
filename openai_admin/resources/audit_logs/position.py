"""How far somebody has read in the audit log, and the file that keeps it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Self

import attrs

from ..._declare.arguments import Timestamp, unix_seconds
from ..._files import replaced
from ...errors import InvalidInputError


@attrs.define
class AuditLogPosition:
    """How far somebody has read in the audit log.

    A new position is where the log ends when it is first used. `tail` moves it on just before
    it yields an event, so that a position saved after an event was handled begins after that
    event, and one saved earlier yields it again.

    Attributes:
        floor: everything before this moment, in Unix seconds, was read; ``None`` when new.
        seen: what was read from there on, by id, with its time. It holds the events of the
            overlap alone, and those of the future, so it stays small.
        file: where `save` keeps it.
    """

    floor: int | None = None
    seen: dict[str, int] = attrs.field(factory=dict)
    file: Path | None = attrs.field(default=None, eq=False)

    @classmethod
    def from_file(
        cls, file: str | os.PathLike[str], *, since: Timestamp | None = None
    ) -> AuditLogPosition:
        """The position that was saved in a file, or a new one that will be.

        Args:
            file: the file, which need not exist.
            since: where to begin if it does not; by default only what happens from then on is
                read.

        Raises:
            InvalidInputError: the file does not hold a position.
            OSError: it cannot be read.
        """
        path = Path(file)
        try:
            position = cls.load(path.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            position = cls(None if since is None else unix_seconds(since, "since"))
        position.file = path
        return position

    def save(self) -> None:
        """Save the position in its file, whole or not at all.

        Raises:
            InvalidInputError: it has no file.
            OSError: the file cannot be written; what it held is still there.
        """
        if self.file is None:
            raise InvalidInputError(
                "This position has no file: make it with from_file, or save what dump returns."
            )
        with replaced(self.file) as temporary:
            temporary.write_text(self.dump(), encoding="utf-8")

    def dump(self) -> str:
        """The position as a short JSON text, to be saved elsewhere than in a file."""
        return json.dumps({"floor": self.floor, "seen": self.seen})

    @classmethod
    def load(cls, text: str) -> Self:
        """The position that `dump` returned.

        Raises:
            InvalidInputError: the text is not a position.
        """
        try:
            saved = json.loads(text)
            floor, seen = saved["floor"], dict(saved["seen"])
        except (ValueError, TypeError, KeyError) as exc:
            raise InvalidInputError(f"This is not a saved position: {text[:100]!r}.") from exc
        moments = [*seen.values(), *([] if floor is None else [floor])]
        if not all(type(moment) is int for moment in moments):
            raise InvalidInputError(f"This is not a saved position: {text[:100]!r}.")
        return cls(floor, seen)

    def advance(self, floor: int) -> None:
        """Take everything before a moment as read; what was seen before it need not be kept."""
        if self.floor is None or floor > self.floor:
            self.floor = floor
            self.seen = {id: at for id, at in self.seen.items() if at >= floor}
