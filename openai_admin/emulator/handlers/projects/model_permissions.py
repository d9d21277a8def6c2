"""Which models a project may use."""

from __future__ import annotations

from ....resources.projects.model_permissions import ModelPermissions
from ...replies import invalid
from ...routing import Call, emulates
from ...rules import active_project
from ...settings import set_for_project, setting
from ...table import Record

EVERY_MODEL: Record = {"mode": "deny_list", "model_ids": []}


@emulates(ModelPermissions.retrieve)
def retrieve(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    permissions = setting(call, "model_permissions", project["id"], default=EVERY_MODEL)
    return {"object": "project.model_permissions", **permissions}


@emulates(ModelPermissions.update)
def update(call: Call) -> Record:
    project = active_project(call)
    mode, model_ids = call.body["mode"], call.body["model_ids"]
    for index, model_id in enumerate(model_ids):
        if not model_id.isprintable() or not model_id.strip():
            raise invalid(f"model_ids[{index}]", "expected the id of a model.")
    value = {"mode": mode, "model_ids": list(dict.fromkeys(model_ids))}
    set_for_project(call, project, "model_permissions", value)
    return retrieve(call)


@emulates(ModelPermissions.delete)
def delete(call: Call) -> Record:
    project, settings = active_project(call), call.store.settings
    key = ("model_permissions", project["id"])
    if key in settings:
        set_for_project(call, project, "model_permissions", EVERY_MODEL)
        del settings[key]  # so that a second removal changes nothing
    return {"object": "project.model_permissions.deleted", "deleted": True}
