"""What is asked for, and what must be read for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs

from ..._declare.arguments import shown, suggest
from ...errors import InvalidInputError
from ...insights.scope import names_of
from ..folding import folded
from ..sections import SECTIONS

OF_PEOPLE = ("people", "people.roles", "groups.members", "projects.members")
"""The sections in which people stand."""


@attrs.frozen(kw_only=True)
class Needs:
    """What is asked for.

    Attributes:
        sections: the sections.
        projects: the names or ids of projects to read into; ``None`` for all.
        are_projects_there: whether a project that there is not is a mistake; else it is ignored.
        roles_of: the addresses, ids or labels of people, in small letters, of whom it is asked
            which roles of the organization they have besides their memberships; ``None`` for
            everybody.
        roles_of_members: likewise of members of projects, which roles of projects they have.
        acting: whether it must be known whose key the calls are made with.
        beside: further sections that are read and not asked for, since what is asked for depends on
            them; those of projects each with the project's id, or with ``None`` for all projects.
        granted: whether it must be known which projects invites grant, also where projects are not
            asked for: one request, where an invite grants any.
        accounts_in: projects, by name or id, whose service accounts are needed beside those of
            which rules tell: those that the rules of a file name.
        contents: whether certificates are read with their text, which is one request each.
    """

    sections: frozenset[str] = frozenset(SECTIONS)
    projects: tuple[str, ...] | None = None
    are_projects_there: bool = True
    roles_of: frozenset[str] | None = None
    roles_of_members: frozenset[str] | None = None
    acting: bool = False
    beside: frozenset[tuple[str, str | None]] = frozenset()
    granted: bool = False
    accounts_in: frozenset[str] = frozenset()
    contents: bool = True

    def any(self, *sections: str) -> bool:
        """Whether one of some sections is read."""
        return not self.read.isdisjoint(sections)

    @property
    def read(self) -> frozenset[str]:
        """The sections that are read, somewhere."""
        return self.sections | {section for section, _ in self.beside}

    @property
    def of_projects(self) -> bool:
        """Whether it must be known which projects there are."""
        names = {section.partition(".")[0] for section in self.read}
        return "projects" in names or self.any("identity_providers.rules")

    @property
    def of_external_keys(self) -> bool:
        """Whether it must be known which external keys there are: projects say theirs by name."""
        return self.any("external_keys") or "projects" in self.sections


def is_among(id: str, address: str | None, people: frozenset[str] | None) -> bool:
    """Whether somebody is one of some people, as `Needs.roles_of` has them."""
    if people is None:
        return True
    called = (id, address or id, f"{address} ({id})")
    return not people.isdisjoint(folded(text) for text in called)


def of(
    sections: Collection[str] | None, projects: str | Collection[str] | None, **more: Any
) -> Needs:
    """What is asked for, as a caller says it, with whose key it is where people are.

    Raises:
        InvalidInputError: there is no such section, or a project has no name.
    """
    named, found = names_of(projects), checked(sections)
    acting = not found.isdisjoint(OF_PEOPLE)
    needs = Needs(sections=found, projects=tuple(named) if named else None, acting=acting)
    return attrs.evolve(needs, **more)


def checked(sections: Collection[str] | None) -> frozenset[str]:
    """Sections that were named, exactly; all where none were.

    Raises:
        InvalidInputError: there is no such section.
    """
    if sections is None:
        return frozenset(SECTIONS)
    named = {sections} if isinstance(sections, str) else set(sections)
    for name in sorted(named - set(SECTIONS), key=str):
        raise InvalidInputError(
            f"There is no section {shown(name)}{suggest(name, SECTIONS)} The sections are"
            f" {', '.join(SECTIONS)}."
        )
    return frozenset(named)


def with_inner(sections: Collection[str]) -> frozenset[str]:
    """Sections with those within them: ``projects`` is everything of projects.

    Raises:
        InvalidInputError: there is no such section.
    """
    groups = {name.partition(".")[0] for name in SECTIONS}
    found: set[str] = set()
    for name in [sections] if isinstance(sections, str) else sections:
        found |= {s for s in SECTIONS if name in groups and s.partition(".")[0] == name} or checked(
            [name]
        )
    return frozenset(found)
