"""What no step touches: what the file protects, and what an identity provider manages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from ..document.model import Document, Named, Project
from ..state import State
from .standing import Standing

_LEAVING = frozenset({"users.delete", "groups.users.delete", "projects.users.delete"})
"""What removes people since the file does not have them."""
_REMOVING = frozenset(
    {"users.delete", "roles.delete", "projects.roles.delete", "groups.delete", "projects.archive"}
)
_OF_ROLES = frozenset({"roles.update", "roles.delete"})
_OF_MANAGED_PEOPLE = frozenset({"users.update", "users.delete"})
_OF_MANAGED_GROUPS = frozenset(
    {"groups.update", "groups.delete", "groups.users.create", "groups.users.delete"}
)


@attrs.frozen(kw_only=True)
class Kept:
    """Why a step is not made.

    Attributes:
        kind: the same for programs.
        reason: why, in words.
    """

    kind: Literal["scim", "protected", "not_known"]
    reason: str


_SCIM = Kept(kind="scim", reason="an identity provider manages it")
_NOT_READ = Kept(
    kind="not_known",
    reason="who has it or is in it was not read, and something that `protect` names may be",
)
_UNNAMED = Kept(
    kind="not_known",
    reason="the API does not say their address, by which the file may have them: pin them with"
    " `id:` under `people`",
)
_PROTECTED = Kept(kind="protected", reason="`protect` names it")


class Guard:
    """Tells which calls would touch what is not to be touched.

    Args:
        document: the file.
        state: what there is.
        standing: who holds what of it.
    """

    def __init__(self, document: Document, state: State, standing: Standing) -> None:
        there, protect = state.document, document.protect
        self._protect = protect
        self._addresses = {address.casefold() for address in protect.people}
        self._state = state
        self._standing = standing
        self._ids: dict[str, frozenset[str]] = {
            "user_id": frozenset(
                person.id
                for label, person in (there.people or {}).items()
                if person.id
                and not self._addresses.isdisjoint({label.casefold(), person.id.casefold()})
            )
            | {id for id, email in state.addresses.items() if email.casefold() in self._addresses},
            "group_id": _named(protect.groups, there.groups, document.groups),
            "project_id": _named(protect.projects, there.projects, document.projects),
            "service_account_id": frozenset(
                id
                for label, project in (there.projects or {}).items()
                for id in _named(
                    protect.service_accounts,
                    project.service_accounts,
                    (document.projects or {}).get(label, project).service_accounts,
                )
            ),
        }
        self._roles = _named(protect.roles, there.roles, document.roles)
        self._pinned = {person.id for person in (document.people or {}).values()}

    def is_protected(self, argument: str, id: str | None) -> bool:
        """Whether something is protected.

        Args:
            argument: how operations call its id: ``user_id``, ``group_id``, ``project_id``,
                ``service_account_id`` or, of the organization, ``role_id``.
            id: its id.
        """
        return id in (self._roles if argument == "role_id" else self._ids[argument])

    def is_protected_address(self, address: str) -> bool:
        """Whether somebody with an address is protected."""
        return address.casefold() in self._addresses

    def keeps(self, operation: str, arguments: Mapping[str, Any]) -> Kept | None:
        """Why a call is not to be made; ``None`` where it may be."""
        for argument, ids in self._ids.items():
            if ids and _is_in(arguments.get(argument), ids):
                return _PROTECTED
        if operation in _OF_ROLES and _is_in(arguments.get("role_id"), self._roles):
            return _PROTECTED
        if operation in _REMOVING and (who := self._protected_by(arguments)) is not None:
            name = self._standing.labels.get(who, who)
            reason = f"{name} is protected, and would lose what it is or has by this"
            return Kept(kind="protected", reason=reason)
        if operation in _REMOVING and self._may_be_in(arguments):
            return _NOT_READ
        email = arguments.get("email")
        if isinstance(email, str) and email.casefold() in self._addresses:
            return _PROTECTED
        if operation in _LEAVING and self._is_unnamed(arguments["user_id"]):
            return _UNNAMED
        state = self._state
        if operation in _OF_MANAGED_PEOPLE and _is_in(arguments.get("user_id"), state.scim_people):
            return _SCIM
        if operation in _OF_MANAGED_GROUPS and _is_in(arguments.get("group_id"), state.scim_groups):
            return _SCIM
        return None

    def _is_unnamed(self, id: str) -> bool:
        """Whether the file may mean somebody by an address that is not known."""
        return id not in self._pinned and "@" not in self._standing.labels.get(id, id)

    def _may_be_in(self, arguments: Mapping[str, Any]) -> bool:
        """Whether something protected may lose by a removal, of what was not read."""
        there, protect = self._state.document, self._protect
        project_id = arguments.get("project_id")
        if "role_id" in arguments:
            is_known = self._standing.holders(arguments["role_id"], project_id).is_known
            return not is_known and bool(protect.people or protect.groups)
        if "group_id" in arguments:
            groups = (there.groups or {}).values()
            is_known = all(g.members is not None for g in groups if g.id == arguments["group_id"])
            return (not is_known and bool(protect.people)) or self._is_protected_unread("groups")
        if "user_id" in arguments:
            if there.groups is None and protect.groups:
                return True
            groups = (there.groups or {}).values()
            unread = {group.id for group in groups if group.members is None}
            return bool(unread & self._ids["group_id"]) or self._is_protected_unread("members")
        project = self._standing.projects.get(str(project_id)) or Project()
        return any(
            part is None and bool(named)
            for part, named in (
                (project.members, protect.people),
                (project.groups, protect.groups),
                (project.service_accounts, protect.service_accounts),
            )
        )

    def _is_protected_unread(self, part: str) -> bool:
        """Whether it is not known who or what is in a project that is protected."""
        if self._state.document.projects is None:
            return bool(self._protect.projects)
        projects = map(self._standing.projects.get, self._ids["project_id"])
        return any(project is None or getattr(project, part) is None for project in projects)

    def _protected_by(self, arguments: Mapping[str, Any]) -> str | None:
        """Something protected that would change by the removal of something else."""
        standing, project_id = self._standing, arguments.get("project_id")
        people, groups, projects = (
            self._ids[each] for each in ("user_id", "group_id", "project_id")
        )
        losing: set[str] = set()
        if "role_id" in arguments:
            holders = standing.holders(arguments["role_id"], project_id)
            losing = {*holders.people & people, *holders.groups & groups}
        elif "group_id" in arguments:
            id = arguments["group_id"]
            losing = {*standing.members_of_groups.get(id, frozenset()) & people}
            losing |= projects.intersection(standing.projects_of_groups.get(id, ()))
        elif "user_id" in arguments:
            id = arguments["user_id"]
            losing = {*standing.groups_of_people.get(id, frozenset()) & groups}
            losing |= {each for each in projects if id in standing.roles_in(each)[0]}
        elif project_id is not None and project_id in standing.projects:
            in_it, given = standing.roles_in(project_id)
            accounts = (standing.projects[project_id].service_accounts or {}).values()
            ids = {account.id for account in accounts if account.id is not None}
            losing = {*in_it.keys() & people, *given.keys() & groups}
            losing |= ids & self._ids["service_account_id"]
        return min(losing, default=None)


def _is_in(value: object, ids: frozenset[str]) -> bool:
    return isinstance(value, str) and value in ids


def _named(
    labels: tuple[str, ...],
    there: Mapping[str, Named] | None,
    wanted: Mapping[str, Named] | None,
) -> frozenset[str]:
    """The ids of what is called by some labels: those of the file, names as they are, or ids."""
    if not labels:
        return frozenset()
    called = {*labels}
    for label in labels:
        pinned = (wanted or {}).get(label)
        called |= {pinned.id or pinned.name or label} if pinned is not None else set()
    return frozenset(
        each.id
        for label, each in (there or {}).items()
        if each.id and not called.isdisjoint({label, each.name or label, each.id})
    )
