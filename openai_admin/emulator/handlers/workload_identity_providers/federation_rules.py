"""Federation rules of a workload identity provider."""

from __future__ import annotations

import attrs

from ....resources.workload_identity_providers.federation_rules import (
    FederationRules,
    PermissionsParam,
)
from ...listing import after_item_id, page
from ...objects import check_variant
from ...replies import bad_request, invalid, invalid_type
from ...routing import Call, emulates
from ...rules import active_project, name_of
from ...table import Record, public
from ...workload_identity import add_rule

MAX_RULES = 50
"""Rules ("mappings") of one provider, by the API's guide to workload identities."""


@emulates(FederationRules.list)
def list_rules(call: Call) -> Record:
    account_id = call.query.text("service_account_id")
    wanted = None if account_id is None else (lambda r: r["service_account_id"] == account_id)
    rules = call.store.federation_rules[_provider(call)["id"]]
    return after_item_id(page(call.query, rules, where=wanted))


@emulates(FederationRules.create)
def create(call: Call) -> Record:
    store, body, provider = call.store, call.body, _provider(call)
    _check(body)
    # The body names the project here, not the path.
    project = active_project(attrs.evolve(call, path=body))
    store.project_service_accounts[project["id"]].get(body["service_account_id"])
    if len(store.federation_rules[provider["id"]]) >= MAX_RULES:
        raise bad_request(
            f"Workload identity provider '{provider['id']}' has {MAX_RULES} federation rules, and "
            "cannot have more.",
            code="federation_rule_limit_reached",
        )
    rule = add_rule(store, provider, body, created_at=store.now())
    event = {"id": rule["id"], "identity_provider_id": provider["id"], "data": body}
    call.audit("workload_identity_provider_mapping.created", event, project=project)
    return public(rule)


@emulates(FederationRules.retrieve)
def retrieve(call: Call) -> Record:
    return public(_rule(call))


@emulates(FederationRules.update)
def update(call: Call) -> Record:
    store, rule = call.store, _rule(call)
    _check(call.body)
    # The rule names the project, not the path.
    project = active_project(attrs.evolve(call, path=rule))
    if call.body:
        provider_id = rule["workload_identity_provider_id"]
        changes = {**call.body, "updated_at": store.now()}
        rule = store.federation_rules[provider_id].update(rule["id"], changes)
        event = {
            "id": rule["id"],
            "identity_provider_id": provider_id,
            "changes_requested": call.body,
        }
        call.audit("workload_identity_provider_mapping.updated", event, project=project)
    return public(rule)


@emulates(FederationRules.delete)
def delete(call: Call) -> Record:
    rule = _rule(call)
    remove(call, rule)
    return {
        "object": "organization.workload_identity_federation_rule.deleted",
        "id": rule["id"],
        "deleted": True,
    }


def remove(call: Call, rule: Record) -> None:
    """Remove a rule, and record it in the audit log."""
    provider_id = rule["workload_identity_provider_id"]
    call.store.federation_rules[provider_id].remove(rule["id"])
    event = {
        "id": rule["id"],
        "identity_provider_id": provider_id,
        "project_id": rule["project_id"],
        "service_account_id": rule["service_account_id"],
    }
    project = call.store.projects.get(rule["project_id"])
    call.audit("workload_identity_provider_mapping.deleted", event, project=project)


def _provider(call: Call) -> Record:
    return call.store.workload_identity_providers.get(call.path["workload_identity_provider_id"])


def _rule(call: Call) -> Record:
    rules = call.store.federation_rules[_provider(call)["id"]]
    return rules.get(call.path["workload_identity_federation_rule_id"])


def _check(body: Record) -> None:
    name_of(body)
    if body.get("description"):
        name_of(body, "description", maximum=2048)
    for attribute, wanted in body.get("attribute_matchers", {}).items():
        if not attribute:
            raise invalid("attribute_matchers", "expected the names of attributes.")
        if not isinstance(wanted, str | bool | int | float):
            param = f"attribute_matchers.{attribute[:64]}"
            raise invalid_type(param, "a string, a boolean or a number", wanted)
    if "permissions" in body:
        check_variant("permissions", body["permissions"], PermissionsParam)
