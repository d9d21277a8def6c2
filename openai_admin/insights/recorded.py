"""What an event of the audit log speaks of, and who made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..resources.audit_logs import AuditLog


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a payload; an assignment's id is those of its role and of who has it."""
    if isinstance(value, str):
        yield from (value, *value.split(":"))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)


def actor_of(event: AuditLog) -> str | None:
    """Who made an event: an address, else the id of a person, service account or key."""
    actor = event.actor
    if actor is None:
        return None
    if actor.user is not None:
        return actor.user.email or actor.user.id
    key = actor.api_key
    if key is not None and key.service_account is not None:
        return key.service_account.id
    return None if key is None else key.id
