"""An event in one sentence, for people."""

from __future__ import annotations

from .event import AuditEvent
from .kinds import EventKind


def sentence(event: AuditEvent, kind: EventKind) -> str:
    """What happened, as ``API key key_1 created by ana@example.com from 203.0.113.4``."""
    if event.why_odd is not None:
        return f"Unreadable event of the audit log: {event.why_odd}"
    actor = event.actor
    by = actor.email or actor.identity or actor.via
    ending = f" by {by}" if by else ""
    if actor.origin.ip is not None:
        ending += f" from {actor.origin.ip}"
    if event.project_id is not None:
        ending += f" in project {event.project_name or event.project_id}"
    if kind.action in ("login", "logout"):
        return f"{kind.caption} {kind.verb}{ending}{_reason(event)}"
    if kind.done is None:
        return f"{event.type or 'Event of no known type'}{ending}"
    target = event.target_id
    which = f" {target}" if target is not None else ""
    return f"{kind.caption}{which} {kind.done}{ending}"


def _reason(event: AuditEvent) -> str:
    reason = event.details.get("error_message")
    return f": {reason}" if isinstance(reason, str) and reason else ""
