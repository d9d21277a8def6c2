"""Events of every type, by people, programs and nobody, as the API sends them; some are odd."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from openai_admin.resources.audit_logs import EVENT_TYPES

START = 1_760_000_000
_SECONDS = 30 * 86_400
_UNKNOWN_TYPES = ("project.frozen", "widget.frobnicated", "tenant.budget.updated")
_PLACES = (
    ("NL", "North Holland", "NH", "Amsterdam", "1136", "52.37", "4.89"),
    ("US", "California", "CA", "San Francisco", "7922", "37.77", "-122.42"),
    ("JP", "Tokyo", "13", "Tokyo", 2516, 35.68, 139.69),
)
_AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Safari/605.1.15"


def events(count: int, *, seed: int = 1) -> Iterator[dict[str, Any]]:
    """So many events: each type in turn, of which one in fifty is not known or has no payload."""
    rng = random.Random(seed)
    for number in range(count):
        type: str = EVENT_TYPES[number % len(EVENT_TYPES)]
        if rng.random() < 0.01:
            type = rng.choice(_UNKNOWN_TYPES)
        made: dict[str, Any] = {
            "id": f"audit_log-{number:08}",
            "type": type,
            "effective_at": START + rng.randrange(_SECONDS),
            "actor": _actor(rng),
        }
        if rng.random() < 0.6:
            project = rng.randrange(40)
            made["project"] = {"id": f"proj_{project:02}", "name": f"Project {project}"}
        if rng.random() > 0.01:
            made[type] = _payload(type, rng)
        yield made


def _actor(rng: random.Random) -> Any:
    share, number = rng.random(), rng.randrange(200)
    if share < 0.02:
        return None
    user = {"id": f"user-{number:03}", "email": f"person{number}@example.com"}
    if share < 0.65:
        return {"type": "session", "session": _session(user, number, rng)}
    key: dict[str, Any] = {"id": f"key_{number:03}"}
    if share < 0.8:
        key |= {"type": "user", "user": user}
    else:
        key |= {"type": "service_account", "service_account": {"id": f"svc_{number:03}"}}
    return {"type": "api_key", "api_key": key}


def _session(user: dict[str, Any], number: int, rng: random.Random) -> dict[str, Any]:
    country, region, code, city, asn, latitude, longitude = rng.choice(_PLACES)
    return {
        "user": user,
        "ip_address": f"203.0.113.{number}",
        "user_agent": _AGENT,
        "ja3": f"{number:032x}",
        "ja4": f"t13d1516h2_8daaf6152771_{number:012x}",
        "ip_address_details": {
            "country": country,
            "region": region,
            "region_code": code,
            "city": city,
            "asn": asn,
            "latitude": latitude,
            "longitude": longitude,
        },
    }


def _payload(type: str, rng: random.Random) -> dict[str, Any]:
    number = rng.randrange(10_000)
    if type.endswith(".failed"):
        return {"error_code": "invalid_password", "error_message": "The password is wrong."}
    if type in ("login.succeeded", "logout.succeeded"):
        return {}
    if "assignment" in type:
        kind = rng.choice(("user", "group"))
        return {
            "id": f"role-{number}:{kind}-{number}",
            "principal_type": kind,
            "principal_id": f"{kind}-{number}",
            "resource_type": "api.project",
            "resource_id": f"proj_{number % 40:02}",
        }
    if type.startswith("certificates."):
        return {"certificates": [{"id": f"cert_{number}", "name": "Gateway"}]}
    made: dict[str, Any] = {"id": f"thing_{number}"}
    if type.endswith((".created", ".added", ".sent")):
        made["data"] = {"role": "member", "scopes": ["api.model.request"], "title": "A name"}
    elif type.endswith(".updated"):
        made["changes_requested"] = {"title": "Another name", "max_requests_per_1_minute": number}
    return made
