"""What of an event has no place in a mapping: unknown fields, and known ones of another shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .event import Actor, AuditEvent

_NUMBER = (str, int, float)
_USER = {"id": str, "email": str}
_ORIGIN = {
    "ip_address": str,
    "user_agent": str,
    "ja3": str,
    "ja4": str,
    "ip_address_details": {
        "country": str,
        "region": str,
        "region_code": str,
        "city": str,
        "asn": (str, int),
        "latitude": _NUMBER,
        "longitude": _NUMBER,
    },
}
_KEY = {"id": str, "type": str, "user": _USER, "service_account": {"id": str}}
_ACTOR = {"type": str, "session": _ORIGIN | {"user": _USER}, "api_key": _KEY | _ORIGIN}
_EVENT: Mapping[str, Any] = {
    "object": str,
    "id": str,
    "type": str,
    "effective_at": _NUMBER,
    "actor": _ACTOR,
    "project": {"id": str, "name": str},
}
"""What of an event an `AuditEvent` has, and of which type; what is null says nothing."""


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
        if wanted is None:
            rest[name] = each
        elif each is None:
            continue
        elif type(wanted) is dict:
            if type(each) is not dict:
                rest[name] = each
            elif inner := _rest(each, wanted):
                rest[name] = inner
        elif not isinstance(each, wanted) or type(each) is bool:
            rest[name] = each
    return rest


def _has_unread(actor: Actor, raw: dict[str, Any]) -> bool:
    """Whether of an actor of the right shape something was not taken: a value or a second one."""
    session, key = raw.get("session"), raw.get("api_key")
    if session and key:
        return True
    details = (session or key or {}).get("ip_address_details") or {}
    origin = actor.origin
    return (origin.latitude is None and details.get("latitude") is not None) or (
        origin.longitude is None and details.get("longitude") is not None
    )
