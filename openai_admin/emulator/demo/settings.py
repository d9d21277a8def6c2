"""Settings of the demo organization and of the projects that differ from them."""

from __future__ import annotations

from ..store import Store
from ..table import Record
from .projects import PlannedProject

RETENTION = "data_retention"


def add_settings(store: Store, projects: tuple[PlannedProject, ...]) -> None:
    """Set data retention, models, hosted tools and service tiers where they are not the default."""
    ids = {project.plan.name: project.id for project in projects}
    settings: tuple[tuple[str, str, Record], ...] = (
        ("Checkout Fraud Review", RETENTION, {"type": "zero_data_retention"}),
        ("Document Intake", RETENTION, {"type": "enhanced_modified_abuse_monitoring"}),
        (
            "Mobile App",
            "model_permissions",
            {"mode": "allow_list", "model_ids": ["gpt-5-nano", "omni-moderation-latest"]},
        ),
        (
            "Marketing Studio",
            "model_permissions",
            {"mode": "deny_list", "model_ids": ["whisper-1", "tts-1"]},
        ),
        ("Data Platform", "hosted_tool_permissions", {"mcp": {"enabled": False}}),
        ("Checkout Fraud Review", "service_tier_settings", {"default": "fast"}),
        ("Search Relevance", "service_tier_settings", {"enabled_tiers": ["flex"]}),
    )
    for project, name, value in settings:
        store.settings[name, ids[project]] = value
