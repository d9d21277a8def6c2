"""The customer's own storage: what the API finds out about it by itself."""

from __future__ import annotations

import re

from .replies import invalid
from .store import Store
from .table import Record

_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/[\w+=,.@/-]+")
_REGIONS = {"aws": "us-east-1", "azure": "eastus", "gcp": "us-central1"}


def add_external_storage(
    store: Store, project: Record, provider: Record, *, created_at: int, status: str
) -> Record:
    """Add a storage to a project; `provider` is complete (`described`)."""
    return store.external_storage.add(
        {
            "object": "organization.external_storage",
            "id": store.new_id("external_storage"),
            "created_at": created_at,
            "project_id": project["id"],
            "geography": geography(project),
            "provider": provider,
            "status": status,
        }
    )


def described(store: Store, provider: Record) -> Record:
    """A provider as answers show it, with what the API adds, or 400 for an invalid role."""
    kind = provider["type"]
    added: Record = {"region": _REGIONS[kind]} if kind in _REGIONS else {}
    if kind == "aws":
        role = _ROLE.fullmatch(provider["role_arn"])
        if role is None:
            raise invalid("provider.role_arn", "expected the ARN of a role.")
        added |= {"account_id": role[1], "external_id": store.organization["id"]}
    if kind == "gcp":
        added["audience"] = store.organization["id"]
    return {**provider, **added}


def geography(project: Record) -> str:
    """The region of data residency of a project; that of one without is the United States."""
    region = str(project["residency"]).partition("_")[0]
    return "US" if region == "GLOBAL" else region
