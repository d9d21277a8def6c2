"""A table of the emulator's state: records by id, listed in order from any cursor."""

from __future__ import annotations

from collections.abc import (
    Callable,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from collections.abc import Set as AbstractSet
from typing import Any, Literal, TypeVar

from .index import KeyIndex, Keys, NumberIndex
from .replies import not_found

Record = dict[str, Any]
Order = Literal["asc", "desc"]
Having = Mapping[str, AbstractSet[Any]]
"""One of the table's `keys` -> those of which a record must have at least one."""
Between = Mapping[str, tuple[float, float]]
"""One of the table's `numbers` -> the least and the most that a record may have there."""

Index = TypeVar("Index", KeyIndex, NumberIndex)
_NONE: Mapping[str, Any] = {}


class Table:
    """Records in wire shape by id, in the order in which their ids first came.

    A record is never changed in place: `update` replaces it by a changed copy, so that
    snapshots are cheap and a listing under way is not disturbed.

    Every id keeps its rank for good. A cursor therefore stays valid after its record was
    removed, and a record that comes back takes its old place, so that a listing under way can
    neither lose nor repeat its neighbours.

    `keys` and `numbers` say what records can be found by. An index is made when it is first
    needed, and kept up to date from then on.
    """

    __slots__ = (
        "_by_key",
        "_by_number",
        "_jumps",
        "_keys",
        "_numbers",
        "_ranks",
        "_records",
        "_slots",
        "_watch",
        "kind",
        "order",
    )

    def __init__(
        self,
        kind: str,
        *,
        order: Order = "asc",
        keys: Mapping[str, Keys] = _NONE,
        numbers: tuple[str, ...] = (),
        watch: Callable[[str, bool], None] | None = None,
    ) -> None:
        """`kind` names a record in the 404 message; `order` is that of listings by default.

        `keys` are functions by name, `numbers` fields. `watch` is told of each id that comes, and
        of each that goes.
        """
        self.kind = kind
        self.order = order
        self._keys = keys
        self._numbers = numbers
        self._watch = watch
        self._by_key: dict[str, KeyIndex] = {}
        self._by_number: dict[str, NumberIndex] = {}
        self._records: dict[str, Record] = {}
        self._ranks: dict[str, int] = {}
        self._slots: list[str] = []
        # Where a listing goes on from a slot whose record is gone; the paths are shortened as they
        # are used, or a page beside a long run of removed records would step over each of them.
        self._jumps: dict[int, dict[int, int]] = {}

    def __len__(self) -> int:
        return len(self._records)

    @property
    def ids(self) -> KeysView[str]:
        """The ids of the records, as they are."""
        return self._records.keys()

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

    def first(
        self, where: Callable[[Record], bool] | None = None, *, having: Having = _NONE
    ) -> Record | None:
        """The oldest record that fits, or None; `where` looks at each that has the keys."""
        return next(filter(where, self.walk("asc", having=having)), None)

    def some(self, ids: Iterable[str]) -> list[Record]:
        """The records with these ids, of which some may be gone, oldest first."""
        known = [id for id in ids if id in self._records]
        return [self._records[id] for id in sorted(known, key=self._ranks.__getitem__)]

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
            self._jumps.clear()
        self._put(id, record)
        if self._watch is not None:
            self._watch(id, True)
        return record

    def update(self, id: str, changes: Record) -> Record:
        """Replace the record by a copy with these changes and return it, or the API's 404."""
        before = self.get(id)
        record = self._records[id] = {**before, **changes}
        self._drop(id, before)
        self._put(id, record)
        return record

    def remove(self, id: str) -> Record:
        """Remove and return the record, or the API's 404; its id stays valid as a cursor."""
        record = self.get(id)
        del self._records[id]
        self._drop(id, record)
        if self._watch is not None:
            self._watch(id, False)
        return record

    def has_cursor(self, id: str) -> bool:
        """Whether a listing can start at this id: a record has it, or had it once."""
        return id in self._ranks

    def walk(
        self,
        order: Order,
        *,
        after: str | None = None,
        until: str | None = None,
        having: Having = _NONE,
        between: Between = _NONE,
    ) -> Iterator[Record]:
        """The records in this order, from after the cursor `after` to before `until`.

        Both cursors are ids that the table has or once had (`has_cursor`), else `KeyError`. With
        `having` and `between`, those records alone that meet each of them; what is walked over is
        what meets the rarest, not the table.
        """
        rising = order == "asc"
        first, last = 0, len(self._slots) - 1
        if after is not None:
            rank = self._ranks[after]
            first, last = (rank + 1, last) if rising else (first, rank - 1)
        if until is not None:
            rank = self._ranks[until]
            first, last = (first, min(last, rank - 1)) if rising else (max(first, rank + 1), last)
        for field, (least, most) in between.items():
            low, high = self._number_index(field).span(least, most)
            first, last = max(first, low), min(last, high)
        rest: Having = having
        if having:
            found = {name: self._key_index(name).of(wanted) for name, wanted in having.items()}
            rarest = min(found, key=lambda name: found[name].count(first, last))
            ranks = found[rarest].walk(first, last, rising=rising)
            rest = {name: wanted for name, wanted in having.items() if name != rarest}
        else:
            ranks = self._live(first, last, rising=rising)
        for rank in ranks:
            record = self._records[self._slots[rank]]
            if (not rest or self._has(record, rest)) and _is_between(record, between):
                yield record

    def copy(self, *, watch: Callable[[str, bool], None] | None = None) -> Table:
        """A separate table with the same records, ranks and cursors; it makes its own indexes."""
        twin = Table(
            self.kind, order=self.order, keys=self._keys, numbers=self._numbers, watch=watch
        )
        twin._records = self._records.copy()
        twin._ranks = self._ranks.copy()
        twin._slots = self._slots.copy()
        return twin

    def _has(self, record: Record, having: Having) -> bool:
        return not any(
            wanted.isdisjoint(self._keys[name](record)) for name, wanted in having.items()
        )

    def _live(self, first: int, last: int, *, rising: bool) -> Iterator[int]:
        """The ranks that have a record, from `first` to `last`, both included."""
        step = 1 if rising else -1
        rank = self._next(first if rising else last, step)
        while first <= rank <= last:
            yield rank
            rank = self._next(rank + step, step)

    def _next(self, rank: int, step: int) -> int:
        """The first rank from here on, in this direction, that has a record, or one outside."""
        jumps = self._jumps.setdefault(step, {})
        passed = []
        while 0 <= rank < len(self._slots) and self._slots[rank] not in self._records:
            passed.append(rank)
            rank = jumps.get(rank, rank + step)
        for empty in passed:
            jumps[empty] = rank
        return rank

    def _key_index(self, name: str) -> KeyIndex:
        if name not in self._by_key:
            self._by_key[name] = self._filled(KeyIndex(self._keys[name]))
        return self._by_key[name]

    def _number_index(self, field: str) -> NumberIndex:
        if field not in self._by_number:
            self._by_number[field] = self._filled(NumberIndex(field))
        return self._by_number[field]

    def _filled(self, index: Index) -> Index:
        for rank in self._live(0, len(self._slots) - 1, rising=True):
            index.put(rank, self._records[self._slots[rank]])
        return index

    def _put(self, id: str, record: Record) -> None:
        for keys in self._by_key.values():
            keys.put(self._ranks[id], record)
        for numbers in self._by_number.values():
            numbers.put(self._ranks[id], record)

    def _drop(self, id: str, record: Record) -> None:
        for index in self._by_key.values():
            index.drop(self._ranks[id], record)


class Scoped:
    """Tables of one kind by what they belong to, each created when it is first asked for.

    The key is an id, or a tuple of ids where the scope is nested.
    """

    def __init__(
        self, kind: str, *, order: Order = "asc", keys: Mapping[str, Keys] = _NONE
    ) -> None:
        self.kind = kind
        self.order = order
        self._keys = keys
        self._tables: dict[Any, Table] = {}
        self._scopes: dict[str, set[Any]] | None = None

    def __getitem__(self, scope: Any) -> Table:
        table = self._tables.get(scope)
        if table is None:
            table = self._tables[scope] = Table(
                self.kind, order=self.order, keys=self._keys, watch=self._watched(scope)
            )
        return table

    def __iter__(self) -> Iterator[Any]:
        """The scopes whose tables were asked for."""
        return iter(self._tables)

    def items(self) -> ItemsView[Any, Table]:
        """Scopes and tables."""
        return self._tables.items()

    def values(self) -> ValuesView[Table]:
        """The tables."""
        return self._tables.values()

    def discard(self, scope: Any) -> None:
        """Drop the table of a scope, if there is one."""
        table = self._tables.pop(scope, None)
        if table is not None and self._scopes is not None:
            for record in table:
                self._scopes[record["id"]].discard(scope)

    def scopes_of(self, id: str) -> AbstractSet[Any]:
        """The scopes whose tables have a record with this id."""
        if self._scopes is None:
            self._scopes = {}
            for scope, table in self._tables.items():
                for record in table:
                    self._scopes.setdefault(record["id"], set()).add(scope)
        return self._scopes.get(id, frozenset())

    def copy(self) -> Scoped:
        """Separate scoped tables with the same records."""
        twin = Scoped(self.kind, order=self.order, keys=self._keys)
        for scope, table in self._tables.items():
            twin._tables[scope] = table.copy(watch=twin._watched(scope))
        return twin

    def _watched(self, scope: Hashable) -> Callable[[str, bool], None]:
        def watch(id: str, present: bool) -> None:
            if self._scopes is not None:
                scopes = self._scopes.setdefault(id, set())
                scopes.add(scope) if present else scopes.discard(scope)

        return watch


def public(record: Record) -> Record:
    """The record as an answer shows it: without the private fields, named with an underscore."""
    return {name: value for name, value in record.items() if name[0] != "_"}


def _is_between(record: Record, between: Between) -> bool:
    return all(least <= record[field] <= most for field, (least, most) in between.items())
