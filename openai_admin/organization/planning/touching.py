"""What calls take from what is protected though they are about something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from ..document.model import NONE, Project
from ..state import State
from .ownership import any_of
from .standing import Standing

Touched = tuple[str, bool | None]
"""The id of something protected, and whether it loses; ``None`` where that is not known."""


@attrs.frozen(kw_only=True)
class Touching:
    """Tells what of some things loses by a call.

    What could not be found among what there is, as that is not known, has its name as its id.

    Attributes:
        people: the ids of people.
        groups: of groups.
        projects: of projects.
        accounts: of service accounts.
        state: what there is.
        standing: who holds what of it.
    """

    people: frozenset[str]
    groups: frozenset[str]
    projects: frozenset[str]
    accounts: frozenset[str]
    state: State
    standing: Standing

    def of(self, operation: str, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        """What loses by a call, or may."""
        work = _OF.get(operation)
        if work is not None:
            yield from work(self, arguments)

    def _user_gone(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        user_id = arguments["user_id"]
        for group in self.groups:
            yield group, _among(user_id, self._members_of_group(group))
        for project in self.projects:
            yield project, _among(user_id, self._members_of_project(project))

    def _group_gone(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        yield from self._group_less(arguments)
        for project in self.projects:
            yield project, _among(arguments["group_id"], self._groups_of_project(project))

    def _group_less(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        members = self._members_of_group(arguments["group_id"])
        yield from ((person, self._is_among(person, members)) for person in self.people)

    def _role_gone(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        role, project_id = arguments["role_id"], arguments.get("project_id")
        holders = self.standing.holders(role, project_id)
        unread = None if not holders.is_known else False
        for group in self.groups:
            yield group, True if group in holders.groups else unread
        for person in self.people:
            through = any_of(
                self._is_among(person, self._members_of_group(group)) for group in holders.groups
            )
            yield person, True if person in holders.people else any_of((through, unread))

    def _role_changed(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        if "permissions" in arguments:
            yield from self._role_gone(arguments)

    def _archived(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        project_id = arguments["project_id"]
        groups = self._groups_of_project(project_id)
        for group in self.groups:
            yield group, _among(group, groups)
        members = self._members_of_project(project_id)
        for person in self.people:
            through = any_of(
                self._is_among(person, self._members_of_group(g)) for g in groups or ()
            )
            unread = None if groups is None else False
            yield person, any_of((self._is_among(person, members), through, unread))
        accounts = self.standing.projects.get(project_id, Project()).service_accounts
        ids = None if accounts is None else {a.id for a in accounts.values() if a.id is not None}
        for account in self.accounts:
            yield account, _among(account, ids)

    def _key_gone(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        keys = self.state.document.external_keys or {}
        for id, project in self._protected_projects():
            key = None if project is None else project.external_key
            named = keys[key].id if key is not None and key in keys else key
            yield id, None if key is None else key != NONE and named == arguments["external_key_id"]

    def _certificate_gone(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        known = self.state.document.certificates or {}
        for id, project in self._protected_projects():
            active = None if project is None else project.certificates
            ids = None if active is None else [known[c].id if c in known else c for c in active]
            yield id, None if ids is None else arguments["certificate_id"] in ids

    def _provider_changed(self, arguments: Mapping[str, Any]) -> Iterator[Touched]:
        providers = (self.state.document.identity_providers or {}).values()
        wanted = arguments["workload_identity_provider_id"]
        rules = next((each.rules for each in providers if each.id == wanted), None)
        labels = None if rules is None else {rule.project for rule in rules.values()}
        for id in self.projects:
            called = {id, self.standing.labels.get(id, id)}
            yield id, None if labels is None else not called.isdisjoint(labels)

    def _protected_projects(self) -> Iterator[tuple[str, Project | None]]:
        yield from ((id, self.standing.projects.get(id)) for id in self.projects)

    def _is_among(self, person: str, ids: Iterable[str] | None) -> bool | None:
        """Whether a person is among some; one who was not found may be any without an address."""
        if ids is not None and "@" in person:
            labels = self.standing.labels
            return None if any("@" not in labels.get(id, id) for id in ids) else False
        return _among(person, ids)

    def _members_of_group(self, group_id: str) -> Iterable[str] | None:
        if not self.standing.is_whole_group(group_id):
            return None
        return self.standing.members_of_groups[group_id]

    def _members_of_project(self, project_id: str) -> Iterable[str] | None:
        project = self.standing.projects.get(project_id)
        if project is None or project.members is None:
            return None
        return self.standing.roles_in(project_id)[0]

    def _groups_of_project(self, project_id: str) -> Iterable[str] | None:
        project = self.standing.projects.get(project_id)
        if project is None or project.groups is None:
            return None
        if any(lack in self.state.incomplete for lack in _lacking("projects.groups", project_id)):
            return None
        return self.standing.roles_in(project_id)[1]


def _lacking(section: str, id: str) -> tuple[tuple[str, str | None], ...]:
    return ((section, None), (section, id))


def _among(id: str, ids: Iterable[str] | None) -> bool | None:
    return None if ids is None else id in ids


_OF: Mapping[str, Callable[[Touching, Mapping[str, Any]], Iterator[Touched]]] = {
    "users.delete": Touching._user_gone,
    "groups.delete": Touching._group_gone,
    "groups.roles.delete": Touching._group_less,
    "projects.groups.delete": Touching._group_less,
    "projects.groups.roles.delete": Touching._group_less,
    "roles.delete": Touching._role_gone,
    "roles.update": Touching._role_changed,
    "projects.roles.delete": Touching._role_gone,
    "projects.roles.update": Touching._role_changed,
    "projects.archive": Touching._archived,
    "external_keys.delete": Touching._key_gone,
    "certificates.delete": Touching._certificate_gone,
    "workload_identity_providers.update": Touching._provider_changed,
    "workload_identity_providers.delete": Touching._provider_changed,
}
