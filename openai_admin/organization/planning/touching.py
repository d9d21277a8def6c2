"""What calls change of what is protected though they are about something else.

What is protected keeps what it has and is in, and who and what has it and is in it, directly and
through groups: nothing is taken from it and nothing given to it by a call about something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from ..document.model import NONE
from ..state import State
from .knowing import Knowing
from .needed import Needed
from .protected import Meant, Protection
from .standing import Standing

_Arguments = Mapping[str, Any]
_Answers = Iterator[tuple[str, bool | None]]
"""The id of something protected, and whether it is touched; ``None`` where that is not known."""


@attrs.frozen(kw_only=True)
class Touched:
    """What a call touches.

    Attributes:
        id: the id of something protected that it touches; ``None`` where there is none.
        is_known: whether there surely is none, or one.
        needed: what must be read to know it.
    """

    id: str | None = None
    is_known: bool = True
    needed: Needed = attrs.field(factory=Needed)


class Touching:
    """Tells what of what is protected a call touches.

    Args:
        protection: what is protected.
        state: what there is.
        standing: who holds what of it.
    """

    def __init__(self, protection: Protection, state: State, standing: Standing) -> None:
        self._protection = protection
        self._state = state
        self._standing = standing

    def of(self, operation: str, arguments: _Arguments) -> Touched:
        """What a call touches, or may."""
        work = _OF.get(operation)
        if work is None:
            return Touched()
        look = _Look(
            keeps=self._protection,
            state=self._state,
            standing=self._standing,
            knows=Knowing(self._state, self._standing),
        )
        is_known = True
        for id, is_touched in work(look, arguments):
            if is_touched:
                return Touched(id=id)
            is_known = is_known and is_touched is not None
        return Touched(is_known=is_known, needed=look.knows.needed)


@attrs.frozen(kw_only=True)
class _Look:
    """A look at one call."""

    keeps: Protection
    state: State
    standing: Standing
    knows: Knowing

    def person_gone(self, arguments: _Arguments) -> _Answers:
        keeps, knows, id = self.keeps, self.knows, arguments["user_id"]
        yield from ((group, knows.is_in_group(id, group)) for group in keeps.groups.ids)
        yield from ((project, knows.has_person(project, id)) for project in keeps.projects.ids)
        for role, place in keeps.places.items():
            yield role, knows.person_holds(id, role, place)
        yield from self._open(keeps.groups, keeps.projects, keeps.roles)

    def group_gone(self, arguments: _Arguments) -> _Answers:
        yield from self.group_changed(arguments)
        yield from self.group_joined(arguments)

    def group_joined(self, arguments: _Arguments) -> _Answers:
        """Somebody joins or leaves a group; one that is made by the plan has nothing yet."""
        keeps, knows, group = self.keeps, self.knows, arguments["group_id"]
        if not isinstance(group, str):
            return
        yield from ((project, knows.has_group(project, group)) for project in keeps.projects.ids)
        for role, place in keeps.places.items():
            yield role, knows.group_holds(group, role, place)
        yield from self._open(keeps.projects, keeps.roles)

    def group_changed(self, arguments: _Arguments) -> _Answers:
        """A group may do more or less; one that is made by the plan has no protected members."""
        keeps, knows, group = self.keeps, self.knows, arguments["group_id"]
        if not isinstance(group, str):
            return
        yield from ((person, knows.is_in_group(person, group)) for person in keeps.people.ids)
        yield from self._open(keeps.people)

    def group_out(self, arguments: _Arguments) -> _Answers:
        yield from self.group_changed(arguments)
        group, project = arguments["group_id"], arguments["project_id"]
        for role in self._roles_in(project):
            yield role, self.knows.group_holds(group, role, project)
        yield from self._open_roles(project)

    def member_out(self, arguments: _Arguments) -> _Answers:
        person, project = arguments["user_id"], arguments["project_id"]
        for role in self._roles_in(project):
            yield role, self.knows.holds_directly(person, role, project)
        yield from self._open_roles(project)

    def role_gone(self, arguments: _Arguments) -> _Answers:
        keeps, knows = self.keeps, self.knows
        role, place = arguments["role_id"], arguments.get("project_id")
        for group in keeps.groups.ids:
            yield group, knows.group_holds(group, role, place)
        for person in keeps.people.ids:
            yield person, knows.person_holds(person, role, place)
        yield from self._open(keeps.groups, keeps.people)

    def role_changed(self, arguments: _Arguments) -> _Answers:
        if "permissions" in arguments:
            yield from self.role_gone(arguments)

    def archived(self, arguments: _Arguments) -> _Answers:
        keeps, knows, project = self.keeps, self.knows, arguments["project_id"]
        yield from ((group, knows.has_group(project, group)) for group in keeps.groups.ids)
        yield from ((person, knows.has_person(project, person)) for person in keeps.people.ids)
        for account in (*keeps.accounts.ids, *keeps.accounts.open):
            yield account, knows.has_account(project, account)
        yield from ((role, True) for role in self._roles_in(project))
        yield from self._open_roles(project)
        yield from self._open(keeps.groups, keeps.people)

    def invite_gone(self, arguments: _Arguments) -> _Answers:
        """An invite grants projects: who is invited counts among those who have access."""
        keeps, invite = self.keeps, arguments["invite_id"]
        if not (keeps.projects.ids or keeps.projects.open):
            return
        addresses = {each for each, id in self.state.invites.items() if id == invite}
        granted = {g.project_id for each in addresses for g in self.state.granted.get(each, ())}
        yield from ((project, project in granted) for project in keeps.projects.ids)
        if granted:
            yield from self._open(keeps.projects)
        if ("people", frozenset({invite}), "projects") in self.state.unsaid:
            yield invite, None

    def key_gone(self, arguments: _Arguments) -> _Answers:
        keys = self.state.document.external_keys or {}
        for id in self.keeps.projects.ids:
            project = self.standing.projects.get(id)
            key = None if project is None else project.external_key
            if key is None:
                self.knows.lacks(("projects", None))
            named = keys[key].id if key is not None and key in keys else key
            yield id, None if key is None else key != NONE and named == arguments["external_key_id"]
        yield from self._open(self.keeps.projects)

    def certificate_gone(self, arguments: _Arguments) -> _Answers:
        known = self.state.document.certificates or {}
        for id in self.keeps.projects.ids:
            project = self.standing.projects.get(id)
            active = None if project is None else project.certificates
            if active is None:
                self.knows.lacks(("projects.certificates", id))
            ids = None if active is None else [known[c].id if c in known else c for c in active]
            yield id, None if ids is None else arguments["certificate_id"] in ids
        yield from self._open(self.keeps.projects)

    def provider_changed(self, arguments: _Arguments) -> _Answers:
        """A provider vouches for who may act in the projects that its rules name."""
        providers = (self.state.document.identity_providers or {}).values()
        wanted = arguments["workload_identity_provider_id"]
        rules = next((each.rules for each in providers if each.id == wanted), None)
        labels = None if rules is None else {rule.project for rule in rules.values()}
        for id in self.keeps.projects.ids:
            if labels is None:
                self.knows.lacks(("identity_providers.rules", None))
            called = {id, self.standing.labels.get(id, id)}
            yield id, None if labels is None else not called.isdisjoint(labels)
        yield from self._open(self.keeps.projects)

    def _roles_in(self, project: object) -> list[str]:
        """The ids of the protected roles that are of a project."""
        return [role for role, place in self.keeps.places.items() if place == project]

    def _open_roles(self, project: object) -> _Answers:
        """The names that may stand for a role of a project, where not all of those are known."""
        there = self.standing.projects.get(str(project))
        is_read = there is not None and there.roles is not None
        if not (is_read and self.state.is_whole("projects.roles", project)):
            yield from self._open(self.keeps.roles)

    def _open(self, *kinds: Meant) -> _Answers:
        """The names of which it is not known what they stand for: it may be what is touched."""
        for kind in kinds:
            for name in kind.open:
                self.knows.lacks(*kind.parts)
                yield name, None


_OF: Mapping[str, Callable[[_Look, _Arguments], _Answers]] = {
    "users.delete": _Look.person_gone,
    "invites.delete": _Look.invite_gone,
    "groups.delete": _Look.group_gone,
    "groups.users.create": _Look.group_joined,
    "groups.users.delete": _Look.group_joined,
    "groups.roles.create": _Look.group_changed,
    "groups.roles.delete": _Look.group_changed,
    "projects.groups.create": _Look.group_changed,
    "projects.groups.delete": _Look.group_out,
    "projects.groups.roles.create": _Look.group_changed,
    "projects.groups.roles.delete": _Look.group_changed,
    "projects.users.delete": _Look.member_out,
    "roles.delete": _Look.role_gone,
    "roles.update": _Look.role_changed,
    "projects.roles.delete": _Look.role_gone,
    "projects.roles.update": _Look.role_changed,
    "projects.archive": _Look.archived,
    "external_keys.delete": _Look.key_gone,
    "certificates.delete": _Look.certificate_gone,
    "workload_identity_providers.update": _Look.provider_changed,
    "workload_identity_providers.delete": _Look.provider_changed,
}
