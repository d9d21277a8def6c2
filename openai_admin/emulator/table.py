"""A table of the emulator's state: records by id, listed in order from any cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from .replies import not_found

Record = dict[str, Any]
Order = Literal["asc", "desc"]


class Table:
    """Records in wire shape by id, in the order in which their ids first came.

    A record is never changed in place: `update` replaces it by a changed copy, so that
    snapshots are cheap and a listing under way is not disturbed.

    Every id keeps its rank for good. A cursor therefore stays valid after its record was
    removed, and a record that comes back takes its old place, so that a listing under way can
    neither lose nor repeat its neighbours.
    """

    def __init__(self, kind: str, *, order: Order = "asc") -> None:
        """`kind` names a record in the 404 message; `order` is that of listings by default."""
        self.kind = kind
        self.order = order
        self._records: dict[str, Record] = {}
        self._ranks: dict[str, int] = {}
        self._slots: list[str] = []
        # Where a listing goes on from a slot whose record is gone; the paths are shortened as they
        # are used, or a page beside a long run of removed records would step over each of them.
        self._jumps: dict[int, dict[int, int]] = {1: {}, -1: {}}

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, id: object) -> bool:
        return id in self._records

    def __iter__(self) -> Iterator[Record]:
        """The records, oldest first."""
        return self.walk("asc")

    def get(self, id: str) -> Record:
        """The record with this id, or the API's 404."""
        record = self._records.get(id)
        if record is None:
            raise not_found(self.kind, id)
        return record

    def find(self, id: str) -> Record | None:
        """The record with this id, or None."""
        return self._records.get(id)

    def first(self, where: Callable[[Record], bool]) -> Record | None:
        """The oldest record that fits, or None; looks at each record."""
        return next(filter(where, self), None)

    def add(self, record: Record) -> Record:
        """Add a record under its `id`; a second one under the same id is a bug."""
        id = record["id"]
        if id in self._records:
            raise ValueError(f"the table already has a {self.kind} {id!r}")
        self._records[id] = record
        if id not in self._ranks:
            self._ranks[id] = len(self._slots)
            self._slots.append(id)
        else:
            for jumps in self._jumps.values():
                jumps.clear()
        return record

    def update(self, id: str, changes: Record) -> Record:
        """Replace the record by a copy with these changes and return it, or the API's 404."""
        record = self._records[id] = {**self.get(id), **changes}
        return record

    def remove(self, id: str) -> Record:
        """Remove and return the record, or the API's 404; its id stays valid as a cursor."""
        record = self.get(id)
        del self._records[id]
        return record

    def has_cursor(self, id: str) -> bool:
        """Whether a listing can start at this id: a record has it, or had it once."""
        return id in self._ranks

    def walk(
        self, order: Order, *, after: str | None = None, until: str | None = None
    ) -> Iterator[Record]:
        """The records in this order, from after the cursor `after` to before `until`.

        Both cursors are ids that the table has or once had (`has_cursor`), else `KeyError`.
        """
        step = 1 if order == "asc" else -1
        start = -1 if step == 1 else len(self._slots)
        rank = self._ranks[after] if after is not None else start
        end = self._ranks[until] if until is not None else None
        while True:
            rank = self._live(rank + step, step)
            if not 0 <= rank < len(self._slots) or (end is not None and rank * step >= end * step):
                return
            yield self._records[self._slots[rank]]

    def copy(self) -> Table:
        """A separate table with the same records, ranks and cursors."""
        twin = Table(self.kind, order=self.order)
        twin._records = self._records.copy()
        twin._ranks = self._ranks.copy()
        twin._slots = self._slots.copy()
        return twin

    def _live(self, rank: int, step: int) -> int:
        """The first rank from here on, in this direction, that has a record, or one outside."""
        jumps = self._jumps[step]
        passed = []
        while 0 <= rank < len(self._slots) and self._slots[rank] not in self._records:
            passed.append(rank)
            rank = jumps.get(rank, rank + step)
        for empty in passed:
            jumps[empty] = rank
        return rank


class Scoped(dict[Any, Table]):
    """Tables of one kind by what they belong to, each created when it is first asked for.

    The key is an id, or a tuple of ids where the scope is nested.
    """

    def __init__(self, kind: str, *, order: Order = "asc") -> None:
        super().__init__()
        self.kind = kind
        self.order = order

    def __missing__(self, scope: Any) -> Table:
        table = self[scope] = Table(self.kind, order=self.order)
        return table

    def copy(self) -> Scoped:
        """Separate scoped tables with the same records."""
        twin = Scoped(self.kind, order=self.order)
        twin.update({scope: table.copy() for scope, table in self.items()})
        return twin


def public(record: Record) -> Record:
    """The record as an answer shows it: without the private fields, named with an underscore."""
    return {name: value for name, value in record.items() if name[0] != "_"}
