"""Who is a member and who is invited, by address whatever its letter case, or by id."""

from __future__ import annotations

from collections.abc import Mapping

from ..document.model import Document, Person
from ..state import State


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
            self._labels[label.casefold()] = label
            if person.id is not None:
                self._labels[person.id.casefold()] = label
                self._labels.setdefault(state.addresses.get(person.id, label).casefold(), label)
        self._ids = {address.casefold(): id for id, address in state.addresses.items()}
        self._wanted = {label.casefold(): label for label in self.wanted}
        self._wanted |= {p.id.casefold(): k for k, p in self.wanted.items() if p.id is not None}

    def label(self, text: str) -> str | None:
        """What the state calls somebody whom the file, or the state, calls so."""
        pinned = self.wanted[text].id if text in self.wanted else None
        return self._labels.get((pinned or text).casefold())

    def in_file(self, text: str) -> str | None:
        """The label that somebody has in the file, whom the state, or the file, calls so."""
        id = self.id(text)
        found = self._wanted.get(text.casefold())
        return found if found is not None or id is None else self._wanted.get(id.casefold())

    def id(self, text: str) -> str | None:
        """A member's user id; ``None`` of somebody who is not a member yet, or not known."""
        label = self.label(text)
        if label is not None:
            return self.there[label].id
        return self._ids.get(text.casefold()) if "@" in text else None

    def is_invited(self, text: str) -> bool:
        """Whether somebody is invited and has not accepted yet."""
        label = self.label(text)
        return label is not None and self.there[label].id is None
