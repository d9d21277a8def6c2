"""Events of the audit log of every type and of every shape, for what must write each of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from openai_admin.resources.audit_logs import EVENT_TYPES
from tests.contract import CONTRACT, samples

AT = 1_760_000_000
SESSION: dict[str, Any] = {
    "type": "session",
    "session": {
        "ip_address": "203.0.113.4",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "ja3": "e7d705a3286e19ea42f587b344ee6865",
        "ja4": "t13d1516h2_8daaf6152771_b186095e22b6",
        "ip_address_details": {
            "country": "NL",
            "region": "North Holland",
            "region_code": "NH",
            "city": "Amsterdam",
            "asn": "1136",
            "latitude": "52.37",
            "longitude": 4.89,
        },
        "user": {"id": "user-ana", "email": "ana@example.com"},
    },
}
USERS_KEY: dict[str, Any] = {
    "type": "api_key",
    "api_key": {
        "id": "key_1",
        "type": "user",
        "user": {"id": "user-bob", "email": "bob@example.com"},
    },
}
SERVICE_KEY: dict[str, Any] = {
    "type": "api_key",
    "api_key": {
        "id": "key_2",
        "type": "service_account",
        "service_account": {"id": "svc_1"},
        "ip_address": "2001:db8::7",
    },
}
ACTORS: list[Any] = [
    SESSION,
    USERS_KEY,
    SERVICE_KEY,
    {"type": "session", "session": {"ip_address": "not an address", "user": {"email": "a b"}}},
    {"type": "session", "session": {"ip_address_details": {"asn": "AS1136", "latitude": 99}}},
    {"type": "session", "session": {"ip_address_details": {"latitude": 1.5, "longitude": 2}}},
    {"type": "session"},
    {"type": "session", "session": "text", "api_key": [1]},
    {**SESSION, **USERS_KEY, "also": {"new": True}},
    {"type": "tunnel", "tunnel": {"id": "tun_1"}},
    "system",
    ["text", 5],
    17,
    None,
]
"""Actors of every kind, and of shapes that none has."""

PAYLOADS: list[Any] = [
    None,
    {},
    [1, "text", None],
    "some text",
    12345,
    {"id": "thing_1"},
    {"id": 77, "name": ["odd"], "data": "odd", "changes_requested": 78},
    {"id": "user-zoe", "email": "zoe@example.com", "data": {"role": "owner", "more": 79}},
    {"id": "thing_1", "data": {"role": "owner"}, "changes_requested": {"role": "reader"}},
    {"id": "thing_1", "name": "Web", "changes_requested": {"title": "Website", "limit": 10**30}},
    {"certificates": [{"id": "cert_1", "name": "One"}]},
    {"configs": [{"id": "ip_1", "name": "One"}, {"id": "ip_2", "name": "Two"}]},
    {"id": "group_1", "changes_requested": {"users_added": ["user-zoe"]}},
    {"id": "group_1", "changes_requested": {"users_removed": ["user-zoe", "user-yan"]}},
    {
        "id": "role-1:group_1",
        "principal_type": "group",
        "principal_id": "group_1",
        "resource_type": "api.project",
        "resource_id": "proj_9",
    },
    {"id": "role-1:svc_9", "principal_type": "service_account", "principal_id": "svc_9"},
    {"group_id": "group_1", "user_id": "user-zoe", "id": "member_1", "email": 80},
    {"role_id": "role-1", "permissions": ["api.keys.read", "api.keys.write"], "enabled": True},
    {"permissions": [1, 2], "error_code": 81, "error_message": ["odd"]},
    {"error_code": "bad_password", "error_message": "The password is wrong.", "email": "zoe"},
]
"""Payloads that any type may come with, however odd."""

TYPES: list[Any] = [
    *EVENT_TYPES,
    "project.frozen",
    "tenant.group.member.suspended",
    "widget.created",
    "widget.frobnicated",
    "login.rejected",
    "single",
    ".",
    "actor",
    "",
    5,
    None,
]
"""Every type of the API, and such as it does not have."""

TIMES: list[Any] = [AT, AT + 0.25, str(AT), "2026-11-18T10:00:00Z", 0, -1]
ODD_TIMES: list[Any] = [10**30, "soon", True, [1], None]

NOT_EVENTS: list[Any] = [None, True, 5, 10**30, 1.5, "text", [], [{"id": "a"}], {}, {"id": 5}]
"""What may stand in the place of an event."""


def typed_payloads(event_type: str) -> list[Any]:
    """Payloads as the contract describes them; none where it describes none."""
    schema = CONTRACT["audit_logs.list"].response
    described = schema["properties"].get(event_type)
    return [] if described is None else list(samples(described, schema))


def event(type: Any, payload: Any = None, *, actor: Any = None, at: Any = AT) -> dict[str, Any]:
    """An event as the API sends it."""
    made = {"id": "audit_log-1", "type": type, "effective_at": at, "actor": actor}
    if isinstance(type, str) and type != "actor":
        made[type] = payload
    return made


def every_event() -> Iterator[dict[str, Any]]:
    """Each type with each payload that the contract describes and some that are odd.

    Actors, times and projects alternate.
    """
    actors, times = itertools.cycle(ACTORS), itertools.cycle((*TIMES, *ODD_TIMES))
    odd = itertools.cycle(PAYLOADS)
    projects = itertools.cycle([{"id": "proj_1", "name": "Web"}, None, "odd", {"id": 6}])
    for type in TYPES:
        own = typed_payloads(type) if isinstance(type, str) else []
        for payload in (*own, *itertools.islice(odd, 9)):
            made = event(type, payload, actor=next(actors), at=next(times))
            yield {**made, "project": next(projects), "new_field": {"of": "a later API"}}
