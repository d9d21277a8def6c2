"""Streams of events as the log gives them, and what the detections find in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from openai_admin.audit.detections.model import Context, Detection, Directory, Finding
from openai_admin.audit.detections.rules import DETECTIONS
from openai_admin.audit.event import AuditEvent

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
AMSTERDAM = {"country": "NL", "city": "Amsterdam", "latitude": "52.37", "longitude": "4.9"}
LONDON = {"country": "GB", "city": "London", "latitude": "51.51", "longitude": "-0.13"}
NEW_YORK = {"country": "US", "city": "New York", "latitude": 40.71, "longitude": -74.0}
LAGOS = {"country": "NG", "city": "Lagos", "latitude": "6.45", "longitude": "3.4"}

Raw = dict[str, Any]

_ids = count(1)


def at(days: float = 0, hours: float = 0, minutes: float = 0) -> float:
    """Unix seconds, so long after the stream begins."""
    return (START + timedelta(days=days, hours=hours, minutes=minutes)).timestamp()


def session(
    name: str,
    ip: str | None = "203.0.113.9",
    details: Mapping[str, Any] | None = None,
    *,
    domain: str = "acme.test",
    **more: Any,
) -> Raw:
    """A person in a browser."""
    found: Raw = {"user": {"id": f"user-{name}", "email": f"{name}@{domain}"}, **more}
    if ip is not None:
        found["ip_address"] = ip
    if details is not None:
        found["ip_address_details"] = dict(details)
    return {"type": "session", "session": found}


def key_of(name: str, key: str = "key-1", **more: Any) -> Raw:
    """A program with a person's key."""
    user = {"id": f"user-{name}", "email": f"{name}@acme.test"}
    return {"type": "api_key", "api_key": {"id": key, "type": "user", "user": user, **more}}


def account_key(id: str = "sa-1", key: str = "key-sa", **more: Any) -> Raw:
    """A program with the key of a service account."""
    used = {"id": key, "type": "service_account", "service_account": {"id": id}, **more}
    return {"type": "api_key", "api_key": used}


def event(
    type: str,
    payload: Any = None,
    *,
    when: float | None = None,
    by: Any = None,
    project: str | None = None,
    underscored: bool = False,
) -> Raw:
    """An event as it comes; without a time where `when` is negative."""
    raw: Raw = {
        "object": "organization.audit_log",
        "id": f"audit_log-{next(_ids)}",
        "type": type,
        "actor": session("ann") if by is None else by,
    }
    if when is None or when >= 0:
        raw["effective_at"] = at() if when is None else when
    if payload is not None:
        raw[type.replace(".", "_") if underscored else type] = payload
    if project is not None:
        raw["project"] = {"id": project, "name": project.title()}
    return raw


def login(
    name: str, when: float, ip: str | None = "203.0.113.9", details: Any = None, **more: Any
) -> Raw:
    """A login that succeeded."""
    return event("login.succeeded", {}, when=when, by=session(name, ip, details, **more))


def failed(name: str, when: float, ip: str | None = "203.0.113.9", details: Any = None) -> Raw:
    """A login that failed."""
    payload = {"error_code": "invalid_credentials"}
    return event("login.failed", payload, when=when, by=session(name, ip, details))


def find(
    raws: Iterable[Raw], directory: Directory | None = None, keys: Iterable[str] = ()
) -> list[Finding]:
    """What is found in events, by all detections or by some."""
    wanted = set(keys)
    used: list[tuple[Detection[Any], Any, Context]] = [
        (d, d.state(), Context(directory=directory or Directory(), thresholds=d.thresholds))
        for d in DETECTIONS
        if not wanted or d.key in wanted
    ]
    found = []
    for raw in raws:
        seen = AuditEvent.of_raw(raw)
        for detection, state, context in used:
            if detection.types is None or seen.type in detection.types:
                hits = detection.look(seen, state, context)
                found += [Finding.of(detection, hit) for hit in hits]
    return found


def keys(findings: Iterable[Finding]) -> list[str]:
    """The detections that found something, as often as each did."""
    return [finding.detection for finding in findings]
