"""What the names under `protect` stand for, as far as that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from ..document.model import Document
from ..folding import folded
from ..state import State
from .needed import Part


@attrs.frozen(kw_only=True)
class Meant:
    """What some names stand for that are of one kind.

    Attributes:
        section: the section of the kind.
        noun: what one thing of it is called.
        ids: the ids of what the names stand for, sorted.
        missing: the names that stand for nothing that there is, and nothing of the file.
        open: the names that may stand for something that was not read, or whose name is not known.
        unnamed: the ids of what has no known name, so that an open name may mean it.
        known: the names that there are.
        parts: what must be read to tell what the open names stand for.
    """

    section: str
    noun: str
    ids: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    unnamed: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()
    parts: frozenset[Part] = frozenset()

    def may_mean(self, id: str) -> bool:
        """Whether one of the open names may mean something of which only the id is known."""
        return bool(self.open) and (id in self.unnamed or id not in self.known)


@attrs.frozen
class _Thing:
    """Something that a name may stand for.

    Attributes:
        id: its id; ``None`` where it has none, or the file does not pin it.
        name: its name.
        names: all that it may be called by.
        told: the same, as it is written.
    """

    id: str | None
    name: str
    names: frozenset[str]
    told: tuple[str, ...]


class Protection:
    """What a file protects.

    Args:
        document: the file.
        state: what there is.

    Attributes:
        people: people, by addresses in whichever letter case.
        groups: groups.
        roles: roles of the organization; of a name that it has not, those of projects.
        projects: projects.
        accounts: service accounts, in every project.
        places: the project that each role is of, by the role's id; ``None`` for the organization.
    """

    def __init__(self, document: Document, state: State) -> None:
        self._state = state
        protect, there = document.protect, state.document
        read = [  # also those who were met elsewhere than among the people
            _Thing(id, address, frozenset({folded(address)}), (address, id))
            for id, address in state.addresses.items()
        ]
        self.people = self._meant(
            ("people", "person"),
            protect.people,
            [*_things(there.people, folded), *read],
            _things(document.people, folded),
            fold=folded,
            is_whole=self._is_whole("people"),
        )
        self.groups, self.projects = (
            self._meant(
                (section, section[:-1]),
                getattr(protect, section),
                _things(getattr(there, section)),
                _things(getattr(document, section)),
                is_whole=self._is_whole(section),
            )
            for section in ("groups", "projects")
        )
        self.accounts = self._in_projects(
            ("projects.service_accounts", "service account"), protect.service_accounts, document
        )
        roles = self._roles(document)
        self.places: Mapping[str, str | None] = {
            id: place for place, ids in self._role_ids() for id in ids if id in roles.ids
        }
        # Of a role that is pinned and was not read, it is not known in which place it is held.
        unplaced = (id for id in roles.ids if id not in self.places)
        self.roles = attrs.evolve(roles, open=(*roles.open, *unplaced))

    @property
    def kinds(self) -> tuple[Meant, ...]:
        """All kinds."""
        return self.people, self.groups, self.roles, self.projects, self.accounts

    def _roles(self, document: Document) -> Meant:
        there, is_whole = self._state.document.roles, self._is_whole("roles")
        own = self._meant(
            ("roles", "role"),
            document.protect.roles,
            _things(there),
            _things(document.roles),
            is_whole=is_whole,
        )
        others = self._in_projects(("projects.roles", "role"), own.missing, document)
        return attrs.evolve(
            own,
            ids=tuple(sorted({*own.ids, *others.ids})),
            missing=others.missing,
            open=tuple(dict.fromkeys((*own.open, *others.open))),
            unnamed=own.unnamed | others.unnamed,
            known=(*own.known, *others.known),
            parts=others.parts if is_whole else own.parts,
        )

    def _role_ids(self) -> Iterable[tuple[str | None, list[str | None]]]:
        there = self._state.document
        yield None, [role.id for role in (there.roles or {}).values()]
        for project in (there.projects or {}).values():
            yield project.id, [role.id for role in (project.roles or {}).values()]

    def _in_projects(
        self, kind: tuple[str, str], names: Iterable[str], document: Document
    ) -> Meant:
        """What names stand for that are of a kind within projects."""
        (section, _), there = kind, self._state.document.projects or {}
        field = section.partition(".")[2]
        return self._meant(
            kind,
            names,
            (one for each in there.values() for one in _things(getattr(each, field))),
            (
                one
                for each in (document.projects or {}).values()
                for one in _things(getattr(each, field))
            ),
            is_whole=self._is_whole("projects")
            and all(
                getattr(each, field) is not None and self._state.is_whole(section, each.id)
                for each in there.values()
            ),
        )

    def _meant(
        self,
        kind: tuple[str, str],
        names: Iterable[str],
        there: Iterable[_Thing],
        wanted: Iterable[_Thing],
        *,
        is_whole: bool,
        fold: Callable[[str], str] = str,
    ) -> Meant:
        (section, noun), names = kind, [*names]
        if not names:
            return Meant(section=section, noun=noun)
        there, wanted = [*there], [*wanted]
        ids: set[str] = set()
        missing, nowhere = [], []
        for name in names:
            meant = [each for each in wanted if fold(name) in each.names]
            called = {fold(name), *(fold(each.id or each.name) for each in meant)}
            found = [each for each in there if not called.isdisjoint(each.names)]
            pinned = {each.id for each in (*found, *meant) if each.id is not None}
            ids |= pinned
            if not (found or pinned):
                nowhere.append(name)
            if not (found or meant):
                missing.append(name)
        return Meant(
            section=section,
            noun=noun,
            ids=tuple(sorted(ids)),
            missing=tuple(missing),
            open=() if is_whole else tuple(nowhere),
            unnamed=self._unnamed(section, wanted),
            known=tuple(dict.fromkeys(name for each in (*there, *wanted) for name in each.told)),
            parts=frozenset({(section, None)}),
        )

    def _unnamed(self, section: str, wanted: Iterable[_Thing]) -> frozenset[str]:
        """The ids of a section's things that have no known name, and none in the file either."""
        pinned = {each.id for each in wanted}
        return frozenset(
            id
            for of, ids, field in self._state.unsaid
            if of == section and field in ("name", "address")
            for id in ids
            if id not in pinned
        )

    def _is_whole(self, section: str) -> bool:
        is_read = getattr(self._state.document, section) is not None
        return is_read and self._state.is_whole(section)


def _things(things: Mapping[str, Any] | None, fold: Callable[[str], str] = str) -> Iterable[_Thing]:
    """Things of the file or that there are, by what they may be called."""
    for label, each in (things or {}).items():
        name = getattr(each, "name", None) or label
        told = tuple(dict.fromkeys(filter(None, (label, name, each.id))))
        yield _Thing(each.id, name, frozenset(map(fold, told)), told)
