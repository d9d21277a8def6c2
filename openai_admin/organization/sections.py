"""The sections of the file: what can be managed, removed or asked for by itself."""

from __future__ import annotations

SECTIONS = (
    "people",
    "people.roles",
    "groups",
    "groups.members",
    "groups.roles",
    "roles",
    "projects",
    "projects.members",
    "projects.groups",
    "projects.roles",
    "projects.service_accounts",
    "projects.rate_limits",
    "projects.spend_limit",
    "projects.spend_alerts",
    "projects.models",
    "projects.hosted_tools",
    "projects.service_tiers",
    "projects.data_retention",
    "projects.certificates",
    "projects.external_storage",
    "settings.spend_limit",
    "settings.spend_alerts",
    "settings.data_retention",
    "certificates",
    "identity_providers",
    "identity_providers.rules",
    "external_keys",
)
"""All of them, as `prune:` and ``--only`` take them; after a dot: of each thing before it."""

OF_PROJECTS = tuple(name for name in SECTIONS if name.partition(".")[0] == "projects")
"""Those of projects and what is in them: all that there is where some projects are named."""

PRUNABLE = (
    "people",
    "people.roles",
    "groups",
    "groups.members",
    "groups.roles",
    "roles",
    "projects",
    "projects.members",
    "projects.groups",
    "projects.roles",
    "projects.service_accounts",
    "projects.spend_alerts",
    "projects.certificates",
    "projects.external_storage",
    "settings.spend_alerts",
    "certificates",
    "identity_providers",
    "identity_providers.rules",
    "external_keys",
)
"""Those that are collections: what is not in the file can be removed from them."""
