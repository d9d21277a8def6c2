"""Two positions in the log: where it is read, and up to where it was delivered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from ...resources.audit_logs import AuditLogPosition

Moves = Sequence[tuple[str | None, int]]
"""What a position took as read, in order: an event with its moment, or without one a floor."""


@attrs.define(eq=False)
class Ahead(AuditLogPosition):
    """Where a tail reads, ahead of what was delivered; it remembers how it has moved.

    The position that is kept makes the same moves, each once everything before it was delivered:
    it is always one that the tail itself has had.

    Attributes:
        moved: called after each move.
    """

    moved: Callable[[], object] = attrs.field(kw_only=True, repr=False)
    _moves: list[tuple[str | None, int]] = attrs.field(init=False, factory=list, repr=False)

    @classmethod
    def of(cls, kept: AuditLogPosition, moved: Callable[[], object]) -> Ahead:
        """One that begins where a position is."""
        return cls(kept.floor, dict(kept.seen), moved=moved)

    def mark(self, id: str, at: int) -> None:
        """Take an event as read, and remember that."""
        if self.seen.get(id) != at:
            super().mark(id, at)
            self._moves.append((id, at))
            self.moved()

    def advance(self, floor: int) -> None:
        """Take everything before a moment as read, and remember that."""
        if self.floor is None or floor > self.floor:
            super().advance(floor)
            self._moves.append((None, floor))
            self.moved()

    def taken(self) -> Moves:
        """The moves since the last time."""
        moves, self._moves = self._moves, []
        return moves


def make(position: AuditLogPosition, moves: Moves) -> None:
    """Let a position make moves that another one has made."""
    for id, moment in moves:
        if id is None:
            position.advance(moment)
        else:
            position.mark(id, moment)
