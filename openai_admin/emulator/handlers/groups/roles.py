"""Roles assigned to groups, in the organization and in projects: only their scope differs."""

from __future__ import annotations

from ....resources.groups.roles import GroupRoles
from ....resources.projects.groups.roles import ProjectGroupRoles
from ...role_holders import RoleHolder
from ...roles import Scope
from ...routing import Call, emulates
from ...table import Record, public


@emulates(GroupRoles.list)
@emulates(ProjectGroupRoles.list)
def list_roles(call: Call) -> Record:
    return RoleHolder.group(Scope.read(call), call.path["group_id"]).listed(call)


@emulates(GroupRoles.create)
@emulates(ProjectGroupRoles.create)
def create(call: Call) -> Record:
    group_id = call.path["group_id"]
    role = RoleHolder.group(Scope.change(call), group_id).give(call, call.body["role_id"])
    group = call.store.groups.get(group_id)
    summary = {
        "object": "group",
        "id": group_id,
        "name": group["name"],
        "created_at": group["created_at"],
        "scim_managed": group["is_scim_managed"],
    }
    return {"object": "group.role", "role": public(role), "group": summary}


@emulates(GroupRoles.retrieve)
@emulates(ProjectGroupRoles.retrieve)
def retrieve(call: Call) -> Record:
    return RoleHolder.group(Scope.read(call), call.path["group_id"]).retrieve(call.path["role_id"])


@emulates(GroupRoles.delete)
@emulates(ProjectGroupRoles.delete)
def delete(call: Call) -> Record:
    return RoleHolder.group(Scope.change(call), call.path["group_id"]).take(
        call, call.path["role_id"]
    )
