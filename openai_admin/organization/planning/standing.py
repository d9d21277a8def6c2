"""Who has which power now: owners, roles, groups, by ids, as far as it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from ...directory.permissions import OWNER
from ..document.model import Group, Member, Named, Person, Project, RateLimit
from ..state import State
from .ownership import Owning, is_owner
from .role_names import RoleNames


@attrs.frozen(kw_only=True)
class Holders:
    """Who has a role.

    Attributes:
        people: the user ids of those who were assigned it.
        groups: the ids of the groups that were.
        is_known: whether there are surely no others.
    """

    people: frozenset[str]
    groups: frozenset[str]
    is_known: bool


_Roles = Mapping[str, frozenset[str]]


class Standing:
    """Who holds what, read off the state.

    Args:
        state: what there is.

    Attributes:
        role_names: what roles are called.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._there = state.document
        self._owning = Owning(state)
        self.role_names = RoleNames(state)
        self._roles_in: dict[str, tuple[_Roles, _Roles]] = {}

    @cached_property
    def user_ids(self) -> Mapping[str, str]:
        """The ids of members by the labels that the state has."""
        people = self._there.people or {}
        found = {address: id for id, address in self._state.addresses.items()}
        return found | {label: p.id for label, p in people.items() if p.id is not None}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What the state calls people, groups, roles, projects and service accounts, by id.

        Of roles, it has those of the organization.
        """
        there = self._there
        found = {id: label for label, id in self.user_ids.items()}
        accounts = [project.service_accounts for project in self.projects.values()]
        kinds: list[Mapping[str, Named] | None] = [there.groups, there.roles, there.projects]
        for kind in (*kinds, *accounts):
            found |= {each.id: label for label, each in (kind or {}).items() if each.id is not None}
        return found

    @cached_property
    def owners(self) -> frozenset[str]:
        """The ids of the members who are owners by their own role."""
        people = (self._there.people or {}).values()
        return frozenset(p.id for p in people if p.id is not None and p.role == OWNER)

    @cached_property
    def projects(self) -> Mapping[str, Project]:
        """The projects that there are, by id."""
        return {p.id: p for p in (self._there.projects or {}).values() if p.id is not None}

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """The groups that there are, by id."""
        return {g.id: g for g in (self._there.groups or {}).values() if g.id is not None}

    @cached_property
    def members_of(self) -> Mapping[str, Mapping[str, Member] | None]:
        """The members of each project by user id; ``None`` where they are not known."""
        return {
            id: None
            if project.members is None
            else {self.user_ids.get(label, label): m for label, m in project.members.items()}
            for id, project in self.projects.items()
        }

    @cached_property
    def roles_of_people(self) -> Mapping[str, frozenset[str]]:
        """The ids of the organization's roles that are assigned to each member, by user id."""
        people = (self._there.people or {}).values()
        return {p.id: self.role_names.ids(p.roles or (), None) for p in people if p.id is not None}

    @cached_property
    def roles_of_groups(self) -> Mapping[str, frozenset[str]]:
        """Likewise of each group, by its id."""
        groups = (self._there.groups or {}).values()
        return {g.id: self.role_names.ids(g.roles or (), None) for g in groups if g.id is not None}

    @cached_property
    def unread_groups(self) -> frozenset[str]:
        """The ids of the groups whose roles were not read."""
        groups = (self._there.groups or {}).values()
        return frozenset(g.id for g in groups if g.id is not None and g.roles is None)

    @cached_property
    def members_of_groups(self) -> Mapping[str, frozenset[str]]:
        """The user ids of the members of each group, by its id."""
        return {
            group.id: frozenset(self.user_ids.get(label, label) for label in group.members or ())
            for group in (self._there.groups or {}).values()
            if group.id is not None
        }

    @cached_property
    def groups_of_people(self) -> Mapping[str, frozenset[str]]:
        """The ids of the groups that each is in, by user id."""
        found: dict[str, set[str]] = {}
        for group_id, members in self.members_of_groups.items():
            for user_id in members:
                found.setdefault(user_id, set()).add(group_id)
        return {user_id: frozenset(groups) for user_id, groups in found.items()}

    def sources(self, user_id: str) -> frozenset[str]:
        """The ids of roles and groups by which somebody surely owns the organization indirectly.

        A role of which it is not known what it permits is none of them.
        """
        roles = self.roles_of_people.get(user_id, frozenset())
        groups = self.groups_of_people.get(user_id, frozenset())
        return frozenset(
            {role for role in roles if self.makes_owner(role, None)}
            | {group for group in groups if self.owns(group, None)}
        )

    @cached_property
    def project_owners(self) -> Mapping[str, tuple[str, ...]]:
        """The user ids of those who own each project by membership, by its id."""
        return {
            project_id: tuple(
                self.user_ids[address]
                for address, member in (project.members or {}).items()
                if member.role == OWNER and address in self.user_ids
            )
            for project_id, project in self.projects.items()
        }

    @cached_property
    def owned_by(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the projects that each owns by membership, by user id."""
        found: dict[str, tuple[str, ...]] = {}
        for project_id, owners in self.project_owners.items():
            for id in owners:
                found[id] = (*found.get(id, ()), project_id)
        return found

    # What follows is ``None`` where it is not known

    def makes_owner(self, role_id: str, project_id: str | None) -> bool | None:
        """Whether a role makes owners of the organization, or of its project."""
        return self._owning.role(role_id, project_id)

    def is_member_owner(self, user_id: str, project_id: str | None) -> bool | None:
        """Whether somebody is an owner of the organization, or a project, by membership."""
        of_project = project_id is not None
        if project_id is None:
            if self._there.people is None:
                return None
            person = self._people.get(user_id)
            return person is not None and is_owner(person.role, of_project=of_project)
        members = self.members_of.get(project_id)
        if members is None or not self._state.is_whole("projects.members", project_id):
            return None
        return user_id in members and is_owner(members[user_id].role, of_project=of_project)

    def owns_by_role(self, user_id: str, project_id: str | None) -> bool | None:
        """Whether a role that was given to somebody makes them an owner."""
        return self._owning.roles(self.given(user_id, project_id), project_id)

    def given(self, user_id: str, project_id: str | None) -> frozenset[str] | None:
        """The ids of roles that were given to somebody, of the organization or of a project."""
        holder: Person | Member | None
        if project_id is None:
            holder = self._people.get(user_id)
        else:
            holder = (self.members_of.get(project_id) or {}).get(user_id)
        if holder is None or holder.roles is None:
            return None
        return self.role_names.ids(holder.roles, project_id)

    def accounts_in(self, project_id: str) -> frozenset[str] | None:
        """The ids of the service accounts of a project."""
        project = self.projects.get(project_id)
        if project is None or project.service_accounts is None:
            return None
        return frozenset(a.id for a in project.service_accounts.values() if a.id is not None)

    def owns(self, group_id: str, project_id: str | None) -> bool | None:
        """Whether a group makes its members owners of the organization, or a project."""
        if project_id is None:
            group = self.groups.get(group_id)
            if group is None or group.roles is None:
                return None
            return self._owning.roles(self.role_names.ids(group.roles, None), None)
        project = self.projects.get(project_id)
        if project is None or project.groups is None:
            return None
        given = self.roles_in(project_id)[1].get(group_id)
        if given is None:
            return False if self._state.is_whole("projects.groups", project_id) else None
        return self._owning.roles(given, project_id)

    def groups_with(self, user_id: str) -> Mapping[str | None, bool | None]:
        """The groups that somebody is in, or may be; ``None`` for those that are not known."""
        found: dict[str | None, bool | None] = dict.fromkeys(self._unread_members)
        if self._there.groups is None:
            found[None] = None
        return found | dict.fromkeys(self.groups_of_people.get(user_id, ()), True)

    def is_whole_group(self, group_id: str) -> bool:
        """Whether all members of a group are known."""
        return group_id in self.groups and group_id not in self._unread_members

    def owners_beside(self, project_id: str) -> Iterator[tuple[str | None, str]]:
        """Who or what owns a project otherwise than by a person's membership, as far as is known.

        People by their ids with the group or `losses.ROLES` by which they do; service accounts,
        and groups whose members are not all known, by ``None`` and what they are called.
        """
        project = self.projects[project_id]
        for group in self.roles_in(project_id)[1]:
            if self.owns(group, project_id):
                yield from ((id, group) for id in self.members_of_groups.get(group, ()))
                if not self.is_whole_group(group):
                    yield None, group
        for user_id in self.members_of[project_id] or ():
            if self.owns_by_role(user_id, project_id):
                yield user_id, "roles"
        for label, account in (project.service_accounts or {}).items():
            if account.role == OWNER:
                yield None, label

    def projects_with(self, user_id: str) -> Iterator[str | None]:
        """The ids of the projects that somebody is in; ``None`` where they may be in others."""
        yield from self._projects_of_people.get(user_id, ())
        if self._there.projects is None or None in self.members_of.values():
            yield None

    def projects_with_group(self, group_id: str) -> Iterator[str | None]:
        """The ids of the projects that a group has roles in; ``None`` where it may in others."""
        yield from self.projects_of_groups.get(group_id, ())
        if self._there.projects is None or any(
            project.groups is None or not self._state.is_whole("projects.groups", id)
            for id, project in self.projects.items()
        ):
            yield None

    @cached_property
    def _unread_members(self) -> tuple[str, ...]:
        return tuple(
            id
            for id, group in self.groups.items()
            if group.members is None or not self._state.is_whole("groups.members", id)
        )

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        return {p.id: p for p in (self._there.people or {}).values() if p.id is not None}

    @cached_property
    def _projects_of_people(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for project_id, members in self.members_of.items():
            for user_id in members or ():
                found.setdefault(user_id, []).append(project_id)
        return {user_id: tuple(projects) for user_id, projects in found.items()}

    # What is known

    def owned_alone(self, id: str) -> list[str]:
        """What the state calls the projects that somebody alone owns by membership."""
        return [
            self.labels[project_id]
            for project_id in self.owned_by.get(id, ())
            if len(self.project_owners[project_id]) == 1
        ]

    @cached_property
    def projects_of_groups(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the projects in which each group has roles, by its id."""
        groups = self._there.groups or {}
        found: dict[str, tuple[str, ...]] = {}
        for project_id, project in self.projects.items():
            for label in project.groups or ():
                id = groups[label].id if label in groups else None
                if id is not None:
                    found[id] = (*found.get(id, ()), project_id)
        return found

    @cached_property
    def shared_limits(self) -> Mapping[str, RateLimit]:
        """The limits of models that every project which has them calls by the same id."""
        found: dict[str, RateLimit] = {}
        differ: set[str] = set()
        for project in self.projects.values():
            for model, limit in (project.rate_limits or {}).items():
                if found.setdefault(model, limit).id != limit.id:
                    differ.add(model)
        return {model: limit for model, limit in found.items() if model not in differ}

    def holders(self, role_id: str, project_id: str | None) -> Holders:
        """Who was assigned a role of the organization, or of a project."""
        if project_id is None:
            people, groups = self.roles_of_people, self.roles_of_groups
            parts = (self._there.people, self._there.groups)
            is_known = all(
                part is not None and all(each.roles is not None for each in part.values())
                for part in parts
            )
            is_known = is_known and self._state.is_whole("groups")
        else:
            project = self.projects[project_id]
            people, groups = self.roles_in(project_id)
            is_known = None not in (project.members, project.groups)
            is_known = is_known and all(
                m.roles is not None for m in (project.members or {}).values()
            )
            for section in ("projects.members", "projects.groups"):
                is_known = is_known and self._state.is_whole(section, project_id)
        return Holders(
            people=frozenset(id for id, roles in people.items() if role_id in roles),
            groups=frozenset(id for id, roles in groups.items() if role_id in roles),
            is_known=is_known,
        )

    def roles_in(self, project_id: str) -> tuple[_Roles, _Roles]:
        """The ids of a project's roles that are assigned, by user id and by the group's."""
        if project_id not in self._roles_in:
            project, groups = self.projects[project_id], self._there.groups or {}
            role_ids = self.role_names.ids
            ids = {label: each.id or label for label, each in groups.items()}
            self._roles_in[project_id] = (
                {
                    self.user_ids.get(label, label): role_ids(each.roles or (), project_id)
                    for label, each in (project.members or {}).items()
                },
                {
                    ids.get(label, label): role_ids(each.roles, project_id)
                    for label, each in (project.groups or {}).items()
                },
            )
        return self._roles_in[project_id]
