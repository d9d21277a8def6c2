"""What no step touches: what the file protects, and what an identity provider manages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from ..document.model import Document, Named
from ..state import State
from .standing import Standing
from .touching import Touching

_LEAVING = frozenset({"users.delete", "groups.users.delete", "projects.users.delete"})
"""What removes people since the file does not have them."""
_OF_ROLES = frozenset(
    {
        "roles.update",
        "roles.delete",
        "users.roles.create",
        "users.roles.delete",
        "groups.roles.create",
        "groups.roles.delete",
    }
)
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
        self._touching = Touching(
            people=self._ids["user_id"] | self._not_found(),
            groups=self._ids["group_id"] | _unread(protect.groups, there.groups),
            projects=self._ids["project_id"] | _unread(protect.projects, there.projects),
            accounts=self._ids["service_account_id"]
            | _unread(protect.service_accounts, None if _are_unread(there) else {}),
            state=state,
            standing=standing,
        )
        self._pinned = {person.id for person in (document.people or {}).values()}

    def _not_found(self) -> frozenset[str]:
        """The addresses that are protected and may be those of somebody without one."""
        if self._state.document.people is not None and ("people", None) not in (
            self._state.incomplete
        ):
            return frozenset()
        found = (self._standing.labels.get(id, id).casefold() for id in self._ids["user_id"])
        return frozenset(self._addresses.difference(found))

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
        touched = dict(self._touching.of(operation, arguments))
        losing = [id for id, loses in touched.items() if loses]
        if losing:
            who = min(losing)
            name = self._standing.labels.get(who, who)
            reason = f"{name} is protected, and would lose what it is or has by this"
            return Kept(kind="protected", reason=reason)
        if None in touched.values():
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


def _is_in(value: object, ids: frozenset[str]) -> bool:
    return isinstance(value, str) and value in ids


def _unread(labels: tuple[str, ...], there: Mapping[str, Named] | None) -> frozenset[str]:
    """Labels as they stand in the place of ids, where what they stand for is not known."""
    return frozenset(labels if there is None else ())


def _are_unread(there: Document) -> bool:
    """Whether it is not known of all projects which service accounts they have."""
    projects = there.projects
    return projects is None or any(each.service_accounts is None for each in projects.values())


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
