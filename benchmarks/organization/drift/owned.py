"""Which tables of the emulator a section of the file is about."""

from __future__ import annotations

from collections.abc import Mapping

OWNED: Mapping[str, frozenset[str]] = {
    section: frozenset(kinds)
    for section, kinds in {
        "people": ("users", "invites"),
        "people.roles": ("user_roles",),
        "groups": ("groups",),
        "groups.members": ("group_users",),
        "groups.roles": ("group_roles",),
        "roles": ("roles",),
        "projects": ("projects",),
        # Whoever is invited has their projects by the invite.
        "projects.members": ("project_users", "project_user_roles", "invites"),
        "projects.groups": ("project_groups", "project_group_roles"),
        "projects.roles": ("project_roles",),
        "projects.service_accounts": ("project_service_accounts",),
        "projects.rate_limits": ("project_rate_limits",),
        "projects.spend_limit": ("spend_limit of a project",),
        "projects.spend_alerts": ("project_spend_alerts",),
        "projects.models": ("model_permissions of a project",),
        "projects.hosted_tools": ("hosted_tool_permissions of a project",),
        "projects.service_tiers": ("service_tier_settings of a project",),
        "projects.data_retention": ("data_retention of a project",),
        "projects.certificates": ("project_certificates",),
        "projects.external_storage": ("external_storage",),
        "settings.spend_limit": ("spend_limit",),
        "settings.spend_alerts": ("spend_alerts",),
        "settings.data_retention": ("data_retention",),
        "certificates": ("certificates",),
        "identity_providers": ("workload_identity_providers",),
        "identity_providers.rules": ("federation_rules",),
        "external_keys": ("external_keys",),
    }.items()
}
"""The tables, and settings by name; see `tests.snapshots.stored`."""
