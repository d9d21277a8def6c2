"""How findings name things: names where they are known, always beside the id."""

from __future__ import annotations

from ...event import AuditEvent
from ..model import Context


def who(event: AuditEvent, context: Context) -> str:
    """The one who did it, as the subject of a sentence."""
    actor = event.actor
    if actor.user_id or actor.email:
        email = actor.email or context.directory.emails.get(actor.user_id or "")
        person = email or actor.user_id or ""
        return f"{person} (with key {actor.key_id})" if actor.key_id else person
    if actor.service_account_id:
        return f"Service account {named(actor.service_account_id, context)}"
    if actor.key_id:
        return f"Key {named(actor.key_id, context)}"
    return "Somebody whom the log does not name" if actor.via is None else f"“{actor.via}”"


def named(id: str | None, context: Context) -> str:
    """A thing or a person by name with the id, or by what is known."""
    if id is None:
        return "something without an id"
    name = context.directory.emails.get(id) or context.directory.names.get(id)
    return id if name is None or name == id else f"{name} ({id})"


def where(event: AuditEvent, context: Context) -> str:
    """The place an event happened in, to end a sentence with."""
    if event.project_id is None:
        return "of the organization"
    name = event.project_name or context.directory.names.get(event.project_id)
    known = event.project_id if name is None else f"{name} ({event.project_id})"
    return f"of project {known}"
