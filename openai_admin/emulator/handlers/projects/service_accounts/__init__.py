"""Service accounts of a project."""

from __future__ import annotations

from .....resources.projects.service_accounts import ProjectServiceAccounts
from ....listing import after_last_id, page
from ....replies import bad_request
from ....routing import Call, emulates
from ....rules import active_project, integer_of, name_of
from ....table import Record, Table, public
from ...workload_identity_providers import federation_rules
from ..api_keys import remove
from .api_keys import DEFAULT_NAME, issue


@emulates(ProjectServiceAccounts.list)
def list_accounts(call: Call) -> Record:
    return after_last_id(page(call.query, _accounts(call)))


@emulates(ProjectServiceAccounts.create)
def create(call: Call) -> Record:
    store = call.store
    project = active_project(call)
    name = name_of(call.body)
    seconds = integer_of(call.body, "expires_in_seconds", minimum=1)
    alone = bool(call.body.get("create_service_account_only"))
    if alone and seconds is not None:
        raise bad_request(
            "'expires_in_seconds' cannot be used when 'create_service_account_only' is true.",
            param="expires_in_seconds",
        )
    role = "none" if alone else "member"
    account = store.project_service_accounts[project["id"]].add(
        {
            "object": "organization.project.service_account",
            "id": store.new_id("service_account"),
            "name": name,
            "role": role,
            "created_at": store.now(),
        }
    )
    event = {"id": account["id"], "data": {"role": role}}
    call.audit("service_account.created", event, project=project)
    key = None
    if not alone:
        key = issue(call, project, account, name=DEFAULT_NAME, seconds=seconds, scopes=[])
    return {**public(account), "api_key": key}


@emulates(ProjectServiceAccounts.retrieve)
def retrieve(call: Call) -> Record:
    return public(_accounts(call).get(call.path["service_account_id"]))


@emulates(ProjectServiceAccounts.update)
def update(call: Call) -> Record:
    project = active_project(call)
    accounts = call.store.project_service_accounts[project["id"]]
    account = accounts.get(call.path["service_account_id"])
    name, role = name_of(call.body), call.body.get("role")
    changes = {k: v for k, v in (("name", name), ("role", role)) if v is not None}
    if not changes:
        return public(account)
    account = accounts.update(account["id"], changes)
    event = {"id": account["id"], "changes_requested": changes}
    call.audit("service_account.updated", event, project=project)
    return public(account)


@emulates(ProjectServiceAccounts.delete)
def delete(call: Call) -> Record:
    project = active_project(call)
    account = call.store.project_service_accounts[project["id"]].remove(
        call.path["service_account_id"]
    )
    for key in list(call.store.project_api_keys[project["id"]]):
        if (key["owner"].get("service_account") or {}).get("id") == account["id"]:
            remove(call, project, key["id"])
    # A rule acts as its account. What the API does is not documented; a rule without an account
    # could do nothing.
    for rules in list(call.store.federation_rules.values()):
        for rule in list(rules):
            if rule["service_account_id"] == account["id"]:
                federation_rules.remove(call, rule)
    call.audit("service_account.deleted", {"id": account["id"]}, project=project)
    return {
        "object": "organization.project.service_account.deleted",
        "id": account["id"],
        "deleted": True,
    }


def _accounts(call: Call) -> Table:
    project = call.store.projects.get(call.path["project_id"])
    return call.store.project_service_accounts[project["id"]]
