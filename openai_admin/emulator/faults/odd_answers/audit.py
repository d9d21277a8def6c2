"""Events of the audit log."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .answer import JSON, OddAnswer, dropping, nulling, of_items, setting

_LOGS = "audit_logs.list"
_YEAR = 365 * 86_400
_FRAME = ("object", "id", "effective_at", "actor", "project")

_SESSION: JSON = {
    "user": {"id": "user-odd", "email": "p@example.test"},
    "ip_address": "203.0.113.9",
    "user_agent": "Mozilla/5.0 (X11)",
    "ja3": "abababababababababababababababab",
    "ja4": "t13d691100_8b21_f0e8",
    "ip_address_details": {
        "country": "IN",
        "city": "Testville",
        "region": "R",
        "region_code": "RR",
        "asn": "64500",
        "latitude": "19.07",
        "longitude": "72.88",
    },
}


def _of_type(type: str, payload: Any, *, under: str | None = None) -> Callable[[JSON], JSON]:
    """The change that makes an event one of another type, with this payload."""

    def change(event: JSON) -> JSON:
        frame = {name: event[name] for name in _FRAME if name in event}
        return {**frame, "type": type, under or type: payload}

    return change


def _with_payload(payload: Callable[[Any], Any]) -> Callable[[JSON], JSON]:
    """The change of an event's payload."""
    return lambda event: {**event, event["type"]: payload(event.get(event["type"]))}


def _underscored(event: JSON) -> JSON:
    payload = event.get(event["type"])
    kept = dropping(event["type"])(event)
    return {**kept, event["type"].replace(".", "_"): payload}


def _bare_login(event: JSON) -> JSON:
    return dropping("login.succeeded")(_of_type("login.succeeded", None)(event))


AUDIT: tuple[OddAnswer, ...] = (
    of_items(
        _LOGS,
        "payload_list",
        "An event's payload is a list, where an object is described.",
        _with_payload(lambda payload: [payload]),
    ),
    of_items(
        _LOGS,
        "payload_text",
        "An event's payload is a text, where an object is described.",
        _with_payload(lambda payload: "odd"),
    ),
    of_items(
        _LOGS, "payload_null", "An event's payload is null.", _with_payload(lambda payload: None)
    ),
    of_items(_LOGS, "payload_absent", "A login has no payload at all.", _bare_login),
    of_items(
        _LOGS,
        "payload_underscored",
        "A payload stands under the type's name with _ for the point.",
        _underscored,
    ),
    of_items(
        _LOGS,
        "scopes_text",
        "A key was created whose scopes are a text, where a list is described.",
        _of_type("api_key.created", {"id": "key_odd", "data": {"scopes": "all"}}),
    ),
    of_items(
        _LOGS,
        "allowed_ips_text",
        "An allow list was changed whose addresses are a text, where a list is described.",
        _of_type("ip_allowlist.updated", {"id": "ipallow_odd", "allowed_ips": "0.0.0.0/0"}),
    ),
    of_items(
        _LOGS,
        "logging_ids_list",
        "The organization was changed: project ids are a list, where a text is described.",
        _of_type(
            "organization.updated",
            {
                "id": "org-odd",
                "changes_requested": {"api_call_logging_project_ids": ["proj_1", "proj_2"]},
            },
        ),
    ),
    of_items(
        _LOGS,
        "settings_nested",
        "The organization was changed: the settings are nested.",
        _of_type(
            "organization.updated",
            {
                "id": "org-odd",
                "changes_requested": {
                    "settings": {"threads_ui_visibility": "ANY_ROLE"},
                    "title": "Org",
                },
            },
        ),
    ),
    of_items(_LOGS, "actor_null", "An event's actor is null.", nulling("actor")),
    of_items(_LOGS, "actor_text", "An event's actor is a text.", setting(actor="system")),
    of_items(
        _LOGS,
        "session_details",
        "An actor's session has ja3, ja4 and the details of its address.",
        setting(actor={"type": "session", "session": _SESSION}),
    ),
    of_items(
        _LOGS,
        "decimal_time",
        "An event's effective_at has decimals.",
        lambda event: {**event, "effective_at": event["effective_at"] + Decimal("0.123")},
    ),
    of_items(
        _LOGS,
        "future_time",
        "An event is dated a year ahead.",
        lambda event: {**event, "effective_at": event["effective_at"] + _YEAR},
    ),
    of_items(
        _LOGS,
        "unknown_type",
        "An event is of a type that no client knows.",
        _of_type("dummy.event_type", {"id": "x", "deep": {"a": [1]}}),
    ),
)
