"""What the API takes, as its operations declare it: the choices and ranges of what is in a file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from ..._declare.operation import OPERATIONS, Parameter
from ..._wire.types import Array, Bounds, OneOf, Scalar, alternatives, known_values
from ...resources import load
from ...resources.external_keys import EXTERNAL_KEY_FIELDS, EXTERNAL_KEY_VERSION
from ..sections import PRUNABLE
from .model import (
    ALL,
    Certificate,
    Document,
    ExternalKey,
    ExternalStorage,
    FederationRule,
    Member,
    Models,
    Person,
    Project,
    RateLimit,
    ServiceAccount,
    ServiceTiers,
    Settings,
    SpendAlert,
)

Field = tuple[type, str]
"""A model of the file, and the name of one of its fields."""

_ARGUMENT: Mapping[Field, tuple[str, str]] = {
    (Person, "role"): ("invites.create", "role"),
    (Member, "role"): ("projects.users.create", "role"),
    (ServiceAccount, "role"): ("projects.service_accounts.update", "role"),
    (Models, "mode"): ("projects.model_permissions.update", "mode"),
    (ServiceTiers, "default"): ("projects.service_tier_settings.update", "default"),
    (ServiceTiers, "enabled"): ("projects.service_tier_settings.update", "enabled_tiers"),
    (Project, "residency"): ("projects.create", "residency"),
    (Project, "data_retention"): ("projects.data_retention.update", "retention_type"),
    (Project, "spend_limit"): ("projects.spend_limit.update", "threshold_amount"),
    (Settings, "data_retention"): ("data_retention.update", "retention_type"),
    (Settings, "spend_limit"): ("spend_limit.update", "threshold_amount"),
    (SpendAlert, "amount"): ("spend_alerts.create", "threshold_amount"),
    (ExternalKey, "type"): ("external_keys.create", "type"),
    (ExternalKey, "purpose"): ("external_keys.create", "purpose"),
    (ExternalStorage, "provider"): ("external_storage.create", "provider"),
    (Certificate, "file"): ("certificates.create", "certificate"),
    (FederationRule, "attributes"): (
        "workload_identity_providers.federation_rules.create",
        "attribute_matchers",
    ),
}
TEXTS: frozenset[Field] = frozenset({(ExternalKey, "details"), (ExternalStorage, "provider")})
"""Mappings whose values are texts, whatever YAML takes them for: an account's number is one."""

_KEY = "external_keys.create"
_RATE_LIMIT = "projects.rate_limits.update"
_HOSTED_TOOLS = "projects.hosted_tool_permissions.update"


def argument(field: Field) -> Parameter | None:
    """The argument that a field of the file becomes; ``None`` where it is none by itself."""
    cls, name = field
    if cls is RateLimit and name in _operation(_RATE_LIMIT):
        return _operation(_RATE_LIMIT)[name]
    if field not in _ARGUMENT:
        return None
    operation, wanted = _ARGUMENT[field]
    return _operation(operation)[wanted]


@cache
def choices(field: Field) -> tuple[str, ...]:
    """The texts that a field may be, or the items of its list; none where any will do."""
    if field == (Document, "prune"):
        return (ALL, *PRUNABLE)
    if field == (Project, "hosted_tools"):
        return tuple(n for n, p in _operation(_HOSTED_TOOLS).items() if p.place == "body")
    parameter = argument(field)
    if parameter is None:
        return ()
    lists = [each.item for each in alternatives(parameter.type) if isinstance(each, Array)]
    return known_values(OneOf(tuple(lists)) if lists else parameter.type)


def bounds(field: Field) -> Bounds:
    """The range of a field's number; of an amount in US cents."""
    parameter = argument(field)
    scalars = [] if parameter is None else alternatives(parameter.type)
    return next((each.bounds for each in scalars if isinstance(each, Scalar)), Bounds())


def dollars(cents: float) -> Decimal:
    """An amount in dollars."""
    return Decimal(int(cents)).scaleb(-2) if cents else Decimal(0)


def keys(field: Field) -> Mapping[str, str]:
    """What a mapping of the file may have, each with what it means; empty where any key will do."""
    if field == (Project, "hosted_tools"):
        return {name: _said(_HOSTED_TOOLS)[name] for name in choices(field)}
    if field == (ExternalKey, "details"):
        details = [key_details(kind) for kind in EXTERNAL_KEY_FIELDS]
        names = dict.fromkeys(name for each in details for part in each for name in part)
        return {name: _said(_KEY)[name] for name in names}
    return {}


def check_keys(jwks: Mapping[str, Any]) -> None:
    """Look whether an identity provider's keys are public ones.

    Raises:
        InvalidInputError: they are not.
    """
    verification = _operation("workload_identity_providers.create")["verification"]
    verification.rule({"type": "uploaded_jwks", "jwks": jwks}, "verification", True)


def key_details(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the `details` of an external key of a type must have, and what else they may have."""
    version = EXTERNAL_KEY_VERSION.get(kind)
    return EXTERNAL_KEY_FIELDS[kind], (version,) if version else ()


def _said(operation: str) -> Mapping[str, str]:
    _operation(operation)
    return OPERATIONS[operation].parameter_docs


@cache
def _operation(name: str) -> Mapping[str, Parameter]:
    load()
    return OPERATIONS[name].parameters
