"""An event of the audit log as evidence: who did what, from where, whatever shape it came in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from ..._wire.codec import to_dict
from ..._wire.portable import Portable
from ..._wire.scalars import read_datetime
from ...resources.audit_logs import AuditLog
from ...resources.audit_logs.items import Item

_NOTHING: Mapping[str, Any] = {}
_NUMBERS = frozenset({str, int, float})
OF_ORIGIN = frozenset({"ip_address", "ip_address_details", "user_agent", "ja3", "ja4"})
"""The keys of a session, or of a key, that say where it came from."""


@attrs.frozen(kw_only=True)
class Origin:
    """Where a session came from; all of it ``None`` where the event does not say, as with keys.

    Attributes:
        ip: its address, as it came.
        country: the country's code in capitals, as ``NL``, or what came in its place.
        region: the region's name.
        region_code: the region's code, as ``NH``.
        city: the city's name.
        asn: the number of the network's operator, as text without ``AS``.
        latitude: degrees north.
        longitude: degrees east.
        user_agent: what the browser calls itself.
        ja3: the fingerprint of its TLS, by JA3.
        ja4: the same by JA4.
    """

    ip: str | None = None
    country: str | None = None
    region: str | None = None
    region_code: str | None = None
    city: str | None = None
    asn: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    user_agent: str | None = None
    ja3: str | None = None
    ja4: str | None = None


_NOWHERE = Origin()


@attrs.frozen(kw_only=True)
class Actor:
    """Who did it, as far as the event says.

    Attributes:
        via: ``session`` for a browser, ``api_key`` for a program; else the word that came, as
            ``system``; ``None`` where nothing did.
        user_id: the person's id.
        email: the person's address, as it came.
        service_account_id: the service account's id.
        key_id: the tracking id of the key that was used.
        key_type: whose key it is, as it came: ``user`` or ``service_account``.
        origin: where the session came from, or the key's request where that is told.
    """

    via: str | None = None
    user_id: str | None = None
    email: str | None = None
    service_account_id: str | None = None
    key_id: str | None = None
    key_type: str | None = None
    origin: Origin = _NOWHERE

    @property
    def identity(self) -> str | None:
        """What the same actor is recognized by: a person's id or address, else an account's or a
        key's id.
        """
        return self.user_id or self.email or self.service_account_id or self.key_id

    @property
    def kind(self) -> Literal["user", "service_account", "key"] | None:
        """What acted; a key alone where nothing says whose it is."""
        if self.user_id or self.email:
            return "user"
        if self.service_account_id:
            return "service_account"
        return "key" if self.key_id else None


_NOBODY = Actor()


@attrs.frozen(kw_only=True)
class AuditEvent(Portable):
    """An event of the audit log with the parts that evidence needs, each ``None`` if not told.

    What could not be read as an event is one too, as far as it can be understood.

    Attributes:
        raw: the event as it came, as decoded JSON.
        id: its id.
        type: what happened, as ``project.archived``.
        at: when it happened, UTC.
        actor: who did it.
        project_id: the project it happened in.
        project_name: the name that the project had.
        payload: what the event reports, whatever its JSON type.
        payload_key: the key that the payload came under; ``None`` where there is none.
        why_odd: what kept it from being read as an event; ``None`` for one that was.
    """

    raw: Any = attrs.field(repr=False)
    id: str | None = None
    type: str | None = None
    at: datetime | None = None
    actor: Actor = _NOBODY
    project_id: str | None = None
    project_name: str | None = None
    payload: Any = None
    payload_key: str | None = None
    why_odd: str | None = None

    @classmethod
    def of(cls, item: Item) -> AuditEvent:
        """The evidence in an item of the log: an event, or what could not be read as one."""
        if isinstance(item, AuditLog):
            return cls.of_raw(to_dict(item))
        return cls.of_raw(item.raw, why_odd=item.reason)

    @classmethod
    def of_raw(cls, raw: Any, *, why_odd: str | None = None) -> AuditEvent:
        """The evidence in decoded JSON of any shape."""
        event = raw if isinstance(raw, dict) else _NOTHING
        project = _object(event, "project")
        type = _text(event, "type")
        key = None if type is None else _payload_key(event, type)
        return cls(
            raw=raw,
            id=_text(event, "id"),
            type=type,
            at=_time(event.get("effective_at")),
            actor=_actor(event.get("actor")),
            project_id=_text(project, "id"),
            project_name=_text(project, "name"),
            payload=None if key is None else event[key],
            payload_key=key,
            why_odd=why_odd,
        )

    @property
    def details(self) -> Mapping[str, Any]:
        """The payload where it is an object, else an empty one."""
        return self.payload if isinstance(self.payload, dict) else _NOTHING

    @property
    def requested(self) -> Mapping[str, Any]:
        """What was asked for: the payload's ``data`` or ``changes_requested``, else empty."""
        return _object(self.details, "data") or _object(self.details, "changes_requested")

    @property
    def target_id(self) -> str | None:
        """The id of what was acted on, as the payload gives it."""
        return _text(self.details, "id")

    @property
    def target_ids(self) -> tuple[str, ...]:
        """The ids of what was acted on, also where the payload is a text or a list."""
        whole = self.payload if isinstance(self.payload, list) else [self.payload]
        ids = (part.get("id") if isinstance(part, dict) else part for part in whole)
        return tuple(id for id in ids if isinstance(id, str) and id)


def _payload_key(event: Mapping[str, Any], type: str) -> str | None:
    if type in event:
        return type
    other = type.replace(".", "_")  # some payloads come under such a name
    return other if other in event else None


def _actor(value: Any) -> Actor:
    if isinstance(value, str):
        return Actor(via=value or None)
    if not isinstance(value, dict):
        return _NOBODY
    session, key = _object(value, "session"), _object(value, "api_key")
    user = _object(session, "user") or _object(key, "user")
    via = _text(value, "type") or ("session" if session else "api_key" if key else None)
    return Actor(
        via=via,
        user_id=_text(user, "id"),
        email=_text(user, "email"),
        service_account_id=_text(_object(key, "service_account"), "id"),
        key_id=_text(key, "id"),
        key_type=_text(key, "type"),
        origin=_origin(session) or _origin(key) or _NOWHERE,
    )


def _origin(session: Mapping[str, Any]) -> Origin | None:
    if OF_ORIGIN.isdisjoint(session):
        return None
    details = _object(session, "ip_address_details")
    asn = details.get("asn")
    number = (
        str(asn) if isinstance(asn, int) and not isinstance(asn, bool) else _text(details, "asn")
    )
    return Origin(
        ip=_text(session, "ip_address"),
        country=_country(_text(details, "country")),
        region=_text(details, "region"),
        region_code=_text(details, "region_code"),
        city=_text(details, "city"),
        asn=None if number is None else number.upper().removeprefix("AS"),
        latitude=_degrees(details.get("latitude"), 90),
        longitude=_degrees(details.get("longitude"), 180),
        user_agent=_text(session, "user_agent"),
        ja3=_text(session, "ja3"),
        ja4=_text(session, "ja4"),
    )


def _object(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else _NOTHING


def _text(value: Mapping[str, Any], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) and found else None


def _country(told: str | None) -> str | None:
    """A code in capitals, in which letters do not tell countries apart; a name as it came."""
    text = (told or "").strip()
    return (text.upper() if len(text) == 2 else text) or None


def _degrees(value: Any, most: float) -> float | None:
    if type(value) not in _NUMBERS:
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= most else None


def _time(value: Any) -> datetime | None:
    try:
        return None if value is None else read_datetime(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
