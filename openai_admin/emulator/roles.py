"""Roles: what is defined in the organization or in a project, and who has which.

Each member of the organization has the role `reader`, and owners `owner` as well; each member of
a project `member`, and owners `owner` as well. These predefined roles are the `role` of the
membership itself, so that the two ways to change it agree. All other roles are kept as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import attrs

from .keys import READ_SCOPES
from .listing import Limit, after_next, page
from .replies import bad_request, conflict, invalid, not_found
from .routing import Call
from .rules import active_project, name_of
from .store import Store
from .table import Record, Scoped, Table, public

ROLES_LIMIT = Limit(default=1000, maximum=1000, minimum=0)

_ORGANIZATION = "api.organization"
_PROJECT = "api.project"
# The shape of the permissions that the API documents, such as `api.audit_logs.read`.
_PERMISSION = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_*-]+)+")
_PREDEFINED = {
    _ORGANIZATION: (
        ("owner", "Manages the organization.", (*sorted(READ_SCOPES), "api.management.write")),
        ("reader", "Sees the organization's usage.", ("api.usage.read",)),
    ),
    _PROJECT: (
        ("owner", "Manages the project.", ("api.project.read", "api.project.write")),
        ("member", "Uses the project.", ("api.project.read",)),
    ),
}


def keep_an_owner(store: Store, user_id: str) -> None:
    """Refuse with the API's 400 that an owner goes if nobody else owns the organization."""
    if store.users.first(lambda u: u["role"] == "owner" and u["id"] != user_id) is None:
        raise bad_request(
            "The last owner of an organization can be neither removed nor demoted.",
            code="last_owner",
        )


def predefined_id(resource_type: str, name: str) -> str:
    """The id of a predefined role, the same in every organization and in every project."""
    return f"role-{resource_type.replace('.', '-')}-{name}"


@attrs.frozen
class Scope:
    """Where roles are defined and given: the organization, or one project."""

    store: Store
    project: Record | None = None

    @classmethod
    def read(cls, call: Call) -> Scope:
        """The scope that the path names, to look at it."""
        project_id = call.path.get("project_id")
        project = None if project_id is None else call.store.projects.get(project_id)
        return cls(call.store, project)

    @classmethod
    def change(cls, call: Call) -> Scope:
        """The scope that the path names, to change it: an archived project refuses with 400."""
        return cls(call.store, active_project(call) if "project_id" in call.path else None)

    @property
    def resource_type(self) -> str:
        """What the roles are bound to."""
        return _ORGANIZATION if self.project is None else _PROJECT

    @property
    def resource_id(self) -> str:
        """The id of the organization or of the project."""
        resource = self.store.organization if self.project is None else self.project
        return str(resource["id"])

    @property
    def roles(self) -> Table:
        """The roles that are defined here, the predefined ones first."""
        store = self.store
        table = store.roles if self.project is None else store.project_roles[self.resource_id]
        for name, description, permissions in _PREDEFINED[self.resource_type]:
            id = predefined_id(self.resource_type, name)
            if id not in table:
                table.add(
                    {
                        "object": "role",
                        "id": id,
                        "name": name,
                        "description": description,
                        "permissions": list(permissions),
                        "predefined_role": True,
                        "resource_type": self.resource_type,
                        "_created_at": None,
                        "_created_by": None,
                        "_updated_at": None,
                    }
                )
        return table

    def _given(self) -> Iterator[Table]:
        """Every table of roles given here, to whomever."""
        if self.project is None:
            yield from self.store.user_roles.values()
            yield from self.store.group_roles.values()
            return
        for scoped in (self.store.project_user_roles, self.store.project_group_roles):
            yield from (table for key, table in scoped.items() if key[0] == self.resource_id)

    def group(self, group_id: str) -> Holder:
        """A group as a holder of roles; for a project one that has access to it, or the 404."""
        self.store.groups.get(group_id)
        if self.project is not None and group_id not in self.store.project_groups[self.resource_id]:
            raise not_found("group", group_id)
        return Holder(self, "group", group_id, None)

    def user(self, user_id: str, *, also_through_groups: bool = False) -> Holder:
        """A user as a holder of roles, or the API's 404.

        For a project it is one of its users, or, if wanted, somebody who is in one of its groups.
        """
        user = self.store.users.get(user_id)
        if self.project is None:
            return Holder(self, "user", user_id, user)
        members = self.store.project_users[self.resource_id]
        holder = Holder(self, "user", user_id, members.find(user_id))
        if holder.member is None and not (also_through_groups and any(holder.groups())):
            raise not_found("user", user_id)
        return holder

    def group_table(self, group_id: str) -> Table:
        """The roles given to a group here."""
        return self._table(self.store.group_roles, self.store.project_group_roles, group_id)

    def user_table(self, user_id: str) -> Table:
        """The roles given to a user here."""
        return self._table(self.store.user_roles, self.store.project_user_roles, user_id)

    def _table(self, organization: Scoped, project: Scoped, id: str) -> Table:
        return organization[id] if self.project is None else project[self.resource_id, id]

    def create(self, call: Call) -> Record:
        """Define a role as the body says, and return it; 409 if there is one of its name."""
        name = self._free_name(call)
        permissions = _permissions(call.body["permissions"])
        role = self.roles.add(
            {
                "object": "role",
                "id": self.store.new_id("role"),
                "name": name,
                "description": call.body.get("description"),
                "permissions": permissions,
                "predefined_role": False,
                "resource_type": self.resource_type,
                "_created_at": self.store.now(),
                "_created_by": call.credential.owner,
                "_updated_at": None,
            }
        )
        payload = {
            "id": role["id"],
            "role_name": name,
            "permissions": permissions,
            "resource_id": self.resource_id,
            "resource_type": self.resource_type,
        }
        call.audit("role.created", payload, project=self.project)
        return public(role)

    def update(self, call: Call) -> Record:
        """Change a role as the body says, and return it; what is null stays, or is taken out."""
        role = self._own_role(call)
        changes: Record = {}
        requested: Record = {}
        name = self._free_name(call, role)
        if name is not None:
            changes["name"] = requested["role_name"] = name
        if call.body.get("permissions") is not None:
            changes["permissions"] = after = _permissions(call.body["permissions"])
            before = role["permissions"]
            requested["permissions_added"] = [p for p in after if p not in before]
            requested["permissions_removed"] = [p for p in before if p not in after]
        if "description" in call.body:
            changes["description"] = requested["description"] = call.body["description"]
        if changes:
            requested["resource_id"] = self.resource_id
            requested["resource_type"] = self.resource_type
            role = self.roles.update(role["id"], {**changes, "_updated_at": self.store.now()})
            payload = {"id": role["id"], "changes_requested": requested}
            call.audit("role.updated", payload, project=self.project)
        return public(role)

    def delete(self, call: Call) -> Record:
        """Delete a role, take it from everybody who has it, and return the API's answer."""
        id = self._own_role(call)["id"]
        self.roles.remove(id)
        for table in self._given():
            if id in table:
                table.remove(id)
        call.audit("role.deleted", {"id": id}, project=self.project)
        return {"object": "role.deleted", "id": id, "deleted": True}

    def _own_role(self, call: Call) -> Record:
        """The role that the path names, which must not be a predefined one."""
        role = self.roles.get(call.path["role_id"])
        if role["predefined_role"]:
            raise bad_request(
                f"The role '{role['name']}' is predefined and can be neither changed nor deleted.",
                code="predefined_role",
            )
        return role

    def _free_name(self, call: Call, own: Record | None = None) -> str | None:
        """The name in the body, which no role has yet, except perhaps the one being changed."""
        name = name_of(call.body, "role_name")
        namesake = name is not None and self.roles.first(lambda role: role["name"] == name)
        if namesake and (own is None or namesake["id"] != own["id"]):
            raise conflict(f"There is a role named '{name}' already.", param="role_name")
        return name


@attrs.frozen
class Holder:
    """A user or a group, as it has roles in a scope."""

    scope: Scope
    kind: Literal["user", "group"]
    id: str
    member: Record | None
    """The membership whose `role` stands for predefined roles; None for a group."""

    @property
    def given(self) -> Table:
        """The roles that were given to it directly, without those of its membership."""
        scope = self.scope
        return scope.user_table(self.id) if self.kind == "user" else scope.group_table(self.id)

    def groups(self) -> Iterator[str]:
        """The ids of the groups whose roles it has too."""
        store, project = self.scope.store, self.scope.project
        groups: Iterable[Record] = store.groups
        if project is not None:
            groups = store.project_groups[project["id"]]
        for group in groups:
            if self.kind == "user" and self.id in store.group_users[group["id"]]:
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
        """Give it a role and return the role; one that it has directly stays as it is."""
        role = self.scope.roles.get(role_id)
        if role_id in self.given or role_id in self._of_membership():
            return role
        if self.member is not None and role["predefined_role"]:
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
            where=lambda role: role["id"] in held,
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
        base = "reader" if self.scope.project is None else "member"
        names = ("owner", base) if self.member["role"] == "owner" else (base,)
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


def _permissions(sent: list[str]) -> list[str]:
    """The permissions in a body, each once."""
    for index, permission in enumerate(sent):
        if not _PERMISSION.fullmatch(permission):
            raise invalid(f"permissions[{index}]", f"'{permission[:100]}' is no permission.")
    return list(dict.fromkeys(sent))


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
