"""Keys of service accounts, as they are created."""

from __future__ import annotations

from .....resources.projects.service_accounts.api_keys import ProjectServiceAccountAPIKeys
from ....auth import Credential
from ....replies import redact
from ....routing import Call, emulates
from ....rules import active_project, integer_of, name_of
from ....table import Record

DEFAULT_NAME = "Secret key"


@emulates(ProjectServiceAccountAPIKeys.create)
def create(call: Call) -> Record:
    project = active_project(call)
    accounts = call.store.project_service_accounts[project["id"]]
    account = accounts.get(call.path["service_account_id"])
    name = name_of(call.body) or DEFAULT_NAME
    seconds = integer_of(call.body, "expires_in_seconds", minimum=1)
    return issue(
        call, project, account, name=name, seconds=seconds, scopes=call.body.get("scopes", [])
    )


def issue(
    call: Call,
    project: Record,
    account: Record,
    *,
    name: str,
    seconds: int | None,
    scopes: list[str],
) -> Record:
    """Create a key of a service account; only this answer has its value."""
    store = call.store
    value = store.new_secret("sk-svcacct-")
    created_at = store.now()
    owner = {field: account[field] for field in ("id", "name", "role", "created_at")}
    key = store.project_api_keys[project["id"]].add(
        {
            "object": "organization.project.api_key",
            "id": store.new_id("api_key"),
            "name": name,
            "redacted_value": redact(value),
            "created_at": created_at,
            "last_used_at": None,
            "expires_at": None if seconds is None else created_at + seconds,
            "owner": {"type": "service_account", "service_account": owner},
            "_scopes": scopes,
        }
    )
    store.keys.grant(
        Credential(
            id=key["id"],
            value=value,
            owner={"id": account["id"]},
            owner_type="service_account",
            admin=False,
            expires_at=key["expires_at"],
        )
    )
    call.audit("api_key.created", {"id": key["id"], "data": {"scopes": scopes}}, project=project)
    return {
        "object": "organization.project.service_account.api_key",
        "id": key["id"],
        "name": name,
        "value": value,
        "created_at": created_at,
        "expires_at": key["expires_at"],
    }
