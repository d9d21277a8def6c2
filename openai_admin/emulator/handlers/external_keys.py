"""External keys: registered, tested, removed while no project uses them."""

from __future__ import annotations

from functools import partial

from ...resources.external_keys import EXTERNAL_KEY_FIELDS, EXTERNAL_KEY_VERSION, ExternalKeys
from ..external_keys import add_external_key, shown, users_of
from ..listing import after_item_id, page
from ..replies import conflict, invalid, missing, unknown_parameter
from ..routing import Call, emulates
from ..rules import name_of
from ..store import Store
from ..table import Record

_PURPOSES = ("ekm", "psp_decryption")
_VERSION_TELLS_PURPOSE = ("gcp", "azure")
_OF_THE_ORGANIZATION = ("external_id", "audience")


@emulates(ExternalKeys.list)
def list_keys(call: Call) -> Record:
    purpose = call.query.choice("purpose", _PURPOSES)
    wanted = None if purpose is None else (lambda key: key["purpose"] == purpose)
    render = partial(shown, call.store)
    return after_item_id(page(call.query, call.store.external_keys, where=wanted, render=render))


@emulates(ExternalKeys.create)
def create(call: Call) -> Record:
    store = call.store
    settings = _settings(store, call.body)
    key = add_external_key(store, settings, created_at=store.now())
    call.audit("external_key.registered", {"id": key["id"], "data": settings})
    return shown(store, key)


@emulates(ExternalKeys.retrieve)
def retrieve(call: Call) -> Record:
    return shown(call.store, call.store.external_keys.get(call.path["external_key_id"]))


@emulates(ExternalKeys.validate)
def validate(call: Call) -> Record:
    call.store.external_keys.get(call.path["external_key_id"])
    return {"status": "valid"}


@emulates(ExternalKeys.delete)
def delete(call: Call) -> Record:
    store = call.store
    key = store.external_keys.get(call.path["external_key_id"])
    projects = users_of(store, key["id"])
    if projects:
        raise conflict(
            f"External key '{key['id']}' is used by {', '.join(projects)}.",
            code="external_key_in_use",
        )
    answer = shown(store, store.external_keys.remove(key["id"]))
    call.audit("external_key.removed", {"id": key["id"]})
    return answer


def _settings(store: Store, body: Record) -> Record:
    """The body, complete and with nothing that belongs to another cloud, or 400."""
    kind, purpose = body["type"], body.get("purpose", "ekm")
    needed, version = EXTERNAL_KEY_FIELDS[kind], EXTERNAL_KEY_VERSION.get(kind)
    for name in needed:
        if name not in body:
            raise missing(name)
    for name in body:
        if name not in (*needed, version, "type", "name", "purpose"):
            raise unknown_parameter(name)
        name_of(body, name, maximum=2048)
    if kind in _VERSION_TELLS_PURPOSE and version is not None:
        if purpose == "psp_decryption" and version not in body:
            raise missing(version)
        if purpose == "ekm" and version in body:
            raise invalid(version, "a version is not accepted for the purpose 'ekm'.")
    for name in _OF_THE_ORGANIZATION:
        if name in body and body[name] not in (store.organization["id"], *_project_ids(store)):
            message = "expected the id of the organization, or of a project of the organization."
            raise invalid(name, message)
    return {**body, "purpose": purpose}


def _project_ids(store: Store) -> list[str]:
    return [project["id"] for project in store.projects]
