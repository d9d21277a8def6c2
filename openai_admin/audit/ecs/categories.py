"""The categories and types of ECS that events of the audit log have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..kinds import Action, Area, EventKind

VERSION = "9.4.0"
"""The version of ECS that events are written in."""

IAM_NOUNS = frozenset(
    {
        "admin_api_key",
        "api_key",
        "api_organization_invite",
        "certificate",
        "certificates",
        "chatgpt_access_token",
        "chatgpt_workspace_invite",
        "checkpoint.permission",
        "custom_role",
        "invite",
        "ip_allowlist",
        "ip_allowlist.config",
        "microsoft_entra_mapping",
        "policy",
        "product_access_policy",
        "project_api_key",
        "resource_share_grant",
        "role",
        "role.metadata",
        "scim",
        "scim.deletion",
        "scim.directory",
        "scim.setup",
        "service_account.token",
        "session_policy",
        "sso",
        "sso_connection",
        "sso_connection.setup",
        "third_party_app_policy",
        "workload_identity.binding",
        "workload_identity.mapping",
        "workload_identity.provider",
        "workload_identity_provider",
        "workload_identity_provider_mapping",
    }
)
"""The things that say who may come in and do what; all other things are configuration."""

_TYPES: Mapping[Action, str] = {
    "create": "creation",
    "read": "info",
    "update": "change",
    "delete": "deletion",
    "assign": "change",
    "revoke": "change",
    "enable": "change",
    "disable": "change",
    "login": "start",
    "logout": "end",
    "other": "info",
}
_OF_MEMBERS = {"added": "change", "removed": "change"}


@lru_cache(maxsize=1024)
def head_of(kind: EventKind, area: Area, verb: str) -> Mapping[str, Any]:
    """The fields of ``event`` that every event of a kind has.

    Args:
        kind: what the event is about.
        area: where it belongs: the kind's, or another where the payload says so.
        verb: what was done: the kind's, or another where the payload says so.
    """
    change = _TYPES[kind.action]
    category, types = {
        "account": ("iam", ["user", change]),
        "user_access": ("iam", ["user", change]),
        "group": ("iam", ["group", _OF_MEMBERS.get(verb, change)]),
        "authentication": ("authentication", [change if change in ("start", "end") else "info"]),
        "entity": ("iam", ["admin", change])
        if kind.noun in IAM_NOUNS
        else ("configuration", [change]),
        "api": ("api", [change]),
    }[area]
    return {
        "kind": "event",
        "category": [category],
        "type": types,
        "outcome": kind.outcome or "unknown",
        "module": "openai",
        "dataset": "openai.audit",
        "provider": "audit_logs",
    }
