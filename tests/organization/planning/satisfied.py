"""Whether an organization is as a file says, looked up without the planner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openai_admin.organization.document.model import Document, Person, Project
from openai_admin.organization.state import State


def lacking(document: Document, state: State) -> list[str]:
    """What is not as the file says."""
    return list(_Reader(document, state).all())


class _Reader:
    def __init__(self, document: Document, state: State) -> None:
        self.document = document
        self.there = state.document
        self.members = {a.lower() for a, p in (self.there.people or {}).items() if p.id}
        self.managed = state.scim_people | state.scim_groups

    def all(self) -> Iterable[str]:
        for address, person in (self.document.people or {}).items():
            yield from self._person(address, person)
        for label, role in (self.document.roles or {}).items():
            found = _found(label, role, self.there.roles)
            yield from self._name(label, role, found)
            yield from self._differs(label, role.permissions, found.permissions, whole=True)
        for label, group in (self.document.groups or {}).items():
            found = _found(label, group, self.there.groups)
            if found.id not in self.managed:
                yield from self._name(label, group, found)
                yield from self._members(label, group.members, found.members)
            yield from self._roles(label, "groups.roles", group.roles, found.roles)
        for label, project in (self.document.projects or {}).items():
            yield from self._project(label, project)
        if self.document.people is not None and self._prunes("people"):
            wanted = {address.lower() for address in self.document.people}
            for address, person in (self.there.people or {}).items():
                if address.lower() not in wanted and person.id not in self.managed:
                    yield f"{address} is there"

    def _person(self, address: str, person: Person) -> Iterable[str]:
        found = _by_address(address, self.there.people)
        if found is None:
            yield f"{address} is missing"
            return
        if person.role not in (None, found.role) and found.id not in self.managed:
            yield f"{address} is {found.role}"
        if found.id is not None:
            yield from self._roles(address, "people.roles", person.roles, found.roles)

    def _project(self, label: str, project: Project) -> Iterable[str]:
        if project.archived:
            return
        found = _found(label, project, self.there.projects)
        yield from self._name(label, project, found)
        for name, role in (project.roles or {}).items():
            yield from self._differs(
                name, role.permissions, _found(name, role, found.roles).permissions, whole=True
            )
        for address, member in (project.members or {}).items():
            is_ = _by_address(address, found.members)
            if is_ is None:
                is_invited = self.document.people is not None and member.role != "viewer"
                if address.lower() in self.members or (is_invited and member.role is not None):
                    yield f"{label} lacks {address}"
                continue
            if member.role not in (None, is_.role) and address.lower() in self.members:
                yield f"{address} is {is_.role} of {label}"
            if address.lower() in self.members:
                yield from self._differs(
                    f"{address} in {label}",
                    member.roles,
                    is_.roles,
                    whole=self._prunes("projects.members"),
                )
        if project.members is not None and self._prunes("projects.members"):
            wanted = {address.lower() for address in project.members}
            for address in found.members or ():
                if address.lower() not in wanted and self._is_managed(address):
                    yield f"{label} has {address}"
        for group, given in (project.groups or {}).items():
            named = _found(group, (self.document.groups or {}).get(group), self.there.groups)
            name = next(k for k, v in (self.there.groups or {}).items() if v.id == named.id)
            held = (found.groups or {}).get(name)
            roles = () if held is None else held.roles
            whole = self._prunes("projects.groups")
            yield from self._differs(f"{group} in {label}", given.roles, roles, whole=whole)

    def _is_managed(self, address: str) -> bool:
        """Whether somebody is a member, or invited and in the file's hands."""
        people = self.document.people
        if address.lower() in self.members or people is None:
            return address.lower() in self.members
        return self._prunes("people") or address.lower() in {each.lower() for each in people}

    def _members(self, label: str, wanted: Any, there: Any) -> Iterable[str]:
        if wanted is None:
            return
        asked = {address.lower() for address in wanted} & self.members
        are = {address.lower() for address in there}
        whole = self._prunes("groups.members")
        yield from self._differs(label, asked, are, whole=whole)

    def _name(self, label: str, wanted: Any, found: Any) -> Iterable[str]:
        if (wanted.name or label) != (found.name or label):
            yield f"{label} is called {found.name}"

    def _roles(self, label: str, section: str, wanted: Any, there: Any) -> Iterable[str]:
        yield from self._differs(label, wanted, there, whole=self._prunes(section))

    def _differs(self, label: str, wanted: Any, there: Any, *, whole: bool) -> Iterable[str]:
        if wanted is not None:
            asked, are = {*map(_plain, wanted)}, {*map(_plain, there or ())}
            if not asked <= are or (whole and asked != are):
                yield f"{label}: {sorted(are)} and not {sorted(asked)}"

    def _prunes(self, section: str) -> bool:
        return bool({"all", section} & {*self.document.prune})


def _plain(name: str) -> str:
    """A role's name without what was renamed of it."""
    return name.removesuffix(" II")


def _by_address(address: str, there: Mapping[str, Any] | None) -> Any:
    return next((v for k, v in (there or {}).items() if k.lower() == address.lower()), None)


def _found(label: str, wanted: Any, there: Mapping[str, Any] | None) -> Any:
    """A thing by its pin, else by its name."""
    id, name = getattr(wanted, "id", None), getattr(wanted, "name", None) or label
    things = there or {}
    if id is not None:
        (found,) = (each for each in things.values() if each.id == id)
        return found
    found_by_name = [each for key, each in things.items() if name in (each.name, key)]
    assert found_by_name, f"there is no {name}"
    return found_by_name[0]
