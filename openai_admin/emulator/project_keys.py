"""Keys of projects: a record that shows them, and the value that calls are made with."""

from __future__ import annotations

from .auth import Credential
from .replies import redact
from .store import Store
from .table import Record


def add_project_key(
    store: Store,
    project_id: str,
    owner: Record,
    *,
    name: str,
    scopes: list[str],
    expires_at: int | None = None,
) -> tuple[Record, str]:
    """Create a key of a person or a service account, and return its record and value.

    `owner` is a record of the organization's users or of the project's service accounts. The key
    may do everything that a project's key may, unless there are `scopes`.
    """
    is_account = owner["object"] == "organization.project.service_account"
    kind = "service_account" if is_account else "user"
    value = store.new_secret("sk-svcacct-" if is_account else "sk-proj-")
    record = store.project_api_keys[project_id].add(
        {
            "object": "organization.project.api_key",
            "id": store.new_id("api_key"),
            "name": name,
            "redacted_value": redact(value, mask="..."),
            "created_at": store.now(),
            "last_used_at": None,
            "expires_at": expires_at,
            "owner": {"type": kind, kind: _shown(store, project_id, owner)},
            "_scopes": scopes,
        }
    )
    accept(store, project_id, record, value)
    return record, value


def accept(store: Store, project_id: str, key: Record, value: str) -> None:
    """Accept calls with a key of a project that has this record and this value."""
    kind = key["owner"]["type"]
    owner = key["owner"][kind]
    store.keys.grant(
        Credential(
            id=key["id"],
            value=value,
            owner={name: owner[name] for name in ("id", "email") if name in owner},
            owner_type=kind,
            project_id=project_id,
            scopes=frozenset(key.get("_scopes", ())) or None,
            expires_at=key["expires_at"],
        )
    )


def default_project(store: Store) -> Record:
    """The oldest active project; one is created, with the first owner, if there is none."""
    found = store.projects.first(having={"status": {"active"}})
    if found is not None:
        return found
    owner, now = store.first_owner(), store.now()
    project = store.projects.add(
        {
            "object": "organization.project",
            "id": store.new_id("project"),
            "name": "Default project",
            "created_at": now,
            "archived_at": None,
            "status": "active",
            "residency": "GLOBAL",
            "external_key_id": None,
            "_default": True,
        }
    )
    store.project_users[project["id"]].add(
        {
            "object": "organization.project.user",
            "id": owner["id"],
            "name": owner["name"],
            "email": owner["email"],
            "role": "owner",
            "added_at": now,
        }
    )
    return project


def _shown(store: Store, project_id: str, owner: Record) -> Record:
    """A key's owner as the key shows it."""
    if owner["object"] == "organization.project.service_account":
        return {name: owner[name] for name in ("id", "name", "role", "created_at")}
    member = store.project_users[project_id].find(owner["id"])
    return {
        "id": owner["id"],
        "name": owner["name"],
        "email": owner["email"],
        "role": "member" if member is None else member["role"],
        "created_at": owner["added_at"],
    }
