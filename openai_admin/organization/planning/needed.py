"""What must be known beyond what a file manages, since a step takes something away.

Who owns something, and whose key is in use, may be touched by a step that is about something else:
what is needed to tell is said here, call by call, and read before it is planned once more. What is
needed to tell whether something that `protect` names is touched, `knowing` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ...directory.permissions import OWNER
from ..state import State
from .standing import Standing

Part = tuple[str, str | None]
"""A section; of those of projects with the id of a project, or ``None`` for all."""

_GROUPS = frozenset({("groups.members", None), ("groups.roles", None)})
_IN_PROJECTS = frozenset({("projects.groups", None)})


@attrs.frozen(kw_only=True)
class Needed:
    """What must be known.

    Attributes:
        parts: the sections.
        people: the ids of those of whom it must be known which roles they have; ``None`` for
            everybody's.
        acting: whether it must be known whose key is in use.
    """

    parts: frozenset[Part] = frozenset()
    people: frozenset[str] | None = frozenset()
    acting: bool = False

    def __or__(self, other: Needed) -> Needed:
        everybody = self.people is None or other.people is None
        return Needed(
            parts=self.parts | other.parts,
            people=None if everybody else (self.people or frozenset()) | (other.people or set()),
            acting=self.acting or other.acting,
        )


class Needs:
    """Says what must be known of calls.

    Args:
        state: what is known so far.
        standing: who holds what of it.
    """

    def __init__(self, state: State, standing: Standing) -> None:
        self._state = state
        self._standing = standing

    def of(self, operation: str, arguments: Mapping[str, Any]) -> Needed:
        """What must be known before a call may be made."""
        work = _OF.get(operation)
        return Needed() if work is None else work(self, arguments)

    def _user_gone(self, arguments: Mapping[str, Any]) -> Needed:
        user_id = arguments["user_id"]
        parts: set[Part] = {("people.roles", None), ("groups.members", None)}
        parts.add(("projects.members", None))
        if user_id in self._standing.groups_of_people:
            parts |= {("groups.roles", None), *_IN_PROJECTS}
        found = Needed(parts=frozenset(parts), people=frozenset({user_id}), acting=True)
        return found | self._of_acting()

    def _user_changed(self, arguments: Mapping[str, Any]) -> Needed:
        is_less = arguments.get("role") not in (None, OWNER)
        return Needed(acting=is_less)

    def _role_taken(self, arguments: Mapping[str, Any]) -> Needed:
        if self._standing.makes_owner(arguments["role_id"], None) is False:
            return Needed()
        return Needed(acting=True) | self._of_acting()

    def _group_left(self, arguments: Mapping[str, Any]) -> Needed:
        parts: set[Part] = {("groups.roles", None), *_IN_PROJECTS}
        return Needed(parts=frozenset(parts)) | self._by_group(arguments["group_id"])

    def _group_gone(self, arguments: Mapping[str, Any]) -> Needed:
        found = Needed(parts=_GROUPS | _IN_PROJECTS)
        return found | self._by_group(arguments["group_id"])

    def _group_role_taken(self, arguments: Mapping[str, Any]) -> Needed:
        if self._standing.makes_owner(arguments["role_id"], None) is False:
            return Needed()
        members = Needed(parts=frozenset({("groups.members", None)}), acting=True)
        return members | self._of_acting()

    def _by_group(self, group_id: str) -> Needed:
        """What is needed where a group may make owners of the organization."""
        if self._standing.owns(group_id, None) is False:
            return Needed()
        return Needed(acting=True) | self._of_acting()

    def _of_acting(self) -> Needed:
        """What is needed to tell by what the owner of the key in use may manage the rest."""
        acting = self._state.acting_user
        if acting is None or acting in self._standing.owners:
            return Needed()
        return Needed(parts=_GROUPS | {("people.roles", None)}, people=frozenset({acting}))

    def _role_gone(self, arguments: Mapping[str, Any]) -> Needed:
        if self._standing.makes_owner(arguments["role_id"], None) is False:
            return Needed()
        return Needed(parts=_GROUPS, acting=True) | self._of_acting()

    def _role_changed(self, arguments: Mapping[str, Any]) -> Needed:
        return Needed() if "permissions" not in arguments else self._role_gone(arguments)

    def _member_out(self, arguments: Mapping[str, Any]) -> Needed:
        project_id = arguments["project_id"]
        names = ("members", "groups", "service_accounts")
        parts = frozenset((f"projects.{name}", project_id) for name in names)
        return Needed(parts=parts, people=frozenset({arguments["user_id"]}))

    def _member_changed(self, arguments: Mapping[str, Any]) -> Needed:
        is_less = arguments.get("role") not in (None, OWNER)
        return self._member_out(arguments) if is_less else Needed()

    def _group_out(self, arguments: Mapping[str, Any]) -> Needed:
        return Needed(parts=frozenset({("groups.members", None)}))

    def _project_role_gone(self, arguments: Mapping[str, Any]) -> Needed:
        project_id = arguments["project_id"]
        if self._standing.makes_owner(arguments["role_id"], project_id) is False:
            return Needed()
        names = ("members", "groups")
        parts = frozenset((f"projects.{name}", project_id) for name in names)
        return Needed(parts=parts | {("groups.members", None)}, people=None)

    def _project_role_changed(self, arguments: Mapping[str, Any]) -> Needed:
        return Needed() if "permissions" not in arguments else self._project_role_gone(arguments)


_OF: Mapping[str, Any] = {
    "users.delete": Needs._user_gone,
    "users.update": Needs._user_changed,
    "users.roles.delete": Needs._role_taken,
    "groups.users.delete": Needs._group_left,
    "groups.delete": Needs._group_gone,
    "groups.roles.delete": Needs._group_role_taken,
    "roles.delete": Needs._role_gone,
    "roles.update": Needs._role_changed,
    "projects.users.delete": Needs._member_out,
    "projects.users.update": Needs._member_changed,
    "projects.groups.delete": Needs._group_out,
    "projects.groups.roles.delete": Needs._group_out,
    "projects.roles.delete": Needs._project_role_gone,
    "projects.roles.update": Needs._project_role_changed,
}
