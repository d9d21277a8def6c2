"""How far somebody has read in the audit log, and the file that keeps it."""

from __future__ import annotations

import heapq
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import attrs

from ..._declare.arguments import Timestamp, unix_seconds
from ...errors import InvalidInputError
from .journal import Journal

_STALE = 1000  # moments that may be kept beside those of what was seen


@attrs.define
class AuditLogPosition:
    """How far somebody has read in the audit log.

    A new position is where the log ends when it is first used. `tail` moves it on just before
    it yields an event, so that a position saved after an event was handled begins after that
    event, and one saved earlier yields it again.

    Attributes:
        floor: everything before this moment, in Unix seconds, was read; ``None`` when new.
        seen: what was read from there on, by id, with its time. It holds the events of about
            twice the overlap, and those of the future. `mark` adds to it.
        file: where `save` keeps it.
    """

    floor: int | None = None
    seen: dict[str, int] = attrs.field(factory=dict)
    file: Path | None = attrs.field(default=None, eq=False)
    _by_time: list[tuple[int, str]] = attrs.field(init=False, repr=False, eq=False)
    _unsaved: dict[str, int] = attrs.field(init=False, factory=dict, repr=False, eq=False)
    _journal: Journal = attrs.field(init=False, factory=Journal, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        self._order()

    def _order(self) -> None:
        self._by_time = [(at, id) for id, at in self.seen.items()]
        heapq.heapify(self._by_time)

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
        except InvalidInputError:
            raise InvalidInputError(
                f"{path} is not a saved position in the audit log: remove it and say with since"
                " where to begin, or name another file."
            ) from None
        position.file = path
        return position

    def save(self) -> None:
        """Save the position in its file, which costs the same however much was read.

        What changed since the last time is appended, and the file is written anew, whole or not
        at all, when it has become long. What was saved survives the end of the process, by
        SIGKILL too; a loss of power can take the last second of it, and the events of that second
        then come again.

        Raises:
            InvalidInputError: it has no file.
            OSError: the file cannot be written; what it held is still there.
        """
        if self.file is None:
            raise InvalidInputError(
                "This position has no file: make it with from_file, or save what dump returns."
            )
        if not self._journal.append(self.file, _text(self.floor, self._unsaved) + "\n"):
            self._journal.replace(self.file, self.dump() + "\n")
        self._unsaved = {}

    def settle(self) -> None:
        """Wait until the disk has what was saved, so that a loss of power cannot take it.

        `tail` does so when it ends.
        """
        if self.file is not None:
            with suppress(OSError):  # it was written, and outlives the process all the same
                self._journal.settle(self.file)

    def dump(self) -> str:
        """The position as a short JSON text, to be saved elsewhere than in a file."""
        return _text(self.floor, self.seen)

    @classmethod
    def load(cls, text: str) -> Self:
        """The position that `dump` returned, or that a file holds.

        Of a file, a line that was not written to its end is left out, and what follows it.

        Raises:
            InvalidInputError: the text is not a position.
        """
        first, *changes = text.split("\n")
        saved = _read(first)
        if saved is None:
            raise InvalidInputError(f"This is not a saved position: {text[:100]!r}.")
        floor, seen = saved
        for line in changes:
            change = _read(line)
            if change is None:
                break
            floor = change[0]
            seen |= change[1]
        return cls(floor, {id: at for id, at in seen.items() if floor is None or at >= floor})

    def mark(self, id: str, at: int) -> None:
        """Take something that happened at a moment, in Unix seconds, as read."""
        if self.seen.get(id) != at:
            self.seen[id] = at
            heapq.heappush(self._by_time, (at, id))
            if len(self._by_time) > _STALE + 2 * len(self.seen):
                self._order()  # what is marked at each look leaves its earlier moments there
            if self.file is not None:
                self._unsaved[id] = at

    def advance(self, floor: int) -> None:
        """Take everything before a moment as read; what was seen before it need not be kept."""
        if self.floor is not None and floor <= self.floor:
            return
        self.floor = floor
        while self._by_time and self._by_time[0][0] < floor:
            at, id = heapq.heappop(self._by_time)
            if self.seen.get(id) == at:
                del self.seen[id]
                self._unsaved.pop(id, None)


def _text(floor: int | None, seen: dict[str, int]) -> str:
    return json.dumps({"floor": floor, "seen": seen})


def _read(line: str) -> tuple[int | None, dict[str, Any]] | None:
    """A line of a saved position; ``None`` if it is not one."""
    try:
        saved = json.loads(line)
        floor, seen = saved["floor"], dict(saved["seen"])
    except (ValueError, TypeError, KeyError):
        return None
    are_times = all(type(moment) is int for moment in seen.values())
    return (floor, seen) if are_times and (floor is None or _is_time(floor)) else None


def _is_time(moment: Any) -> bool:
    """Whether something is Unix seconds that the log can be asked about."""
    try:
        return type(moment) is int and unix_seconds(moment, "floor") == moment
    except InvalidInputError:
        return False
