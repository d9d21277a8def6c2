"""What of an event has no place in a mapping: unknown fields, and known ones of another shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .event import OF_ORIGIN, Actor, AuditEvent

_NONE = type(None)  # what is null says nothing
_TEXT = frozenset({str, _NONE})
_WHOLE = frozenset({str, int, _NONE})
_NUMBER = frozenset({str, int, float, _NONE})

_USER = {"id": _TEXT, "email": _TEXT}
_ORIGIN = {
    "ip_address": _TEXT,
    "user_agent": _TEXT,
    "ja3": _TEXT,
    "ja4": _TEXT,
    "ip_address_details": {
        "country": _TEXT,
        "region": _TEXT,
        "region_code": _TEXT,
        "city": _TEXT,
        "asn": _WHOLE,
        "latitude": _NUMBER,
        "longitude": _NUMBER,
    },
}
_KEY = {"id": _TEXT, "type": _TEXT, "user": _USER, "service_account": {"id": _TEXT}}
_ACTOR = {"type": _TEXT, "session": _ORIGIN | {"user": _USER}, "api_key": _KEY | _ORIGIN}
_EVENT: Mapping[str, Any] = {
    "object": _TEXT,
    "id": _TEXT,
    "type": _TEXT,
    "effective_at": _NUMBER,
    "actor": _ACTOR,
    "project": {"id": _TEXT, "name": _TEXT},
}
"""What of an event an `AuditEvent` has, and of which types."""


def leftovers(event: AuditEvent) -> dict[str, Any]:
    """What came in an event beside its payload and what an `AuditEvent` knows of it.

    An actor that is not wholly known is there as a whole; what is no object is under ``event``.
    """
    raw = event.raw
    if type(raw) is not dict:
        return {"event": raw}
    rest = _rest(raw, _EVENT)
    rest.pop(event.payload_key, None)
    actor = raw.get("actor")
    if type(actor) is str:
        rest.pop("actor", None)
    elif type(actor) is dict and ("actor" in rest or _has_unread(event.actor, actor)):
        rest["actor"] = actor
    if event.at is None and raw.get("effective_at") is not None:
        rest["effective_at"] = raw["effective_at"]
    return rest


def _rest(value: dict[str, Any], shape: Mapping[str, Any]) -> dict[Any, Any]:
    rest: dict[Any, Any] = {}
    for name, each in value.items():
        wanted = shape.get(name)
        if type(wanted) is frozenset:
            if type(each) not in wanted:
                rest[name] = each
        elif type(wanted) is dict and type(each) is dict:
            if inner := _rest(each, wanted):
                rest[name] = inner
        elif wanted is None or each is not None:
            rest[name] = each
    return rest


def _has_unread(actor: Actor, raw: dict[str, Any]) -> bool:
    """Whether of an actor of the right shape something was not taken: a value or a second one."""
    session, key = (
        each if type(each) is dict else {} for each in (raw.get("session"), raw.get("api_key"))
    )
    owners = [each for each in (session.get("user"), key.get("user")) if each]
    if any(each != owners[0] for each in owners[1:]) or (owners and actor.service_account_id):
        return True
    if actor.key_type is not None and actor.key_type != actor.kind:
        return True  # whose key it is, is told by its owner's place
    places = [each for each in (session, key) if not OF_ORIGIN.isdisjoint(each)]
    if len(places) > 1:
        return True
    details = (places[0].get("ip_address_details") or {}) if places else {}
    origin = actor.origin
    if origin.latitude is not None and origin.longitude is not None:
        return False
    return details.get("latitude") is not None or details.get("longitude") is not None
