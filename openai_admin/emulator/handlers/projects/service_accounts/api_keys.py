"""Keys of service accounts, as they are created."""

from __future__ import annotations

from .....resources.projects.service_accounts.api_keys import ProjectServiceAccountAPIKeys
from ....project_keys import add_project_key
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
    now = call.store.now()
    key, value = add_project_key(
        call.store,
        project["id"],
        account,
        name=name,
        scopes=scopes,
        expires_at=None if seconds is None else now + seconds,
    )
    call.audit("api_key.created", {"id": key["id"], "data": {"scopes": scopes}}, project=project)
    return {
        "object": "organization.project.service_account.api_key",
        "id": key["id"],
        "name": name,
        "value": value,
        "created_at": key["created_at"],
        "expires_at": key["expires_at"],
    }
