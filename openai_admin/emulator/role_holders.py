"""Who has which roles.

Each member of the organization has the role `reader`, and owners `owner` as well; each member of
a project `member`, or `viewer` alone, and owners `owner` as well. These predefined roles are the
`role` of the membership itself, so that the two ways to change it agree. All other roles are kept
as given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from .listing import after_next, page
from .replies import bad_request, not_found
from .roles import ROLES_LIMIT, Scope, predefined_id
from .routing import Call
from .store import Store
from .table import Record, Table, public


def keep_an_owner(store: Store, user_id: str) -> None:
    """Refuse with the API's 400 that the organization's last owner goes."""
    others = store.users.first(lambda user: user["id"] != user_id, having={"role": {"owner"}})
    if others is None:
        raise bad_request(
            "The last owner of an organization can be neither removed nor demoted.",
            code="last_owner",
        )


@attrs.frozen
class RoleHolder:
    """A user or a group, as it has roles in a scope."""

    scope: Scope
    kind: Literal["user", "group"]
    id: str
    member: Record | None
    """The membership whose `role` stands for predefined roles; None for a group."""

    @classmethod
    def group(cls, scope: Scope, group_id: str) -> RoleHolder:
        """A group of the organization; for a project one with access to it, or the API's 404."""
        store, project = scope.store, scope.project
        store.groups.get(group_id)
        if project is not None and group_id not in store.project_groups[project["id"]]:
            raise not_found("group", group_id)
        return cls(scope, "group", group_id, None)

    @classmethod
    def user(cls, scope: Scope, user_id: str, *, also_through_groups: bool = False) -> RoleHolder:
        """A user of the organization or of the project, or the API's 404.

        If wanted, it may also be somebody who is in a project through a group alone.
        """
        store, project = scope.store, scope.project
        user = store.users.get(user_id)
        if project is None:
            return cls(scope, "user", user_id, user)
        holder = cls(scope, "user", user_id, store.project_users[project["id"]].find(user_id))
        if holder.member is None and not (also_through_groups and any(holder.groups())):
            raise not_found("user", user_id)
        return holder

    @property
    def given(self) -> Table:
        """The roles that were given to it directly, without those of its membership."""
        scope = self.scope
        return scope.user_table(self.id) if self.kind == "user" else scope.group_table(self.id)

    def groups(self) -> Iterator[str]:
        """The ids of the groups whose roles it has too."""
        store, project = self.scope.store, self.scope.project
        if self.kind == "user":
            groups = store.groups if project is None else store.project_groups[project["id"]]
            for group in groups.some(store.group_users.scopes_of(self.id)):
                yield group["id"]

    def sources(self) -> dict[str, list[str]]:
        """All roles that it has by id, each with the groups that it has it from."""
        found: dict[str, list[str]] = {role_id: [] for role_id in self._of_membership()}
        found.update((role["id"], []) for role in self.given)
        for group_id in self.groups():
            for role in self.scope.group_table(group_id):
                found.setdefault(role["id"], []).append(group_id)
        return found

    def give(self, call: Call, role_id: str) -> Record:
        """Give it a role and return the role; one that it has directly is unchanged."""
        role = self.scope.roles.get(role_id)
        if role_id in self.given or role_id in self._of_membership():
            return role
        # What a viewer may, a member may already: the role comes beside the membership's own.
        if self.member is not None and role["predefined_role"] and role["name"] != "viewer":
            self._set_membership(role["name"])
        else:
            self.given.add({"id": role_id})
        self._audit(call, "role.assignment.created", role_id)
        return role

    def take(self, call: Call, role_id: str) -> Record:
        """Take from it a role that it was given directly, and return the API's answer."""
        role = self.scope.roles.get(role_id)
        if role_id in self.given:
            self.given.remove(role_id)
        elif role_id not in self._of_membership():
            raise not_found(f"role of {self.kind} '{self.id}'", role_id)
        elif role["name"] != "owner":
            raise bad_request(
                f"The role '{role['name']}' comes with membership and cannot be taken away."
            )
        else:
            if self.scope.project is None:
                keep_an_owner(self.scope.store, self.id)
            self._set_membership("reader" if self.scope.project is None else "member")
        self._audit(call, "role.assignment.deleted", role_id)
        return {"object": f"{self.kind}.role.deleted", "deleted": True}

    def listed(self, call: Call) -> Record:
        """The API's listing of all roles that it has.

        It is a view of the defined roles, in whose order it goes, so that a cursor holds while
        roles are given and taken away.
        """
        held = self.sources()
        found = page(
            call.query,
            self.scope.roles,
            having={"id": held.keys()},
            render=lambda role: _assigned(role, held[role["id"]]),
            limit=ROLES_LIMIT,
        )
        return after_next(found)

    def retrieve(self, role_id: str) -> Record:
        """The API's view of a role that it has, or its 404."""
        role = self.scope.roles.get(role_id)
        held = self.sources()
        if role_id not in held:
            raise not_found(f"role of {self.kind} '{self.id}'", role_id)
        return _assigned(role, held[role_id])

    def _of_membership(self) -> list[str]:
        if self.member is None:
            return []
        role = self.member["role"]
        base = "reader" if self.scope.project is None else "member"
        names = ("owner", base) if role == "owner" else (role,)
        return [predefined_id(self.scope.resource_type, name) for name in names]

    def _set_membership(self, role: str) -> None:
        store = self.scope.store
        project = self.scope.project
        table = store.users if project is None else store.project_users[project["id"]]
        table.update(self.id, {"role": role})

    def _audit(self, call: Call, event_type: str, role_id: str) -> None:
        payload = {
            "id": f"{role_id}:{self.id}",
            "principal_id": self.id,
            "principal_type": self.kind,
            "resource_id": self.scope.resource_id,
            "resource_type": self.scope.resource_type,
        }
        call.audit(event_type, payload, project=self.scope.project)


def _assigned(role: Record, groups: list[str]) -> Record:
    creator = role["_created_by"]
    return {
        **{name: value for name, value in public(role).items() if name != "object"},
        "assignment_sources": [
            {"principal_type": "group", "principal_id": group_id} for group_id in groups
        ]
        or None,
        "created_at": role["_created_at"],
        "created_by": creator and creator["id"],
        "created_by_user_obj": creator,
        "updated_at": role["_updated_at"],
        "metadata": {},
    }
