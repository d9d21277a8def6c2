"""Groups that have access to a project."""

from __future__ import annotations

from ....resources.projects.groups import ProjectGroups
from ...listing import Limit, after_next, page
from ...replies import not_found
from ...role_holders import RoleHolder
from ...roles import Scope
from ...routing import Call, emulates
from ...rules import active_project
from ...table import Record

LIMIT = Limit(default=20, maximum=100, minimum=0)


@emulates(ProjectGroups.list)
def list_groups(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    # The cursor is the group's id, which the items name otherwise.
    answer = after_next(page(call.query, call.store.project_groups[project["id"]], limit=LIMIT))
    return {**answer, "data": [_rendered(call, access) for access in answer["data"]]}


@emulates(ProjectGroups.create)
def create(call: Call) -> Record:
    store = call.store
    project = active_project(call)
    group = store.groups.get(call.body["group_id"])
    role = Scope(store, project).roles.get(call.body["role"])
    table = store.project_groups[project["id"]]
    access = table.find(group["id"]) or table.add({"id": group["id"], "created_at": store.now()})
    RoleHolder.group(Scope(store, project), group["id"]).give(call, role["id"])
    return _rendered(call, access)


@emulates(ProjectGroups.retrieve)
def retrieve(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    access = call.store.project_groups[project["id"]].get(call.path["group_id"])
    wanted = call.query.choice("group_type", ("group", "tenant_group"))
    answer = _rendered(call, access)
    if wanted is not None and wanted != answer["group_type"]:
        raise not_found("group", access["id"])
    return answer


@emulates(ProjectGroups.delete)
def delete(call: Call) -> Record:
    store = call.store
    project = active_project(call)
    groups = store.project_groups[project["id"]]
    group = RoleHolder.group(Scope(store, project), groups.get(call.path["group_id"])["id"])
    for role in list(group.given):
        group.take(call, role["id"])
    groups.remove(group.id)
    return {"object": "project.group.deleted", "deleted": True}


def _rendered(call: Call, access: Record) -> Record:
    group = call.store.groups.get(access["id"])
    return {
        "object": "project.group",
        "project_id": call.path["project_id"],
        "group_id": group["id"],
        "group_name": group["name"],
        "group_type": group["group_type"],
        "created_at": access["created_at"],
    }
