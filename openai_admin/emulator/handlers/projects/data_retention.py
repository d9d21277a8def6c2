"""A project's data retention."""

from __future__ import annotations

from ....resources.projects.data_retention import ProjectDataRetentions
from ...routing import Call, emulates
from ...rules import active_project
from ...settings import set_for_project, setting
from ...table import Record

_DEFAULT = {"type": "organization_default"}


@emulates(ProjectDataRetentions.retrieve)
def retrieve(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    retention = setting(call, "data_retention", project["id"], default=_DEFAULT)
    return {"object": "project.data_retention", **retention}


@emulates(ProjectDataRetentions.update)
def update(call: Call) -> Record:
    project = active_project(call)
    set_for_project(call, project, "data_retention", {"type": call.body["retention_type"]})
    return retrieve(call)
