"""The objects of OCSF that say who acted and from where."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..addresses import as_number, is_country_code, is_ip
from ..event import Actor, AuditEvent, Origin

Object = dict[str, Any]

UNKNOWN = "Unknown"
"""The name of what the schema requires and the event does not tell; its type is 0, Unknown."""

# As the schema has it, whose e-mail addresses are plainer than those that exist.
_EMAIL = re.compile(r"[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+")

_USER_TYPES = {0: UNKNOWN, 1: "User", 4: "Service", 99: "Other"}
PERSON, SERVICE, OTHER = 1, 4, 99
"""The types of users: a person, a service account, and what is neither."""


def user(uid: str | None, email: str | None, type_id: int = PERSON) -> Object:
    """A user by id and address, or one that is not known."""
    made: Object = {}
    if uid is not None:
        made["uid"] = uid
    if email is not None:
        made["name"] = email
        if _is_email(email):
            made["email_addr"] = email
    if not made:
        made["name"] = UNKNOWN
        type_id = 0
    made["type_id"] = type_id
    made["type"] = _USER_TYPES[type_id]
    return made


def acting_user(actor: Actor) -> Object | None:
    """The user who acted: a person or a service account, by the key's owner too."""
    if actor.user_id is not None or actor.email is not None:
        return user(actor.user_id, actor.email)
    if actor.service_account_id is not None:
        return user(actor.service_account_id, None, SERVICE)
    return None


def session_of(actor: Actor) -> Object | None:
    """The session that the actor acted in: a browser's, or that of a key, its credential."""
    if actor.key_id is not None:
        return {"credential_uid": actor.key_id}
    return {"is_remote": True} if actor.via == "session" else None


def actor_of(actor: Actor) -> Object | None:
    """Who acted; ``None`` where nothing says so."""
    made: Object = {}
    if (who := acting_user(actor)) is not None:
        made["user"] = who
    if (session := session_of(actor)) is not None:
        made["session"] = session
    if actor.via not in (None, "session", "api_key"):
        made["app_name"] = actor.via
    return made or None


def endpoint_of(origin: Origin) -> Object | None:
    """Where the actor acted from; ``None`` where nothing says so."""
    made: Object = {}
    if origin.ip is not None:
        made["ip" if is_ip(origin.ip) else "name"] = origin.ip
    location = _location(origin)
    system = _autonomous_system(origin.asn)
    fingerprints: list[Object] = []
    if origin.ja3 is not None:
        fingerprints.append({"algorithm_id": 99, "algorithm": "JA3", "value": origin.ja3})
    if origin.ja4 is not None:
        fingerprints.append({"algorithm_id": 99, "algorithm": "JA4", "value": origin.ja4})
    if location is not None:
        made["location"] = location
    if system is not None:
        made["autonomous_system"] = system
    if fingerprints:
        made["fingerprints"] = fingerprints
    if made and origin.ip is None:
        made["name"] = UNKNOWN
    return made or None


def unknown_endpoint() -> Object:
    """An endpoint of which nothing is known, for the class that requires one."""
    return {"name": UNKNOWN, "type_id": 0, "type": UNKNOWN}


def _location(origin: Origin) -> Object | None:
    """A place; its coordinates alone are none, by the schema."""
    made: Object = {}
    if origin.city is not None:
        made["city"] = origin.city
    if origin.country is not None and is_country_code(origin.country):
        made["country"] = origin.country
    if (region := origin.region_code or origin.region) is not None:
        made["region"] = region
    if not made:
        return None
    if origin.region_code is not None and origin.region is not None:
        made["desc"] = origin.region
    if origin.latitude is not None and origin.longitude is not None:
        made["lat"], made["long"] = origin.latitude, origin.longitude
    return made


def _autonomous_system(asn: str | None) -> Object | None:
    if asn is None:
        return None
    number = as_number(asn)
    return {"name": asn} if number is None else {"number": number}


def cloud_of(event: AuditEvent, organization_id: str | None) -> Object:
    """The cloud: the provider, the project as its account, and the organization."""
    made: Object = {"provider": "OpenAI"}
    if event.project_id is not None or event.project_name is not None:
        account: Object = {"type_id": 99, "type": "OpenAI project"}
        if event.project_id is not None:
            account["uid"] = event.project_id
        if event.project_name is not None:
            account["name"] = event.project_name
        made["account"] = account
    if organization_id is not None:
        made["org"] = {"uid": organization_id}
    return made


_Observable = tuple[str, int, str, str | None]


def observables_of(made: Object, actor: Actor) -> list[Object]:
    """What to search for: addresses, people and keys, each with where it stands in the event."""
    origin = actor.origin
    endpoint = made.get("src_endpoint", {})
    found: list[_Observable] = [
        ("src_endpoint.ip", 2, "IP Address", endpoint.get("ip")),
        (
            "src_endpoint.location.country",
            14,
            "Country",
            endpoint.get("location", {}).get("country"),
        ),
        ("http_request.user_agent", 16, "HTTP User-Agent", origin.user_agent),
        ("actor.session.credential_uid", 19, "User Credential ID", actor.key_id),
    ]
    for name, who in (
        ("actor.user", made.get("actor", {}).get("user")),
        ("user", made.get("user")),
    ):
        if who is not None:
            found.append((f"{name}.uid", 31, "User Object: uid", who.get("uid")))
            found.append((f"{name}.email_addr", 5, "Email Address", who.get("email_addr")))
    if (group := made.get("group")) is not None:
        found.append(("group.uid", 33, "Group Object: uid", group.get("uid")))
    return [
        {"name": name, "type_id": type_id, "type": type, "value": value}
        for name, type_id, type, value in found
        if value is not None
    ]


@lru_cache(maxsize=4096)  # the same few come again and again
def _is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None
