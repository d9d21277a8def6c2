"""The customer's own encryption keys, and the projects that use them."""

from __future__ import annotations

from ..resources.external_keys import EXTERNAL_KEY_FIELDS, EXTERNAL_KEY_VERSION
from .store import Store
from .table import Record, public

_FIELDS = sorted({*EXTERNAL_KEY_VERSION.values()}.union(*EXTERNAL_KEY_FIELDS.values()))


def add_external_key(store: Store, settings: Record, *, created_at: int) -> Record:
    """Add a key with these settings; what they leave out is null."""
    return store.external_keys.add(
        {
            "object": "organization.external_key",
            "id": store.new_id("external_key"),
            "created_at": created_at,
            "workspace_id": store.organization["id"],
            "purpose": "ekm",
            **dict.fromkeys(_FIELDS),
            **settings,
        }
    )


def users_of(store: Store, key_id: str) -> list[str]:
    """The ids of the projects that use a key."""
    return [p["id"] for p in store.projects if p["external_key_id"] == key_id]


def shown(store: Store, key: Record) -> Record:
    """A key as an answer shows it, with the projects that use it."""
    return {**public(key), "api_project_ids": users_of(store, key["id"])}
