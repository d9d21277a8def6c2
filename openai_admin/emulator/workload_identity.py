"""Workload identity providers and their federation rules, as they are stored."""

from __future__ import annotations

from .store import Store
from .table import Record


def add_provider(store: Store, settings: Record, *, created_at: int) -> Record:
    """Add a provider with these settings; what they leave out has its default."""
    return store.workload_identity_providers.add(
        {
            "object": "organization.workload_identity_provider",
            "id": store.new_id("workload_identity_provider"),
            "created_at": created_at,
            "updated_at": created_at,
            "type": "oidc",
            "description": None,
            "enabled": True,
            "attribute_transformations": [],
            "verification": {"type": "discovery", "discovery_url": None},
            **settings,
        }
    )


def add_rule(store: Store, provider: Record, settings: Record, *, created_at: int) -> Record:
    """Add a federation rule to a provider; what the settings leave out has its default."""
    return store.federation_rules[provider["id"]].add(
        {
            "object": "organization.workload_identity_federation_rule",
            "id": store.new_id("federation_rule"),
            "workload_identity_provider_id": provider["id"],
            "created_at": created_at,
            "updated_at": created_at,
            "name": None,
            "description": None,
            "enabled": True,
            "permissions": {"type": "service_account_default"},
            **settings,
        }
    )
