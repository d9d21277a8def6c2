"""What of an organization is managed by a file, as digests: a plan holds only for what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from ..canonical import digest_of
from ..document.model import Document, ExternalStorage, Named, Settings, SpendAlert
from ..folding import folded
from ..sections import SECTIONS
from ..state import State
from .model import Plan

_WHOLE = frozenset({"permissions", "emails", "enabled", "models"})
"""Lists that are one value: they are set as a whole."""
_COLLECTIONS = (
    "people",
    "groups",
    "roles",
    "projects",
    "certificates",
    "identity_providers",
    "external_keys",
)

Facts = dict[str, dict[str, Any]]
"""What is known, by section and by what it is about."""


def stamped(
    plan: Plan, document: Document, state: State, *, projects: Iterable[str] | None = None
) -> Plan:
    """A plan that knows what it was made from.

    Args:
        plan: the plan.
        document: what the file says, with its defaults laid under every project.
        state: what there is.
        projects: the labels, names or ids of the projects that were planned alone.
    """
    named = None if projects is None else tuple(projects)
    sections = digests(document, state, projects=named)
    return attrs.evolve(
        plan,
        organization=state.document.organization or document.organization,
        state=digest_of(sections),
        sections=sections,
        file=digest_of(document),
        document=document,
        projects=named,
    )


def digests(
    document: Document, state: State, *, projects: Collection[str] | None = None
) -> Mapping[str, str]:
    """A digest of what is managed and is there, by section of those that were read.

    It is the same while nothing changes of what the file speaks of, whatever else does, and in
    whichever order the API lists things. In a section that is pruned, what there is besides counts
    by its id.

    Args:
        document: what the file says, with its defaults laid under every project.
        state: what there is.
        projects: the labels, names or ids of the projects that are planned alone.
    """
    facts = _managed(_alone(document, projects), state)
    lacks = {name: sorted(str(id) for s, id in state.incomplete if s == name) for name in facts}
    read = sorted(facts.keys() & state.sections)
    return {name: digest_of([facts[name], lacks[name]]) for name in read}


def managed_sections(document: Document) -> frozenset[str]:
    """The sections that a file speaks of."""
    return frozenset(_managed(document, State(document=Document())))


def _alone(document: Document, projects: Collection[str] | None) -> Document:
    """A document with some of its projects alone."""
    if projects is None or document.projects is None:
        return document
    kept = {
        label: project
        for label, project in document.projects.items()
        if not {label, project.name, project.id}.isdisjoint(projects)
    }
    return attrs.evolve(document, projects=kept)


def _managed(document: Document, state: State) -> Facts:
    facts: Facts = {}
    look = _Look(document, state, facts)
    for name in _COLLECTIONS:
        look.things(name, getattr(document, name), getattr(state.document, name), "")
    if document.settings is not None:
        look.parts("settings", document.settings, state.document.settings or Settings(), "")
    return facts


@attrs.frozen
class _Look:
    """Looks at what there is wherever the file says something.

    Attributes:
        document: what the file says.
        state: what there is.
        facts: what was found.
    """

    document: Document
    state: State
    facts: Facts

    def things(
        self,
        section: str,
        wanted: Mapping[str, Any] | None,
        there: Mapping[str, Any] | None,
        of: str,
    ) -> None:
        """Note what is there of a collection of things by label.

        Args:
            section: its section.
            wanted: what the file says; ``None`` where it is not managed.
            there: what there is; ``None`` where that is not known.
            of: the label of what it belongs to.
        """
        if wanted is None:
            return
        facts = self.facts.setdefault(section, {})
        known = _By(there or {})
        found = {label: known.like(label, thing) for label, thing in wanted.items()}
        facts[of] = None if there is None else self._collection(section, wanted, there, found)
        for label, things in found.items():
            for _, thing in things or [(label, None)]:
                inner = folded(f"{of}/{label}".lstrip("/"))
                self.parts(section, wanted[label], thing, inner)

    def _collection(
        self,
        section: str,
        wanted: Mapping[str, Any],
        there: Mapping[str, Any],
        found: Mapping[str, list[tuple[str, Any]]],
    ) -> Any:
        """What is there of a collection: what the file names, and what there is besides."""
        named = {
            folded(label): [self._own(section, wanted[label], *each) for each in things]
            + self._beside(section, label, wanted[label], things)
            for label, things in found.items()
        }
        if not self.document.prunes(section):
            return named
        taken = {label for things in found.values() for label, _ in things}
        rest = {label: thing for label, thing in there.items() if label not in taken}
        return [named, [getattr(thing, "id", None) or label for label, thing in rest.items()]]

    def parts(self, section: str, wanted: Any, there: Any, of: str) -> None:
        """Note what is there of the sections within a thing."""
        for name, value in _said(wanted):
            inner = f"{section}.{name}"
            if inner not in SECTIONS:
                continue
            found = None if there is None else getattr(there, name)
            if _has_things(value) or (isinstance(value, Mapping) and _has_things(found)):
                self.things(inner, value, {} if there is None else found, of)
            else:
                self.facts.setdefault(inner, {})[of] = self._value(inner, name, value, found)

    def _own(self, section: str, wanted: Any, label: str, there: Any) -> Any:
        """The fields of a thing that are managed and no section of their own, and which it is."""
        if not attrs.has(type(there)):
            return there
        own: dict[str, Any] = {"id": getattr(there, "id", None), "label": folded(label)}
        for name, value in _said(wanted):
            if name != "id" and f"{section}.{name}" not in SECTIONS:
                own[name] = self._value(section, name, value, getattr(there, name))
        return own

    def _beside(self, section: str, label: str, wanted: Any, found: Iterable[Any]) -> list[Any]:
        """What a state says of a thing in other places."""
        ids = {getattr(thing, "id", None) for _, thing in found}
        if section == "people":
            invites = {folded(a): id for a, id in self.state.invites.items()}
            return [invites.get(folded(label)), sorted(ids & self.state.scim_people)]
        if section == "groups":
            return [sorted(ids & self.state.scim_groups)]
        if section == "projects":
            name = wanted.name or label
            archived = self.state.archived.items()
            return [[id for id, other in archived if id == wanted.id or other == name]]
        return []

    def _value(self, section: str, name: str, wanted: Any, there: Any) -> Any:
        """What is there of one field."""
        if isinstance(wanted, Mapping) and isinstance(there, Mapping):
            return {each: there.get(each) for each in wanted}
        if attrs.has(type(wanted)) and type(there) is type(wanted):
            said = _said(wanted)
            return {n: self._value(section, n, each, getattr(there, n)) for n, each in said}
        is_set = isinstance(wanted, tuple) and isinstance(there, tuple) and name not in _WHOLE
        if not is_set:
            return there
        if self.document.prunes(section):
            return [_folded(each) for each in there]
        keys = {_key(each) for each in wanted}
        return [_folded(each) for each in there if _key(each) in keys]


class _By:
    """Things of a state, found by id and by name.

    Args:
        there: the things by label.
    """

    def __init__(self, there: Mapping[str, Any]) -> None:
        self._ids: dict[str, tuple[str, Any]] = {}
        self._names: dict[str, list[tuple[str, Any]]] = {}
        for label, thing in there.items():
            if id := getattr(thing, "id", None):
                self._ids[id] = (label, thing)
            for name in {_folded(label), _folded(getattr(thing, "name", None) or label)}:
                self._names.setdefault(name, []).append((label, thing))

    def like(self, label: str, wanted: Any) -> list[tuple[str, Any]]:
        """Those that something in the file may be, with their labels."""
        if id := getattr(wanted, "id", None):
            return [self._ids[id]] if id in self._ids else []
        name = wanted.name if isinstance(wanted, Named) and wanted.name else label
        return self._names.get(_folded(name), [])


def _said(wanted: Any) -> Iterable[tuple[str, Any]]:
    """The fields that a file says something of."""
    for attribute in attrs.fields(type(wanted)) if attrs.has(type(wanted)) else ():
        value = getattr(wanted, attribute.name)
        if value is not None:
            yield attribute.name, value


def _has_things(values: Any) -> bool:
    """Whether it is a mapping of things, and not of values."""
    return isinstance(values, Mapping) and any(attrs.has(type(each)) for each in values.values())


def _key(value: Any) -> Any:
    """What an item of a list is recognized by."""
    if isinstance(value, SpendAlert):
        return value.amount
    if isinstance(value, ExternalStorage):
        return digest_of(value.provider)
    return _folded(value)


def _folded(value: Any) -> Any:
    """Addresses are the same in whichever case."""
    return folded(value) if isinstance(value, str) and "@" in value else value
