"""Workload identity providers: registered, changed, deleted once they have no rules."""

from __future__ import annotations

from urllib.parse import urlsplit

from ....resources.workload_identity_providers import (
    AttributeTransformationParam,
    VerificationParam,
    WorkloadIdentityProviders,
)
from ...listing import after_item_id, page
from ...objects import check_members, check_variant
from ...replies import bad_request, conflict, invalid
from ...routing import Call, emulates
from ...rules import name_of
from ...table import Record, public
from ...workload_identity import add_provider

MAX_PROVIDERS = 50
"""Providers of one organization, by the API's guide to workload identities."""
_MAX_TEXT = 2048


@emulates(WorkloadIdentityProviders.list)
def list_providers(call: Call) -> Record:
    return after_item_id(page(call.query, call.store.workload_identity_providers))


@emulates(WorkloadIdentityProviders.create)
def create(call: Call) -> Record:
    store = call.store
    _check(call.body)
    if len(store.workload_identity_providers) >= MAX_PROVIDERS:
        raise bad_request(
            f"The organization has {MAX_PROVIDERS} workload identity providers, and cannot have "
            "more.",
            code="workload_identity_provider_limit_reached",
        )
    provider = add_provider(store, call.body, created_at=store.now())
    event = {"id": provider["id"], "data": call.body}
    call.audit("workload_identity_provider.created", event)
    return public(provider)


@emulates(WorkloadIdentityProviders.retrieve)
def retrieve(call: Call) -> Record:
    return public(_provider(call))


@emulates(WorkloadIdentityProviders.update)
def update(call: Call) -> Record:
    provider = _provider(call)
    _check(call.body)
    if call.body:
        changes = {**call.body, "updated_at": call.store.now()}
        provider = call.store.workload_identity_providers.update(provider["id"], changes)
        event = {"id": provider["id"], "changes_requested": call.body}
        call.audit("workload_identity_provider.updated", event)
    return public(provider)


@emulates(WorkloadIdentityProviders.delete)
def delete(call: Call) -> Record:
    store, provider = call.store, _provider(call)
    if len(store.federation_rules[provider["id"]]):
        raise conflict(
            f"Workload identity provider '{provider['id']}' has federation rules. "
            "Delete them first.",
            code="federation_rules_exist",
        )
    store.workload_identity_providers.remove(provider["id"])
    event = {"id": provider["id"], "name": provider["name"]}
    call.audit("workload_identity_provider.deleted", event)
    return {
        "object": "organization.workload_identity_provider.deleted",
        "id": provider["id"],
        "deleted": True,
    }


def _provider(call: Call) -> Record:
    return call.store.workload_identity_providers.get(call.path["workload_identity_provider_id"])


def _check(body: Record) -> None:
    name_of(body)
    for param in ("audience", "issuer", "description"):
        if body.get(param) or param != "description":
            name_of(body, param, maximum=_MAX_TEXT)
    if "issuer" in body:
        _check_address("issuer", body["issuer"])
    for index, transformation in enumerate(body.get("attribute_transformations", ())):
        param = f"attribute_transformations[{index}]"
        check_members(param, transformation, AttributeTransformationParam)
        for name in transformation:
            name_of(transformation, name, maximum=_MAX_TEXT)
    if "verification" in body:
        verification = body["verification"]
        check_variant("verification", verification, VerificationParam)
        address = verification.get("discovery_url")
        if address is not None:
            _check_address("verification.discovery_url", address)
        jwks = verification.get("jwks")
        if jwks is not None and not isinstance(jwks.get("keys"), list):
            raise invalid("verification.jwks", "expected a JSON Web Key Set with an array 'keys'.")


def _check_address(param: str, value: str) -> None:
    """OpenID Connect requires `https` for an issuer and its discovery document."""
    try:
        address = urlsplit(value)
    except ValueError:
        address = urlsplit("")
    if address.scheme != "https" or not address.hostname:
        raise invalid(param, "expected an https address.")
