"""Projects: created, renamed, archived, never deleted."""

from __future__ import annotations

from typing import get_args

from ....resources.projects import Projects, Residency
from ...archive import empty
from ...listing import after_last_id, page
from ...replies import bad_request, invalid, invalid_choice
from ...routing import Call, emulates
from ...rules import active_project, name_of
from ...table import Record, public

_RESIDENCIES: tuple[str, ...] = get_args(Residency)
_GEOGRAPHIES = {name.partition("_")[0]: name for name in sorted(_RESIDENCIES) if name != "GLOBAL"}
"""Region → the residency that it stands for: with processing, where available."""


@emulates(Projects.list)
def list_projects(call: Call) -> Record:
    archived = call.query.boolean("include_archived")
    having = None if archived else {"status": {"active"}}
    return after_last_id(page(call.query, call.store.projects, having=having))


@emulates(Projects.create)
def create(call: Call) -> Record:
    store = call.store
    name = name_of(call.body)
    geography, residency = call.body.get("geography"), call.body.get("residency")
    if geography is not None and residency is not None:
        raise bad_request("Provide either 'geography' or 'residency', not both.", param="geography")
    if geography is not None:
        residency = _residency(geography)
    key_id = _external_key(call)
    project = store.projects.add(
        {
            "object": "organization.project",
            "id": store.new_id("project"),
            "name": name,
            "created_at": store.now(),
            "archived_at": None,
            "status": "active",
            "residency": residency or "GLOBAL",
            "external_key_id": key_id,
        }
    )
    event = {"id": project["id"], "data": {"name": name, "title": name}}
    call.audit("project.created", event, project=project)
    return public(project)


@emulates(Projects.retrieve)
def retrieve(call: Call) -> Record:
    return public(call.store.projects.get(call.path["project_id"]))


@emulates(Projects.update)
def update(call: Call) -> Record:
    project = active_project(call)
    changes: Record = {}
    name = name_of(call.body)
    if name is not None:
        changes["name"] = name
    geography = call.body.get("geography")
    if geography is not None and _residency(geography) != project["residency"]:
        raise invalid("geography", "the region of a project cannot be changed.")
    if "external_key_id" in call.body:
        changes["external_key_id"] = _external_key(call)
    if changes:
        project = call.store.projects.update(project["id"], changes)
        requested = {"title" if k == "name" else k: v for k, v in changes.items()}
        event = {"id": project["id"], "changes_requested": requested}
        call.audit("project.updated", event, project=project)
    return public(project)


@emulates(Projects.archive)
def archive(call: Call) -> Record:
    store = call.store
    project = store.projects.get(call.path["project_id"])
    if project["status"] == "archived":
        return public(project)
    if project.get("_default"):
        raise bad_request(
            "The default project cannot be archived.", code="default_project_cannot_be_archived"
        )
    empty(store, project["id"])
    project = store.projects.update(
        project["id"], {"status": "archived", "archived_at": store.now()}
    )
    call.audit("project.archived", {"id": project["id"]}, project=project)
    return public(project)


def _residency(geography: str) -> str:
    residency = _GEOGRAPHIES.get(geography.upper())
    if residency is None:
        raise invalid_choice("geography", geography, sorted(_GEOGRAPHIES))
    return residency


def _external_key(call: Call) -> str | None:
    key_id: str | None = call.body.get("external_key_id")
    if key_id is not None and key_id not in call.store.external_keys:
        raise invalid("external_key_id", f"the organization has no external key '{key_id}'.")
    return key_id
