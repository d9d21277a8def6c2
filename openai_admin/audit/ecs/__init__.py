"""Events of the audit log in the Elastic Common Schema (ECS), 9.4.

What the schema has no field for is under ``openai.audit``, which no one else uses:

- ``openai.audit.actor.type``: ``session``, ``api_key``, or the word that came;
- ``openai.audit.api_key.id``: the tracking id of the key that was used; ``type``: its owner's, as
  ``user`` or ``service_account``;
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
from ..addresses import as_number, is_country_code, is_ip
from ..event import AuditEvent, Origin
from ..kinds import Area, EventKind, kind_of
from ..leftovers import leftovers
from ..payloads import WHOM, changed_members, only_one, place_of, text
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
    if event.project_id is not None or event.project_name is not None:
        made["cloud"]["project"] = _present(id=event.project_id, name=event.project_name)
    user = _present(
        id=actor.user_id or actor.service_account_id, email=actor.email, name=actor.email
    )
    members = _add_target(made, user, event, kind, area)
    if user:
        made["user"] = user
    if source := _source(actor.origin):
        made["source"] = source
    if actor.origin.user_agent is not None:
        made["user_agent"] = {"original": actor.origin.user_agent}
    if actor.origin.ja3 is not None:
        made["tls"] = {"client": {"ja3": actor.origin.ja3}}
    if (error := _error(event)) is not None:
        made["error"] = error
        if event.why_odd is None and "message" in error:
            made["event"]["reason"] = error["message"]
    if related := _related(user, source, members):
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
    return made


def _error(event: AuditEvent) -> Fields | None:
    if event.why_odd is not None:
        return {"message": event.why_odd}
    details = event.details
    code, message = text(details, "error_code"), text(details, "error_message")
    return None if code is None and message is None else _present(code=code, message=message)


def _add_target(
    made: Fields, user: Fields, event: AuditEvent, kind: EventKind, area: Area
) -> list[str]:
    """Add who or which group was acted on; the people whose membership of a group was changed."""
    details, requested = event.details, event.requested
    members: list[str] = []
    id: str | None = None
    email = text(requested, "email")
    if area == "group":
        group_id = text(details, "group_id", "principal_id", "id")
        name = text(requested, "group_name", "name") or text(details, "group_name", "name")
        if group := _present(id=group_id, name=name):
            made["group"] = group
        members = changed_members(event)
        id = text(details, "user_id") or (members[0] if len(members) == 1 else None)
        email = text(details, "email")
    elif area in ("account", "user_access"):
        id = text(details, *WHOM[area])
        email = text(details, "email") or email
        if (role := text(requested, "role")) is not None:
            user["changes"] = {"roles": [role]}
    elif area == "authentication":
        id, email = text(details, *WHOM[area]), text(details, "email")
        if kind.action in ("login", "logout"):  # who does so is whom it is about
            user.update({} if user else _present(id=id, email=email, name=email))
            return members
    if id is not None or email is not None:
        user["target"] = _present(id=id, email=email, name=email)
    return members


def _own(event: AuditEvent, kind: EventKind) -> Fields:
    """What is not in the schema, under names of its own."""
    actor, details = event.actor, event.details
    own: Fields = {}
    if actor.via is not None:
        own["actor"] = {"type": actor.via}
    is_service = actor.kind == "service_account"  # also where the key's type is not told
    key_type = actor.key_type or ("service_account" if is_service else None)
    if key := _present(id=actor.key_id, type=key_type):
        own["api_key"] = key
    if actor.origin.ja4 is not None:
        own["ja4"] = actor.origin.ja4
    one = only_one(details) or details
    id, name = text(one, "id"), text(one, "name", "role_name")
    name = name or text(event.requested, "name", "title", "role_name")
    if id is not None or name is not None:
        own["target"] = _present(id=id, name=name) | {"type": kind.noun}
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
    if geo := _geo(origin):
        made["geo"] = geo
    if origin.asn is not None:
        number = as_number(origin.asn)
        if number is None:
            made["as"] = {"organization": {"name": origin.asn}}
        else:
            made["as"] = {"number": number}
    return made


def _geo(origin: Origin) -> Fields:
    country, region = origin.country, origin.region_code
    made: Fields = {}
    code = country if country is not None and is_country_code(country) else None
    if code is not None:
        made["country_iso_code"] = code
    elif country is not None:
        made["country_name"] = country
    if origin.city is not None:
        made["city_name"] = origin.city
    if origin.region is not None:
        made["region_name"] = origin.region
    if region is not None:
        made["region_iso_code"] = (
            region if code is None or region.startswith(f"{code}-") else f"{code}-{region}"
        )
    if origin.latitude is not None and origin.longitude is not None:
        made["location"] = {"lat": origin.latitude, "lon": origin.longitude}
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
