"""Events of the audit log in the Open Cybersecurity Schema Framework (OCSF), 1.8.0.

An event becomes one of six classes: Account Change, Authentication, Entity Management, User Access
Management, Group Management, or API Activity, which takes what is nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..addresses import is_country_code
from ..event import AuditEvent
from ..kinds import kind_of
from ..leftovers import leftovers
from ..payloads import place_of
from ..sentences import sentence
from ..written import json_of
from .classes import IN_DOUBT, VERSION, head_of
from .objects import actor_of, cloud_of, endpoint_of, observables_of
from .targets import TARGETS

__all__ = ["VERSION", "to_ocsf"]


def to_ocsf(
    event: AuditEvent,
    *,
    organization_id: str | None = None,
    observed_at: datetime | None = None,
    raw: bool = True,
) -> dict[str, Any]:
    """An event as a valid event of OCSF 1.8.0, with the cloud profile; also one that is odd.

    The schema requires a time. An event that tells none has the one at which it was observed, and
    says so: its ``unmapped.time_source`` is ``observed``. What else the schema requires and the
    event does not tell has the name ``Unknown``, and the type 0.

    Args:
        event: the event.
        organization_id: the organization whose log it is, which the event itself does not say.
        observed_at: when the event was read; by default now. Only an event without a time has it.
        raw: whether ``raw_data`` has the whole event as it came, as JSON text. What found no field
            is in ``unmapped`` in any case.
    """
    kind = kind_of(event.type or "")
    area, verb = place_of(event, kind)
    taken: set[str] = set()
    target = TARGETS[area](event, kind, taken)
    unmapped = leftovers(event)
    if event.payload is not None and (payload := _without(event.payload, taken)):
        unmapped["payload"] = payload
    head = head_of(kind, area, verb)
    if event.why_odd is not None:
        unmapped["unreadable"] = event.why_odd
        head = {**head, **IN_DOUBT}
    if event.at is None:
        at = observed_at or datetime.now(UTC)
        unmapped["time_source"] = "observed"
    else:
        at = event.at
    origin = event.actor.origin
    made: dict[str, Any] = {
        **head,
        "time": _milliseconds(at),
        "message": sentence(event, kind),
        "metadata": _metadata(event, organization_id),
        "cloud": cloud_of(event, organization_id),
        **target,
    }
    if (actor := actor_of(event.actor)) is not None:
        made["actor"] = actor
    endpoint = endpoint_of(origin)
    if endpoint is not None:
        made["src_endpoint"] = endpoint
    if origin.latitude is not None and "location" not in (endpoint or {}):
        unmapped["coordinates"] = {"lat": origin.latitude, "long": origin.longitude}
    if origin.country is not None and not is_country_code(origin.country):
        unmapped["country"] = origin.country
    if origin.user_agent is not None:
        made["http_request"] = {"user_agent": origin.user_agent}
    if observables := observables_of(made, event.actor):
        made["observables"] = observables
    if unmapped:
        made["unmapped"] = unmapped
    if raw:
        made["raw_data"] = json_of(event.raw).decode()
    return made


def _metadata(event: AuditEvent, organization_id: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "version": VERSION,
        "product": {"name": "OpenAI API Platform", "vendor_name": "OpenAI"},
        "profiles": ["cloud"],
        "log_name": "audit_logs",
        "log_provider": "OpenAI",
    }
    if event.id is not None:
        made["uid"] = event.id
    if event.type is not None:
        made["event_code"] = event.type
    if event.at is not None:
        made["original_time"] = str(event.raw["effective_at"])
    if organization_id is not None:
        made["tenant_uid"] = organization_id
    return made


def _without(payload: Any, taken: set[str]) -> Any:
    """What of a payload is not in the fields of its class."""
    if type(payload) is not dict:
        return payload
    return {key: value for key, value in payload.items() if key not in taken}


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
