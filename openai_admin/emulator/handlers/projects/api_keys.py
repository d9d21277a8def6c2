"""Keys of a project, whose owners may be people or service accounts."""

from __future__ import annotations

from functools import partial

from ....resources.projects.api_keys import ProjectAPIKeys
from ...listing import after_last_id, page
from ...replies import bad_request
from ...routing import Call, emulates
from ...rules import active_project, integer_of
from ...store import Store
from ...table import Record, public


@emulates(ProjectAPIKeys.list)
def list_keys(call: Call) -> Record:
    store = call.store
    project_id = store.projects.get(call.path["project_id"])["id"]
    # Keys of owners without access are hidden unless asked for, as the API's description says.
    access = call.query.choice("owner_project_access", ("active", "inactive", "any")) or "active"

    def wanted(key: Record) -> bool:
        return access == "any" or owner_access(store, project_id, key["owner"]) == access

    render = partial(rendered, store, project_id)
    keys = store.project_api_keys[project_id]
    return after_last_id(page(call.query, keys, where=wanted, render=render))


@emulates(ProjectAPIKeys.retrieve)
def retrieve(call: Call) -> Record:
    project_id = call.store.projects.get(call.path["project_id"])["id"]
    key = call.store.project_api_keys[project_id].get(call.path["api_key_id"])
    return rendered(call.store, project_id, key)


@emulates(ProjectAPIKeys.update)
def update(call: Call) -> Record:
    store, body = call.store, call.body
    project = active_project(call)
    keys = store.project_api_keys[project["id"]]
    key = keys.get(call.path["api_key_id"])
    if not body:
        raise bad_request("Provide at least one of 'scopes' and 'expires_in_seconds'.")
    now = store.now()
    if key["expires_at"] is not None and key["expires_at"] <= now:
        raise bad_request(f"API key '{key['id']}' has expired and cannot be changed.")
    changes: Record = {}
    seconds = integer_of(body, "expires_in_seconds", minimum=1)
    if seconds is not None:
        changes["expires_at"] = now + seconds
    if "scopes" in body:
        changes["_scopes"] = body["scopes"]
    key = keys.update(key["id"], changes)
    scopes = frozenset(key.get("_scopes", ())) or None
    store.keys.change(key["id"], expires_at=key["expires_at"], scopes=scopes)
    call.audit("api_key.updated", {"id": key["id"], "changes_requested": body}, project=project)
    return rendered(store, project["id"], key)


@emulates(ProjectAPIKeys.delete)
def delete(call: Call) -> Record:
    project = active_project(call)
    key = call.store.project_api_keys[project["id"]].get(call.path["api_key_id"])
    remove(call, project, key["id"])
    return {"object": "organization.project.api_key.deleted", "id": key["id"], "deleted": True}


def remove(call: Call, project: Record, key_id: str) -> None:
    """Delete a key of a project, refuse it from now on, and say so in the audit log."""
    call.store.project_api_keys[project["id"]].remove(key_id)
    call.store.refuse_key(key_id)
    call.audit("api_key.deleted", {"id": key_id}, project=project)


def rendered(store: Store, project_id: str, key: Record) -> Record:
    """A key as answers show it, with its owner as the owner is now."""
    shown = public(key)
    owner = key["owner"]
    kind = owner["type"]
    current = _current_owner(store, project_id, owner)
    if current is not None:
        named = {name: current[name] for name in owner[kind] if name in current}
        owner = {**owner, kind: {**owner[kind], **named}}
    shown["owner"] = {"user": None, "service_account": None, **owner}
    shown["owner_project_access"] = owner_access(store, project_id, owner)
    return shown


def owner_access(store: Store, project_id: str, owner: Record) -> str:
    """Whether a key's owner has access to the project: `active` or `inactive`."""
    current = _current_owner(store, project_id, owner)
    if current is not None:
        return "inactive" if current["role"] == "none" else "active"
    if owner["type"] == "service_account":
        return "inactive"
    user_id = owner["user"]["id"]
    through_groups = store.group_users.scopes_of(user_id) & store.project_groups[project_id].ids
    return "active" if through_groups else "inactive"


def _current_owner(store: Store, project_id: str, owner: Record) -> Record | None:
    """The record of a key's owner in the project, None if the owner is not in it."""
    if owner["type"] == "user":
        return store.project_users[project_id].find(owner["user"]["id"])
    return store.project_service_accounts[project_id].find(owner["service_account"]["id"])
