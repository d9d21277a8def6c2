"""What a search has read so far, and what of it matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import attrs

from ..._declare.operation import CallExecutor
from .hits import KINDS, MATCHES, Hit, HitKind
from .matching import match
from .query import Query
from .things import Thing

WITHIN: tuple[HitKind, ...] = ("service_account", "key")
"""The kinds that only projects list."""


@attrs.define
class Taken:
    """The things that were read, and the hits among them.

    Attributes:
        caller: tells the server's time.
        query: what is looked for.
        wanted: the kinds that are looked for; others are not taken.
        things: what was read, the latest of each kind and id.
        is_identified: whether the thing with the one id was found.
    """

    caller: CallExecutor
    query: Query
    wanted: tuple[HitKind, ...]
    things: dict[tuple[HitKind, str], Thing] = attrs.field(factory=dict)
    is_identified: bool = False
    _hits: dict[tuple[HitKind, str], Hit] = attrs.field(factory=dict)
    _compared: set[str] = attrs.field(factory=set)  # keys, of a secret or a redacted value
    _not_compared: dict[str, Thing] = attrs.field(factory=dict)

    @property
    def now(self) -> datetime:
        """The server's time."""
        return self.caller.server_now() or datetime.now(UTC)

    @property
    def hits(self) -> list[Hit]:
        """What matches, in the order in which it was read."""
        return [*self._hits.values()]

    def best_first(self) -> list[Hit]:
        """What matches, the best first."""
        return sorted(self._hits.values(), key=_order)

    def unclear(self) -> list[Hit]:
        """The keys that could not be compared: first those that begin so."""
        found: list[Hit] = []
        for id, thing in self._not_compared.items():
            if id not in self._compared:
                begins = self.query.begins_as(thing.redacted_value)
                found.append(thing.hit("starts" if begins else "near", "redacted value", self.now))
        return sorted(found, key=_order)

    def take(self, kind: HitKind, models: Iterable[Any], project: Any = None) -> None:
        """Take what was read.

        Args:
            kind: what it was listed as.
            models: it as the API tells it.
            project: the project that it was listed in.
        """
        for model in models:
            # OpenAI's own roles are the same in each project.
            is_shared = kind == "role" and model.predefined_role
            place = None if is_shared else project
            self._take_one(Thing(_kind_of(kind, model), model, place))

    def take_owners(self, status: str) -> None:
        """Take people who are not where it was looked, but have keys there.

        Args:
            status: what is told of them.
        """
        people = {id for kind, id in self.things if kind == "person"}
        for holder in [*self._holders()]:
            if holder.id not in people:
                people.add(holder.id)
                self._take_one(Thing("person", holder, None, status))

    def _holders(self) -> Iterator[Any]:
        for thing in self.things.values():
            owner = getattr(thing.model, "owner", None) if thing.kind == "key" else None
            if (holder := getattr(owner, "user", None)) is not None:
                yield holder

    def _take_one(self, thing: Thing) -> None:
        if thing.kind not in self.wanted:
            return
        place = thing.kind, thing.model.id
        self.things[place] = thing
        if self.query.is_of_key and self.query.is_of(thing.redacted_value) is None:
            self._not_compared[thing.model.id] = thing
            return
        self._compared.add(thing.model.id)
        found = match(self.query, thing.names)
        if found is None:
            return
        how, field = found
        # Keys of projects, and service accounts, are listed elsewhere as well, without a project.
        is_placed = thing.project is not None or thing.kind not in WITHIN
        self.is_identified |= how == "id" and is_placed
        if thing.kind == "key" and is_placed:
            self._hits.pop(("admin_key", thing.model.id), None)
        if place not in self._hits or is_placed:
            self._hits[place] = thing.hit(how, field, self.now)


def _kind_of(kind: HitKind, model: Any) -> HitKind:
    """What a listed thing is: keys of projects are listed with admin keys, accounts with people."""
    if kind == "admin_key" and model.is_admin_key() is False:
        return "key"
    if kind == "person" and getattr(model, "is_service_account", None):
        return "service_account"
    return kind


def _order(hit: Hit) -> tuple[int, int, str]:
    return MATCHES.index(hit.match), KINDS.index(hit.kind), hit.label.casefold()
