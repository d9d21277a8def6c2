"""A model of an organization, which does what steps say and refuses what the API refuses.

It is written from the API's documentation and holds no code of the planner: a plan that is applied
to it either makes of it what the file says, or is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs

from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
)
from openai_admin.organization.planning.model import From, Step
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.organization.planning.frame import granted_in

T = TypeVar("T")
ORGANIZATION_ROLES = {
    "owner": "role-api-organization-owner",
    "reader": "role-api-organization-reader",
}
PROJECT_ROLES = {name: f"role-api-project-{name}" for name in ("owner", "member", "viewer")}


class RefusedError(Exception):
    """The API would not do it."""


@attrs.define
class Joined:
    role: str
    roles: set[str] = attrs.field(factory=set)


@attrs.define
class User:
    email: str
    role: str
    roles: set[str] = attrs.field(factory=set)


@attrs.define
class Team:
    name: str
    members: set[str] = attrs.field(factory=set)
    roles: set[str] = attrs.field(factory=set)


@attrs.define
class Defined:
    name: str
    permissions: tuple[str, ...]
    description: str | None = None


@attrs.define
class Place:
    name: str
    residency: str = "GLOBAL"
    is_archived: bool = False
    members: dict[str, Joined] = attrs.field(factory=dict)
    groups: dict[str, set[str]] = attrs.field(factory=dict)
    roles: dict[str, Defined] = attrs.field(factory=dict)


@attrs.define
class Sent:
    email: str
    role: str
    projects: dict[str, str] = attrs.field(factory=dict)


@attrs.define
class World:
    users: dict[str, User] = attrs.field(factory=dict)
    invites: dict[str, Sent] = attrs.field(factory=dict)
    groups: dict[str, Team] = attrs.field(factory=dict)
    roles: dict[str, Defined] = attrs.field(factory=dict)
    projects: dict[str, Place] = attrs.field(factory=dict)
    managed_people: set[str] = attrs.field(factory=set)
    managed_groups: set[str] = attrs.field(factory=set)
    acting: str | None = None
    made: dict[str, str] = attrs.field(factory=dict)
    counts: Counter[str] = attrs.field(factory=Counter)

    def new_id(self, kind: str) -> str:
        self.counts[kind] += 1
        return f"{kind}_new{self.counts[kind]}"

    # What the API would say of it

    def state(self) -> State:
        """As it would be observed."""
        people = {user.email: self._person(id, user) for id, user in self.users.items()}
        people |= {sent.email: Person(role=sent.role) for sent in self.invites.values()}
        active = {id: p for id, p in self.projects.items() if not p.is_archived}
        group_labels = _labels(self.groups)
        role_labels = _labels(self.roles)
        document = Document(
            people=people,
            groups={
                group_labels[id]: Group(
                    id=id,
                    name=team.name,
                    members=tuple(sorted(self.users[each].email for each in team.members)),
                    roles=_names(team.roles, role_labels, ORGANIZATION_ROLES),
                )
                for id, team in self.groups.items()
            },
            roles={label: _role(id, self.roles[id]) for id, label in role_labels.items()},
            projects={
                label: self._project(id, active[id], group_labels)
                for id, label in _labels(active).items()
            },
        )
        role_ids: dict[tuple[str | None, str], str] = {
            **{(None, name): id for name, id in ORGANIZATION_ROLES.items()},
            **{(None, role.name): id for id, role in self.roles.items()},
        }
        for project_id, place in active.items():
            role_ids |= {(project_id, name): id for name, id in PROJECT_ROLES.items()}
            role_ids |= {(project_id, role.name): id for id, role in place.roles.items()}
        archived = {id: place for id, place in self.projects.items() if place.is_archived}
        return State(
            document=document,
            sections=frozenset(SECTIONS),
            read_into=frozenset(active),
            invites={sent.email.lower(): id for id, sent in self.invites.items()},
            granted=granted_in(document),
            addresses={id: user.email for id, user in self.users.items()},
            archived={id: place.name for id, place in archived.items()},
            scim_people=frozenset(self.managed_people & self.users.keys()),
            scim_groups=frozenset(self.managed_groups & self.groups.keys()),
            role_ids=role_ids,
            acting_user=self.acting,
        )

    def _person(self, id: str, user: User) -> Person:
        roles = _names(user.roles, _labels(self.roles), ORGANIZATION_ROLES)
        return Person(id=id, role=user.role, roles=roles)

    def _project(self, id: str, place: Place, group_labels: Mapping[str, str]) -> Project:
        labels = _labels(place.roles)
        members = {
            self.users[user_id].email: Member(
                role=joined.role, roles=_names(joined.roles, labels, PROJECT_ROLES)
            )
            for user_id, joined in place.members.items()
        }
        for sent in self.invites.values():
            if id in sent.projects:
                members[sent.email] = Member(role=sent.projects[id])
        return Project(
            id=id,
            name=place.name,
            residency=place.residency,
            members=members,
            groups={
                group_labels[group_id]: ProjectGroup(roles=_names(roles, labels, PROJECT_ROLES))
                for group_id, roles in place.groups.items()
            },
            roles={label: _role(id, place.roles[id]) for id, label in labels.items()},
        )

    # What the API does

    def apply(self, step: Step) -> None:
        """Do what a step says.

        Raises:
            RefusedError: the API would refuse it, or it changes nothing.
        """
        arguments = self._resolved(step.arguments)
        getattr(self, f"_{step.operation.replace('.', '_')}")(step.id, **arguments)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, From):
            return self.made[value.step]
        if isinstance(value, Mapping):
            return {name: self._resolved(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._resolved(each) for each in value]
        return value

    def _keep_an_owner(self, user_id: str) -> None:
        _check(
            any(u.role == "owner" for id, u in self.users.items() if id != user_id), "last owner"
        )

    def _users_update(self, _: str, user_id: str, role: str) -> None:
        user = _there(self.users, user_id)
        _check(user.role != role, "changes nothing")
        if user.role == "owner":
            self._keep_an_owner(user_id)
        user.role = role

    def _users_delete(self, _: str, user_id: str) -> None:
        user = _there(self.users, user_id)
        _check(user_id not in self.managed_people, "managed")
        if user.role == "owner":
            self._keep_an_owner(user_id)
        del self.users[user_id]
        for team in self.groups.values():
            team.members.discard(user_id)
        for place in self.projects.values():
            place.members.pop(user_id, None)

    def _invites_create(
        self, _: str, email: str, role: str, projects: Iterable[Mapping[str, str]]
    ) -> None:
        taken = [user.email for user in self.users.values()]
        taken += [sent.email for sent in self.invites.values()]
        _check(email.lower() not in map(str.lower, taken), "is there")
        granted = {each["id"]: each["role"] for each in projects}
        for id, given in granted.items():
            _check(not _there(self.projects, id).is_archived, "archived")
            _check(given in ("member", "owner"), "no role of invites")
        self.invites[self.new_id("invite")] = Sent(email=email, role=role, projects=granted)

    def _invites_delete(self, _: str, invite_id: str) -> None:
        _there(self.invites, invite_id)
        del self.invites[invite_id]

    def accept(self, invite_id: str) -> None:
        """Let somebody accept an invite."""
        sent = self.invites.pop(invite_id)
        id = self.new_id("user")
        self.users[id] = User(email=sent.email, role=sent.role)
        for project_id, role in sent.projects.items():
            if not self.projects[project_id].is_archived:
                self.projects[project_id].members[id] = Joined(role=role)

    def _users_roles_create(self, _: str, user_id: str, role_id: str) -> None:
        _give(_there(self.users, user_id).roles, role_id, {*self.roles})

    def _users_roles_delete(self, _: str, user_id: str, role_id: str) -> None:
        _take(_there(self.users, user_id).roles, role_id)

    def _groups_create(self, step: str, name: str) -> None:
        self.made[step] = self.new_id("group")
        self.groups[self.made[step]] = Team(name=name)

    def _own_group(self, group_id: str) -> Team:
        _check(group_id not in self.managed_groups, "managed")
        return _there(self.groups, group_id)

    def _groups_update(self, _: str, group_id: str, name: str) -> None:
        team = self._own_group(group_id)
        _check(team.name != name, "changes nothing")
        team.name = name

    def _groups_delete(self, _: str, group_id: str) -> None:
        self._own_group(group_id)
        del self.groups[group_id]
        for place in self.projects.values():
            place.groups.pop(group_id, None)

    def _groups_users_create(self, _: str, group_id: str, user_id: str) -> None:
        _give(self._own_group(group_id).members, user_id, {*self.users})

    def _groups_users_delete(self, _: str, group_id: str, user_id: str) -> None:
        _take(self._own_group(group_id).members, user_id)

    def _groups_roles_create(self, _: str, group_id: str, role_id: str) -> None:
        known = {*self.roles, *ORGANIZATION_ROLES.values()}
        _give(_there(self.groups, group_id).roles, role_id, known)

    def _groups_roles_delete(self, _: str, group_id: str, role_id: str) -> None:
        _take(_there(self.groups, group_id).roles, role_id)

    def _roles_create(self, step: str, **role: Any) -> None:
        self.made[step] = self.new_id("role")
        self.roles[self.made[step]] = _defined(self.roles, ORGANIZATION_ROLES, **role)

    def _roles_update(self, _: str, role_id: str, **changes: Any) -> None:
        _change(self.roles, role_id, **changes)

    def _roles_delete(self, _: str, role_id: str) -> None:
        _there(self.roles, role_id)
        del self.roles[role_id]
        for user in self.users.values():
            user.roles.discard(role_id)
        for team in self.groups.values():
            team.roles.discard(role_id)

    def _projects_create(self, step: str, name: str, residency: str = "GLOBAL") -> None:
        self.made[step] = self.new_id("proj")
        self.projects[self.made[step]] = Place(name=name, residency=residency)

    def _active(self, project_id: str) -> Place:
        place = _there(self.projects, project_id)
        _check(not place.is_archived, "archived")
        return place

    def _projects_update(self, _: str, project_id: str, name: str) -> None:
        place = self._active(project_id)
        _check(place.name != name, "changes nothing")
        place.name = name

    def _projects_archive(self, _: str, project_id: str) -> None:
        self._active(project_id).is_archived = True

    def _projects_users_create(self, _: str, project_id: str, user_id: str, role: str) -> None:
        place = self._active(project_id)
        _there(self.users, user_id)
        _check(user_id not in place.members, "is there")
        place.members[user_id] = Joined(role=role)

    def _projects_users_update(self, _: str, project_id: str, user_id: str, role: str) -> None:
        joined = _there(self._active(project_id).members, user_id)
        _check(joined.role != role, "changes nothing")
        joined.role = role

    def _projects_users_delete(self, _: str, project_id: str, user_id: str) -> None:
        place = self._active(project_id)
        _there(place.members, user_id)
        del place.members[user_id]

    def _projects_users_roles_create(
        self, _: str, project_id: str, user_id: str, role_id: str
    ) -> None:
        place = self._active(project_id)
        _give(_there(place.members, user_id).roles, role_id, {*place.roles})

    def _projects_users_roles_delete(
        self, _: str, project_id: str, user_id: str, role_id: str
    ) -> None:
        _take(_there(self._active(project_id).members, user_id).roles, role_id)

    def _projects_groups_create(self, _: str, project_id: str, group_id: str, role: str) -> None:
        place = self._active(project_id)
        _there(self.groups, group_id)
        _check(group_id not in place.groups, "is there")
        _check(role in {*place.roles, *PROJECT_ROLES.values()}, "no such role")
        place.groups[group_id] = {role}

    def _projects_groups_delete(self, _: str, project_id: str, group_id: str) -> None:
        place = self._active(project_id)
        _there(place.groups, group_id)
        del place.groups[group_id]

    def _projects_groups_roles_create(
        self, _: str, project_id: str, group_id: str, role_id: str
    ) -> None:
        place = self._active(project_id)
        known = {*place.roles, *PROJECT_ROLES.values()}
        _give(_there(place.groups, group_id), role_id, known)

    def _projects_groups_roles_delete(
        self, _: str, project_id: str, group_id: str, role_id: str
    ) -> None:
        _take(_there(self._active(project_id).groups, group_id), role_id)

    def _projects_roles_create(self, step: str, project_id: str, **role: Any) -> None:
        place = self._active(project_id)
        self.made[step] = self.new_id("role")
        place.roles[self.made[step]] = _defined(place.roles, PROJECT_ROLES, **role)

    def _projects_roles_update(self, _: str, project_id: str, role_id: str, **changes: Any) -> None:
        _change(self._active(project_id).roles, role_id, **changes)

    def _projects_roles_delete(self, _: str, project_id: str, role_id: str) -> None:
        place = self._active(project_id)
        _there(place.roles, role_id)
        del place.roles[role_id]
        for joined in place.members.values():
            joined.roles.discard(role_id)
        for roles in place.groups.values():
            roles.discard(role_id)


def _check(holds: bool, why: str) -> None:
    if not holds:
        raise RefusedError(why)


def _there(things: Mapping[str, T], id: str) -> T:
    _check(id in things, f"there is no {id}")
    return things[id]


def _give(given: set[str], id: str, known: set[str]) -> None:
    _check(id in known, f"there is no {id}")
    _check(id not in given, "has it")
    given.add(id)


def _take(given: set[str], id: str) -> None:
    _check(id in given, "does not have it")
    given.remove(id)


def _free(roles: Mapping[str, Defined], name: str) -> None:
    _check(name not in {role.name for role in roles.values()}, f"there is a role {name}")


def _defined(
    roles: Mapping[str, Defined],
    predefined: Mapping[str, str],
    role_name: str,
    permissions: Iterable[str],
    description: str | None = None,
) -> Defined:
    _free(roles, role_name)
    _check(role_name not in predefined, "predefined")
    return Defined(name=role_name, permissions=tuple(permissions), description=description)


def _change(roles: Mapping[str, Defined], role_id: str, **changes: Any) -> None:
    role = _there(roles, role_id)
    if "role_name" in changes:
        _free(roles, changes["role_name"])
        role.name = changes["role_name"]
    if "permissions" in changes:
        _check({*role.permissions} != {*changes["permissions"]}, "changes nothing")
        role.permissions = tuple(changes["permissions"])
    if "description" in changes:
        role.description = changes["description"]


def _labels(things: Mapping[str, Any]) -> dict[str, str]:
    counts = Counter(each.name for each in things.values())
    return {
        id: each.name if counts[each.name] == 1 else f"{each.name} ({id})"
        for id, each in things.items()
    }


def _names(
    ids: Iterable[str], labels: Mapping[str, str], predefined: Mapping[str, str]
) -> tuple[str, ...]:
    own = {id: name for name, id in predefined.items()}
    return tuple(sorted(labels.get(id) or own[id] for id in ids))


def _role(id: str, role: Defined) -> Role:
    return Role(id=id, name=role.name, permissions=role.permissions, description=role.description)
