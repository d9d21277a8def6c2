"""External storage: registered for a project, validated, disconnected."""

from __future__ import annotations

import attrs

from ...resources.external_storage import ExternalStorage, ExternalStorageProviderParam
from ..external_storage import add_external_storage, described
from ..listing import after_item_id, page
from ..objects import check_variant
from ..routing import Call, emulates
from ..rules import active_project, name_of
from ..table import Record, public


@emulates(ExternalStorage.list)
def list_storage(call: Call) -> Record:
    project_id = call.query.text("project_id")
    wanted = None if project_id is None else (lambda s: s["project_id"] == project_id)
    return after_item_id(page(call.query, call.store.external_storage, where=wanted))


@emulates(ExternalStorage.create)
def create(call: Call) -> Record:
    store, provider = call.store, call.body["provider"]
    check_variant("provider", provider, ExternalStorageProviderParam)
    for name in provider:
        name_of(provider, name, maximum=2048)
    provider = described(store, provider)
    # The body names the project here, not the path.
    project = active_project(attrs.evolve(call, path=call.body))
    storage = add_external_storage(
        store, project, provider, created_at=store.now(), status="pending"
    )
    data = {"geography": storage["geography"], "provider": provider}
    event = {"id": storage["id"], "data": data}
    call.audit("external_storage.registered", event, project=project)
    return public(storage)


@emulates(ExternalStorage.retrieve)
def retrieve(call: Call) -> Record:
    return public(call.store.external_storage.get(call.path["external_storage_id"]))


@emulates(ExternalStorage.validate)
def validate(call: Call) -> Record:
    id = call.path["external_storage_id"]
    return public(call.store.external_storage.update(id, {"status": "validated"}))


@emulates(ExternalStorage.delete)
def delete(call: Call) -> Record:
    store = call.store
    storage = store.external_storage.remove(call.path["external_storage_id"])
    project = store.projects.get(storage["project_id"])
    if not any(other["project_id"] == project["id"] for other in store.external_storage):
        # As the official client's docstring of the deletion says.
        store.settings.pop(("data_retention", project["id"]), None)
    call.audit("external_storage.removed", {"id": storage["id"]}, project=project)
    return {
        "object": "organization.external_storage.deleted",
        "id": storage["id"],
        "deleted": True,
    }
