"""Roles of the organization and of projects: only their scope differs."""

from __future__ import annotations

from ...resources.projects.roles import ProjectRoles
from ...resources.roles import Roles
from ..listing import after_next, page
from ..roles import ROLES_LIMIT, Scope
from ..routing import Call, emulates
from ..table import Record, public


@emulates(Roles.list)
@emulates(ProjectRoles.list)
def list_roles(call: Call) -> Record:
    return after_next(page(call.query, Scope.read(call).roles, limit=ROLES_LIMIT))


@emulates(Roles.create)
@emulates(ProjectRoles.create)
def create(call: Call) -> Record:
    return Scope.change(call).create(call)


@emulates(Roles.retrieve)
@emulates(ProjectRoles.retrieve)
def retrieve(call: Call) -> Record:
    return public(Scope.read(call).roles.get(call.path["role_id"]))


@emulates(Roles.update)
@emulates(ProjectRoles.update)
def update(call: Call) -> Record:
    return Scope.change(call).update(call)


@emulates(Roles.delete)
@emulates(ProjectRoles.delete)
def delete(call: Call) -> Record:
    return Scope.change(call).delete(call)
