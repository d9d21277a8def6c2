"""A plan in the making: the file beside what there is, and the steps that were found so far.

Each section of the file is planned by a module of its own, in this frame: it compares what the
file has with what there is (`comparing`) and adds steps (`steps`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

import attrs

from ..._declare.arguments import shown, suggest
from ..document.model import Document, Named, Project
from ..state import State
from .guarding import Guard
from .known_people import People
from .matching import Matched, Pair, matched
from .model import From
from .needed import Needs
from .placing import Places, Where
from .standing import Standing
from .steps import Steps
from .unsaid import Unsaid

T = TypeVar("T", bound=Named)
Id = str | From
"""An id, or the step that makes what has it."""

Kind = Literal[
    "groups",
    "roles",
    "projects",
    "service_accounts",
    "certificates",
    "identity_providers",
    "rules",
    "external_keys",
]
"""What the file calls by labels; service accounts within a project, rules within a provider, and
roles both of the organization and within a project."""

NOUNS: Mapping[Kind, str] = {
    "groups": "group",
    "roles": "role",
    "projects": "project",
    "service_accounts": "service account",
    "certificates": "certificate",
    "identity_providers": "identity provider",
    "rules": "federation rule",
    "external_keys": "external key",
}


@attrs.frozen(kw_only=True)
class Place(Generic[T]):
    """A thing whose contents are planned: a project, or an identity provider with its rules.

    Attributes:
        label: its label.
        id: its id.
        wanted: as the file has it.
        there: as it is; of one that is made by the plan, every collection is empty.
        is_new: whether the plan makes it.
        section: the section that it is of.
    """

    label: str
    id: Id
    wanted: T
    there: T
    is_new: bool = False
    section: str = "projects"

    @property
    def project(self) -> str | None:
        """The label of the project that it is, if it is one."""
        return self.label if self.section == "projects" else None


InProject = Place[Project]
"""A project whose contents are planned."""


EMPTY = Project(
    members={},
    groups={},
    roles={},
    service_accounts={},
    spend_limit="none",
    spend_alerts=(),
    models="none",
    certificates=(),
    external_storage=(),
)
"""What is in a project that was just made; the API gives it its own rate limits and settings."""


class Planning(Steps):
    """One plan in the making.

    Args:
        document: the file, with the defaults laid under every project.
        state: what there is.
        projects: the labels, names or ids of the projects that are planned alone; ``None`` for all.
        where: tells where something stands in the file that was read.

    Attributes:
        wanted: the file.
        there: what there is, as the file would say it.
        state: the same with what the file does not say.
        people: who is a member and who is invited.
        standing: who holds what now.
    """

    def __init__(
        self,
        document: Document,
        state: State,
        *,
        projects: Iterable[str] | None = None,
        where: Where | None = None,
    ) -> None:
        self.standing = Standing(state)
        super().__init__(
            Guard(document, state, self.standing),
            Needs(state, self.standing),
            Places(document, where),
            Unsaid(state),
        )
        self.wanted = document
        self.state = state
        self.there = state.document
        self._only = None if projects is None else frozenset(projects)
        self._matched: dict[_Where, Matched[Any]] = {}
        self._labels: dict[_Where, dict[str, list[Pair[Any]]]] = {}
        self._made: dict[tuple[_Where, str], From] = {}
        self.people = People(document, state)

    def is_planned(self, section: str) -> bool:
        """Whether a section was read, so that it can be planned."""
        return section in self.state.sections

    def is_pruned(self, section: str) -> bool:
        """Whether what is not in the file is removed from a section."""
        return self.wanted.prunes(section)

    def is_whole(self, section: str, id: Id | None = None) -> bool:
        """Whether all of a section came: else what is not among it may be there nevertheless.

        Args:
            section: the section.
            id: the id of the project, group or provider that it is of.
        """
        return self.state.is_whole(section, id)

    def is_known(
        self,
        section: str,
        there: object,
        project: str | None = None,
        *,
        subject: str | None = None,
    ) -> bool:
        """Whether what there is of a section is known; where it is not, the plan says so.

        Args:
            section: the section, which is managed.
            there: what the state has of it: ``None`` where the API refused it.
            project: the label of the project that it is of.
            subject: the label of what it is of; by default the project, else the section.
        """
        if there is not None:
            return True
        reason = "what there is could not be read, so nothing of it is changed"
        subject = subject or project or section
        self.untouched(section, subject, "not_known", reason, project=project)
        return False

    def things(self, kind: Kind, place: Place[Any] | None = None) -> Matched[Any]:
        """The things of a kind, of the file and of what there is, matched.

        None where what there is could not be read. Those that cannot be told from others are told.

        Args:
            kind: the kind.
            place: what they are in; ``None`` for those of the organization.
        """
        key = _where(kind, place)
        if key not in self._matched:
            wanted = getattr(self.wanted if place is None else place.wanted, kind) or {}
            there = self._there(kind, place)
            if kind == "projects":
                wanted = {k: v for k, v in wanted.items() if k not in self.archived}
            section = self._section(kind, place)
            found = matched(
                NOUNS[kind],
                {} if there is None else wanted,
                there,
                is_whole=self.is_whole(section, place.id if place else None),
            )
            self._matched[key] = found
            for label, reason in found.refused.items():
                if kind != "projects" or self.is_chosen(Pair(label=label, wanted=wanted[label])):
                    self.impossible(
                        section,
                        label,
                        reason,
                        project=place.project if place else None,
                        named=wanted[label].id,
                    )
            for label in sorted(found.unclear):
                if kind != "projects" or self.is_chosen(Pair(label=label, wanted=wanted[label])):
                    self.untouched(
                        section,
                        label,
                        "not_known",
                        f"whether there is a {NOUNS[kind]} with its id could not be read",
                        project=place.project if place else None,
                    )
        return self._matched[key]

    def _there(self, kind: Kind, place: Place[Any] | None) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = getattr(
            self.there if place is None else place.there, kind
        )
        return found

    def made(
        self, kind: Kind, label: str, by: From | None, place: Place[Any] | None = None
    ) -> None:
        """Keep which step makes a thing of the file; ``None`` where none does."""
        if by is not None:
            self._made[_where(kind, place), label] = by

    def id_of(self, kind: Kind, pair: Pair[Any], place: Place[Any] | None = None) -> Id | None:
        """A thing's id; ``None`` where there is none and no step makes one, which was told."""
        if pair.there is not None and pair.there.id is not None:
            found: str = pair.there.id
            return found
        return self._made.get((_where(kind, place), pair.label))

    def reference(
        self,
        kind: Kind,
        label: str,
        *,
        section: str,
        subject: str,
        project: str | None = None,
        place: Place[Any] | None = None,
    ) -> Id | None:
        """The id of what a label of the file stands for; ``None`` where that is not possible.

        Why it is not possible is told as of the thing that refers to it.

        Args:
            kind: what is referred to.
            label: its label: in the file, else its name as it is, or its id.
            section: the section of what refers to it.
            subject: that, by label.
            project: the label of the project that that is in.
            place: what that which is referred to is in.
        """
        things = self.things(kind, place)
        if label in things.refused or (kind == "projects" and label in self.archived):
            return None
        noun = NOUNS[kind]
        found = self._by_label(kind, place).get(label, ())
        is_whole = self.is_whole(self._section(kind, place), place.id if place else None)
        if self._there(kind, place) is None or not (found or is_whole):
            reason = f"whether there is a {noun} {label} could not be read"
            self.untouched(section, subject, "not_known", reason, project=project, named=label)
            return None
        if not found:
            labels = [pair.label for pair in things.pairs]
            reason = f"There is no {noun} {shown(label)}{suggest(label, labels)}"
        elif len(found) > 1:
            reason = f"Several {noun}s are called {shown(label)}: pin one with `id:`."
        else:
            (pair,) = found
            if pair.wanted is None and self._is_removed(kind, place):
                reason = (
                    f"The {noun} {shown(label)} is removed, as it is not in the file: add it there."
                )
            else:
                id = self.id_of(kind, pair, place)
                if id is not None or not self._is_left_out(kind, place):
                    return id
                if not is_whole:
                    reason = f"whether there is a {noun} {label} could not be read"
                    self.untouched(
                        section, subject, "not_known", reason, project=project, named=label
                    )
                    return None
                reason = f"The {noun} {shown(label)} is not made, as its section was left out."
        self.impossible(section, subject, reason, project=project, named=label)
        return None

    def is_told(self, kind: Kind, id: object, place: Place[Any] | None = None) -> bool:
        """Whether all is known that the file may call a thing: it was listed with its name."""
        within = None if place is None else place.there.id
        return any(
            pair.there is not None and pair.there.id == id
            for pair in self.things(kind, place).pairs
        ) and not self.unsaid.is_unsaid(self._section(kind, place), id, "name", within=within)

    def knows(self, kind: Kind, label: str, place: Place[Any] | None = None) -> bool:
        """Whether a label or name stands for a thing of the file or one that there is."""
        things = self.things(kind, place)
        return label in {*things.refused, *things.unclear} or label in self._by_label(kind, place)

    def label_of(self, kind: Kind, label: str, place: Place[Any] | None = None) -> str:
        """The file's label of what has a label among what there is; that itself without one."""
        pair = self.things(kind, place).there.get(label)
        return label if pair is None else pair.label

    def _by_label(self, kind: Kind, place: Place[Any] | None) -> Mapping[str, Sequence[Pair[Any]]]:
        key = _where(kind, place)
        if key not in self._labels:
            things = self.things(kind, place)
            labels: dict[str, list[Pair[Any]]] = {
                pair.label: [pair] for pair in things.pairs if pair.wanted is not None
            }
            others: dict[str, list[Pair[Any]]] = {}
            ids: dict[str, list[Pair[Any]]] = {}  # of what has a name that may not be known
            for pair in things.pairs:
                if pair.wanted is None:
                    for name in {pair.label, pair.name}:
                        others.setdefault(name, []).append(pair)
                if pair.there is not None and pair.there.id is not None:
                    ids[pair.there.id] = [pair]
            self._labels[key] = {**ids, **others, **labels}
        return self._labels[key]

    def _is_removed(self, kind: Kind, place: Place[Any] | None) -> bool:
        wanted: object = self.wanted if place is None else place.wanted
        return getattr(wanted, kind) is not None and self.is_pruned(self._section(kind, place))

    def _is_left_out(self, kind: Kind, place: Place[Any] | None) -> bool:
        return not self.is_planned(self._section(kind, place))

    @staticmethod
    def _section(kind: Kind, place: Place[Any] | None) -> str:
        return kind if place is None else f"{place.section}.{kind}"

    @cached_property
    def archived(self) -> frozenset[str]:
        """The labels of those projects of the file that are archived already."""
        active = {each.name or label for label, each in (self.there.projects or {}).items()}
        names = {*self.state.archived.values()} - active
        return frozenset(
            label
            for label, each in (self.wanted.projects or {}).items()
            if (each.id in self.state.archived if each.id else (each.name or label) in names)
        )

    @cached_property
    def projects(self) -> tuple[InProject, ...]:
        """The projects of the file whose contents are planned; those that are made are made by now.

        Those that are archived, or cannot be made or told from others, are not among them.
        """
        found = []
        for pair in self.things("projects").pairs:
            if pair.wanted is None or pair.wanted.archived or not self.is_chosen(pair):
                continue
            id = self.id_of("projects", pair)
            if id is not None:
                is_new = pair.there is None
                there = EMPTY if pair.there is None else pair.there
                found.append(
                    InProject(
                        label=pair.label, id=id, wanted=pair.wanted, there=there, is_new=is_new
                    )
                )
        return tuple(found)

    def is_chosen(self, project: Pair[Project]) -> bool:
        """Whether a project is among those that are planned alone, where there are such."""
        return self._only is None or not self._only.isdisjoint(
            {
                project.label,
                project.name,
                project.wanted and project.wanted.id,
                project.there and project.there.id,
            }
        )


_Where = tuple[Kind, str | None, str | None]


def _where(kind: Kind, place: Place[Any] | None) -> _Where:
    return (kind, None, None) if place is None else (kind, place.section, place.label)
