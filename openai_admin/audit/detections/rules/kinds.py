"""Types of events that several detections are about."""

from __future__ import annotations

INVITES = frozenset(
    {
        *("invite.sent", "tenant.user.invited", "tenant.api_organization_invite.upserted"),
        "tenant.chatgpt_workspace_invite.upserted",
    }
)
"""Somebody is invited."""
