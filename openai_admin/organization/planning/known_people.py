"""Who is a member and who is invited, by address whatever its letter case, or by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..document.model import Document, Person
from ..folding import folded
from ..state import State

ALIKE = "Several people have this address: pin one of them under `people` with `id:` ({})."
"""Why the file cannot mean one of those who share an address."""


class People:
    """The people of the organization, as the file and the state call them.

    Args:
        document: the file, which may pin people by id.
        state: what there is.

    Attributes:
        wanted: those of the file, by label.
        there: those that there are, by the label that the state has.
    """

    def __init__(self, document: Document, state: State) -> None:
        self.wanted: Mapping[str, Person] = document.people or {}
        self.there: Mapping[str, Person] = state.document.people or {}
        self._labels: dict[str, str] = {}
        for label, person in self.there.items():
            self._labels[folded(label)] = label
            if person.id is not None:
                self._labels[folded(person.id)] = label
                self._labels.setdefault(folded(state.addresses.get(person.id, label)), label)
        self._addresses = state.addresses
        self._alike: dict[str, list[str]] = {}
        for id, address in state.addresses.items():
            self._alike.setdefault(folded(address), []).append(id)
        self._ids = {folded(address): id for id, address in state.addresses.items()}
        self._wanted = {folded(label): label for label in self.wanted}
        self._pinned = {p.id for p in self.wanted.values() if p.id is not None}
        self._listed = {p.id for p in self.there.values() if p.id is not None}
        self._addressed = {p.id for label, p in self.there.items() if "@" in label}
        self._wanted |= {folded(p.id): k for k, p in self.wanted.items() if p.id is not None}

    def label(self, text: str) -> str | None:
        """What the state calls somebody whom the file, or the state, calls so."""
        pinned = self.wanted[text].id if text in self.wanted else None
        return self._labels.get(folded(pinned or text))

    def in_file(self, text: str) -> str | None:
        """The label that somebody has in the file, whom the state, or the file, calls so."""
        id = self.id(text)
        found = self._wanted.get(folded(text))
        return found if found is not None or id is None else self._wanted.get(folded(id))

    def id(self, text: str) -> str | None:
        """A member's user id; ``None`` of somebody who is not a member yet, or not known."""
        label = self.label(text)
        if label is not None:
            return self.there[label].id
        return self._ids.get(folded(text)) if "@" in text else None

    def is_told(self, id: object) -> bool:
        """Whether all is known by which the file may mean a member: the address, or the pin."""
        if id in self._pinned:
            return id in self._listed
        return id in self._addresses or id in self._addressed

    def alike(self, text: str) -> tuple[str, ...]:
        """The user ids of those who share an address by which the file means one; else none."""
        is_pinned = text in self.wanted and self.wanted[text].id is not None
        found = self._alike.get(folded(text), ())
        return tuple(sorted(found)) if len(found) > 1 and not is_pinned else ()

    def labels_of(self, ids: Iterable[str]) -> list[str]:
        """What the state calls people, by their user ids."""
        return [label for id in ids if (label := self._labels.get(folded(id))) is not None]

    def is_invited(self, text: str) -> bool:
        """Whether somebody is invited and has not accepted yet."""
        label = self.label(text)
        return label is not None and self.there[label].id is None
