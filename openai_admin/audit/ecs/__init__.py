"""Events of the audit log in the Elastic Common Schema (ECS), 9.4.

What the schema has no field for is under ``openai.audit``, which no one else uses:

- ``openai.audit.actor.type``: ``session``, ``api_key``, or the word that came;
- ``openai.audit.api_key.id``: the tracking id of the key that was used;
- ``openai.audit.target``: ``id``, ``name`` and ``type`` of what was acted on;
- ``openai.audit.ja4``: the fingerprint of the session's TLS, by JA4;
- ``openai.audit.payload``: what the event reports, as it came; under ``value`` what is no object;
- ``openai.audit.other``: what else came and is not known;
- ``openai.audit.time_source``: ``observed`` where the event told no time;
- ``openai.audit.unreadable``: why the event could not be read as one.

Of these, ``payload`` and ``other`` are best mapped as ``flattened``: their keys are the API's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..._wire.codec import iso
from ..addresses import as_number, is_ip
from ..event import AuditEvent, Origin
from ..kinds import Area, EventKind, kind_of
from ..leftovers import leftovers
from ..payloads import changed_members, only_one, place_of, text
from ..sentences import sentence
from ..written import json_of
from .categories import VERSION, head_of

__all__ = ["VERSION", "to_ecs"]

Fields = dict[str, Any]


def to_ecs(
    event: AuditEvent,
    *,
    organization_id: str | None = None,
    observed_at: datetime | None = None,
    raw: bool = True,
) -> Fields:
    """An event as a document of ECS, its fields nested; also one that is odd.

    A document must have a time. An event that tells none has the one at which it was observed, and
    says so: its ``openai.audit.time_source`` is ``observed``.

    Args:
        event: the event.
        organization_id: the organization whose log it is, which the event itself does not say.
        observed_at: when the event was read, which becomes ``event.created``. An event without a
            time has it, too: by default now.
        raw: whether ``event.original`` has the whole event as it came, as JSON text. What found no
            field is under ``openai.audit`` in any case.
    """
    kind = kind_of(event.type or "")
    area, verb = place_of(event, kind)
    actor = event.actor
    own = _own(event, kind)
    at = event.at
    if at is None:
        at = observed_at or datetime.now(UTC)
        own["time_source"] = "observed"
    made: Fields = {
        "@timestamp": iso(at),
        "ecs": {"version": VERSION},
        "message": sentence(event, kind),
        "event": _event(event, kind, area, verb),
        "cloud": {"provider": "openai"},
        "service": {"name": "OpenAI API Platform", "type": "openai"},
        "openai": {"audit": own},
    }
    if observed_at is not None:
        made["event"]["created"] = iso(observed_at)
    if raw:
        made["event"]["original"] = json_of(event.raw).decode()
    if organization_id is not None:
        made["organization"] = {"id": organization_id}
    if project := _present(id=event.project_id, name=event.project_name):
        made["cloud"]["project"] = project
    user = _present(
        id=actor.user_id or actor.service_account_id, email=actor.email, name=actor.email
    )
    _add_target(made, user, event, area)
    if user:
        made["user"] = user
    if source := _source(actor.origin):
        made["source"] = source
    if actor.origin.user_agent is not None:
        made["user_agent"] = {"original": actor.origin.user_agent}
    if actor.origin.ja3 is not None:
        made["tls"] = {"client": {"ja3": actor.origin.ja3}}
    if error := _error(event):
        made["error"] = error
    if related := _related(user, source, changed_members(event)):
        made["related"] = related
    return made


def _present(**fields: str | None) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def _event(event: AuditEvent, kind: EventKind, area: Area, verb: str) -> Fields:
    made = dict(head_of(kind, area, verb))
    if event.id is not None:
        made["id"] = event.id
    if event.type is not None:
        made["action"] = made["code"] = event.type
    if event.why_odd is not None:
        made["kind"], made["outcome"] = "pipeline_error", "unknown"
    reason = event.details.get("error_message")
    if isinstance(reason, str) and reason:
        made["reason"] = reason
    return made


def _error(event: AuditEvent) -> Fields:
    if event.why_odd is not None:
        return {"message": event.why_odd}
    details = event.details
    return _present(code=text(details, "error_code"), message=text(details, "error_message"))


def _add_target(made: Fields, user: Fields, event: AuditEvent, area: Area) -> None:
    """Add who or which group was acted on."""
    details, requested = event.details, event.requested
    if area == "group":
        id = text(details, "group_id", "principal_id", "id")
        name = text(requested, "group_name", "name") or text(details, "group_name", "name")
        if group := _present(id=id, name=name):
            made["group"] = group
        members = changed_members(event)
        only = members[0] if len(members) == 1 else None
        target = _present(id=text(details, "user_id") or only, email=text(details, "email"))
    elif area in ("account", "user_access"):
        holder = text(details, "principal_id", "user_id")
        email = text(details, "email") or text(requested, "email")
        own = text(details, "id") if area == "account" else None
        target = _present(id=holder or own, email=email, name=email)
        if (role := text(requested, "role")) is not None:
            user["changes"] = {"roles": [role]}
    else:
        email = text(requested, "email")
        target = _present(email=email, name=email)
    if target:
        user["target"] = target


def _own(event: AuditEvent, kind: EventKind) -> Fields:
    """What is not in the schema, under names of its own."""
    actor, details = event.actor, event.details
    own: Fields = {}
    if actor.via is not None:
        own["actor"] = {"type": actor.via}
    if actor.key_id is not None:
        own["api_key"] = {"id": actor.key_id}
    if actor.origin.ja4 is not None:
        own["ja4"] = actor.origin.ja4
    one = only_one(details) or details
    name = text(one, "name", "role_name") or text(event.requested, "name", "title", "role_name")
    if target := _present(id=text(one, "id"), name=name):
        own["target"] = target | {"type": kind.noun}
    if event.payload is not None:
        is_object = type(event.payload) is dict
        own["payload"] = event.payload if is_object else {"value": event.payload}
    if other := leftovers(event):
        own["other"] = other
    if event.why_odd is not None:
        own["unreadable"] = event.why_odd
    return own


def _source(origin: Origin) -> Fields:
    made: Fields = {}
    if origin.ip is not None:
        made["address"] = origin.ip
        if is_ip(origin.ip):
            made["ip"] = origin.ip
    country, region = origin.country, origin.region_code
    geo = _present(
        country_iso_code=country,
        city_name=origin.city,
        region_name=origin.region,
        region_iso_code=f"{country}-{region}" if country and region else region,
    )
    if origin.latitude is not None and origin.longitude is not None:
        geo["location"] = {"lat": origin.latitude, "lon": origin.longitude}
    if geo:
        made["geo"] = geo
    if origin.asn is not None:
        number = as_number(origin.asn)
        if number is None:
            made["as"] = {"organization": {"name": origin.asn}}
        else:
            made["as"] = {"number": number}
    return made


def _related(user: Fields, source: Fields, members: Iterable[str]) -> Fields:
    """What to search for: every address and every person of the event."""
    made: Fields = {}
    if "ip" in source:
        made["ip"] = [source["ip"]]
    target = user.get("target", {})
    named = (user.get("id"), user.get("email"), target.get("id"), target.get("email"))
    people = [each for each in (*named, *members) if each is not None]
    if people:
        made["user"] = list(dict.fromkeys(people))
    return made
