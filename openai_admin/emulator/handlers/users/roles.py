"""Roles assigned to users, in the organization and in projects: only their scope differs."""

from __future__ import annotations

from ....resources.projects.users.roles import ProjectUserRoles
from ....resources.users.roles import UserRoles
from ...role_holders import RoleHolder
from ...roles import Scope
from ...routing import Call, emulates
from ...table import Record, public
from . import rendered


@emulates(UserRoles.list)
@emulates(ProjectUserRoles.list)
def list_roles(call: Call) -> Record:
    return RoleHolder.user(Scope.read(call), call.path["user_id"], also_through_groups=True).listed(
        call
    )


@emulates(UserRoles.create)
@emulates(ProjectUserRoles.create)
def create(call: Call) -> Record:
    user_id = call.path["user_id"]
    role = RoleHolder.user(Scope.change(call), user_id).give(call, call.body["role_id"])
    user = rendered(call.store, call.store.users.get(user_id))
    return {"object": "user.role", "role": public(role), "user": user}


@emulates(UserRoles.retrieve)
@emulates(ProjectUserRoles.retrieve)
def retrieve(call: Call) -> Record:
    return _user(call).retrieve(call.path["role_id"])


@emulates(UserRoles.delete)
@emulates(ProjectUserRoles.delete)
def delete(call: Call) -> Record:
    return RoleHolder.user(Scope.change(call), call.path["user_id"]).take(
        call, call.path["role_id"]
    )


def _user(call: Call) -> RoleHolder:
    """The user that the path names, for reading; in a project it may be a user of its groups."""
    return RoleHolder.user(Scope.read(call), call.path["user_id"], also_through_groups=True)
