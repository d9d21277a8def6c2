"""A finding as a Detection Finding of the Open Cybersecurity Schema Framework (OCSF), 1.8.0."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...version import __version__
from ..event import AuditEvent
from ..ocsf import VERSION, to_ocsf
from .model import Finding, Severity, Technique

_SEVERITIES: Mapping[Severity, tuple[int, str]] = {
    "informational": (1, "Informational"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
_TACTICS = {
    "Reconnaissance": "TA0043",
    "Resource Development": "TA0042",
    "Initial Access": "TA0001",
    "Execution": "TA0002",
    "Persistence": "TA0003",
    "Privilege Escalation": "TA0004",
    "Defense Evasion": "TA0005",
    "Credential Access": "TA0006",
    "Discovery": "TA0007",
    "Lateral Movement": "TA0008",
    "Collection": "TA0009",
    "Exfiltration": "TA0010",
    "Command and Control": "TA0011",
    "Impact": "TA0040",
}
"""The tactics of ATT&CK for enterprises."""

_OF_EVIDENCE = ("actor", "src_endpoint", "http_request")


def to_detection_finding(
    finding: Finding,
    names: Mapping[str, str],
    *,
    organization_id: str | None = None,
    observed_at: datetime | None = None,
) -> dict[str, Any]:
    """A finding as a valid Detection Finding (class 2004) of OCSF 1.8.0.

    One that is accepted has the status Suppressed, and the reason as its detail.

    Args:
        finding: the finding.
        names: names by id.
        organization_id: the organization whose log it is, where that is known.
        observed_at: when it was found, for one whose event has no time; by default now.
    """
    severity_id, severity = _SEVERITIES[finding.severity]
    moment = _milliseconds(finding.at or observed_at or datetime.now(UTC))
    times = [_milliseconds(event.at) for event in finding.evidence if event.at is not None]
    info: dict[str, Any] = {
        "uid": finding.id,
        "title": finding.title,
        "desc": finding.summary,
        "types": [finding.detection],
        "created_time": moment,
        "first_seen_time": min(times, default=moment),
        "last_seen_time": max(times, default=moment),
        "analytic": {
            "uid": finding.detection,
            "name": finding.title,
            "type_id": 1,
            "type": "Rule",
            "desc": finding.why,
        },
        "attacks": [_attack(each) for each in finding.techniques],
        "related_events": [_related(event) for event in finding.evidence if event.id is not None],
        "related_events_count": len(finding.evidence),
    }
    metadata: dict[str, Any] = {
        "version": VERSION,
        "uid": finding.id,
        "product": {"name": "openai-admin", "vendor_name": "openai-admin", "version": __version__},
    }
    if organization_id is not None:
        metadata["tenant_uid"] = organization_id
    unmapped: dict[str, Any] = {"about": finding.about, "why": finding.why}
    if finding.about in names:
        unmapped["about_name"] = names[finding.about]
    if finding.learned is not None:
        unmapped["learned"] = finding.learned
    if finding.at is None:
        unmapped["time_source"] = "observed"
    made: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "time": moment,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 1 if finding.accepted is None else 3,
        "status": "New" if finding.accepted is None else "Suppressed",
        "is_alert": finding.accepted is None,
        "message": finding.summary,
        "metadata": metadata,
        "finding_info": info,
        "evidences": [_evidence(event) for event in finding.evidence],
        "remediation": {"desc": finding.what_to_do},
        "unmapped": unmapped,
    }
    if finding.accepted is not None:
        made["status_detail"] = finding.accepted
    if not info["attacks"]:
        del info["attacks"]
    return made


def _attack(technique: Technique) -> dict[str, Any]:
    """A technique; one of those below another is its `sub_technique`."""
    tactic = {"name": technique.tactic}
    if uid := _TACTICS.get(technique.tactic):
        tactic |= {"uid": uid, "src_url": f"https://attack.mitre.org/tactics/{uid}/"}
    parent, _, below = technique.id.partition(".")
    described = {"uid": technique.id, "name": technique.name, "src_url": technique.address}
    if not below:
        return {"tactic": tactic, "technique": described}
    return {"tactic": tactic, "technique": {"uid": parent}, "sub_technique": described}


def _related(event: AuditEvent) -> dict[str, Any]:
    made: dict[str, Any] = {"uid": event.id}
    if event.type is not None:
        made["type"] = event.type
    if event.at is not None:
        made["created_time"] = _milliseconds(event.at)
    return made


def _evidence(event: AuditEvent) -> dict[str, Any]:
    """An event as it came, with who and where in OCSF's words."""
    mapped = to_ocsf(event, raw=False)
    made = {key: mapped[key] for key in _OF_EVIDENCE if key in mapped}
    if event.id is not None:
        made["uid"] = event.id
    if event.type is not None:
        made["name"] = event.type
    return {**made, "data": event.raw}


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
