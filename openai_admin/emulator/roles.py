"""Roles as defined in the organization or in a project; `role_holders` says who has them."""

from __future__ import annotations

import re

import attrs

from .auth import READ_SCOPES, WRITE_SCOPES
from .listing import Limit
from .replies import bad_request, conflict, invalid
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
        ("owner", "Manages the organization.", tuple(sorted(READ_SCOPES | WRITE_SCOPES))),
        ("reader", "Sees the organization, but not its usage.", ("api.management.read",)),
    ),
    _PROJECT: (
        ("owner", "Manages the project.", ("api.project.read", "api.project.write")),
        ("member", "Uses the project.", ("api.project.read",)),
        ("viewer", "Sees the project.", ("api.project.read",)),
    ),
}


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
        """The scope that the path names, for reading."""
        project_id = call.path.get("project_id")
        project = None if project_id is None else call.store.projects.get(project_id)
        return cls(call.store, project)

    @classmethod
    def change(cls, call: Call) -> Scope:
        """The scope that the path names, for a change: an archived project refuses with 400."""
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

    def groups_with(self, role_id: str) -> list[str]:
        """The groups that were given a role here, in no order."""
        return self._holders(self.store.group_roles, self.store.project_group_roles, role_id)

    def users_with(self, role_id: str) -> list[str]:
        """The users who were given a role here, in no order."""
        return self._holders(self.store.user_roles, self.store.project_user_roles, role_id)

    def _holders(self, organization: Scoped, project: Scoped, role_id: str) -> list[str]:
        if self.project is None:
            return list(organization.scopes_of(role_id))
        return [id for place, id in project.scopes_of(role_id) if place == self.resource_id]

    def group_table(self, group_id: str) -> Table:
        """The roles given to a group here."""
        return self._table(self.store.group_roles, self.store.project_group_roles, group_id)

    def user_table(self, user_id: str) -> Table:
        """The roles given to a user here."""
        return self._table(self.store.user_roles, self.store.project_user_roles, user_id)

    def _table(self, organization: Scoped, project: Scoped, id: str) -> Table:
        return organization[id] if self.project is None else project[self.resource_id, id]

    def define(
        self,
        name: str,
        permissions: list[str],
        description: str | None,
        *,
        creator: Record,
        created_at: int,
    ) -> Record:
        """Add a role; `creator` is a user, or at least its `id` and `email`."""
        return self.roles.add(
            {
                "object": "role",
                "id": self.store.new_id("role"),
                "name": name,
                "description": description,
                "permissions": permissions,
                "predefined_role": False,
                "resource_type": self.resource_type,
                "_created_at": created_at,
                "_created_by": {k: creator[k] for k in ("id", "email") if k in creator},
                "_updated_at": None,
            }
        )

    def create(self, call: Call) -> Record:
        """Define a role as the body says, and return it; 409 if there is one of its name."""
        name, permissions = self._free_name(call), _permissions(call.body["permissions"])
        role = self.define(
            name or "",
            permissions,
            call.body.get("description"),
            creator=call.credential.owner,
            created_at=self.store.now(),
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
        """Change a role as the body says, and return it; what is null stays, or is removed."""
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
        for group_id in self.groups_with(id):
            self.group_table(group_id).remove(id)
        for user_id in self.users_with(id):
            self.user_table(user_id).remove(id)
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


def _permissions(sent: list[str]) -> list[str]:
    """The permissions in a body, each once."""
    for index, permission in enumerate(sent):
        if not _PERMISSION.fullmatch(permission):
            raise invalid(f"permissions[{index}]", f"'{permission[:100]}' is not a permission.")
    return list(dict.fromkeys(sent))
