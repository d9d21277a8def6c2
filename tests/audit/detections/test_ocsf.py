"""Findings as OCSF: valid by its own schema, whatever their events are."""

from __future__ import annotations

from typing import Any, get_args

import attrs
import pytest

from openai_admin.audit.detections.model import Finding, Hit, Severity, Technique
from openai_admin.audit.detections.ocsf import _TACTICS, to_detection_finding
from openai_admin.audit.detections.registry import DETECTIONS
from openai_admin.audit.event import AuditEvent
from tests.audit.detections.examples import PROJECT_ARCHIVED, event
from tests.audit.ocsf.schema import faults


def finding(*events: AuditEvent, **changes: Any) -> Finding:
    """A finding with this evidence."""
    hit = Hit(about="proj_1", summary="It was archived.", evidence=events or (event(),))
    return attrs.evolve(Finding.of(PROJECT_ARCHIVED, hit), **changes)


def made(found: Finding, **given: Any) -> dict[str, Any]:
    """A finding in OCSF, which is valid."""
    mapped = to_detection_finding(found, {"proj_1": "Search"}, **given)
    assert faults(mapped) == []
    return mapped


@pytest.mark.parametrize(
    "events",
    [
        (event(),),
        (event(id="1", at=10), event(id="2", at=20)),
        (event(ip=None, country=None),),
        (event(ip="not an address"),),
        (event(key="key_1", project="proj_1"),),
        (event(user=None, email=None),),
        (event(at=None),),
        (event("a.type.nobody.knows"),),
        (AuditEvent.of_raw({"type": "x"}, why_odd="it has no id"),),
        (AuditEvent.of_raw(["a", "list"], why_odd="it is a list"),),
        (AuditEvent.of_raw(None, why_odd="it is null"),),
    ],
)
def test_whatever_the_events_are_it_is_valid(events: tuple[AuditEvent, ...]) -> None:
    mapped = made(finding(*events))
    assert [each["data"] for each in mapped["evidences"]] == [each.raw for each in events]


@pytest.mark.parametrize("severity", get_args(Severity))
def test_each_severity_has_its_number(severity: Severity) -> None:
    mapped = made(finding(severity=severity))
    assert mapped["severity"].lower() == severity
    assert mapped["severity_id"] == get_args(Severity).index(severity) + 1


def test_what_a_finding_says() -> None:
    found = finding(event(id="1", at=10), event(id="2", at=20))
    mapped = made(found, organization_id="org-1")
    assert mapped["status"] == "New"
    assert mapped["is_alert"] is True
    assert mapped["time"] == 20_000
    info = mapped["finding_info"]
    assert info["uid"] == found.id
    assert (info["first_seen_time"], info["last_seen_time"]) == (10_000, 20_000)
    assert [each["uid"] for each in info["related_events"]] == ["1", "2"]
    assert mapped["remediation"]["desc"] == found.what_to_do
    assert mapped["metadata"]["tenant_uid"] == "org-1"
    assert mapped["unmapped"]["about_name"] == "Search"
    assert mapped["evidences"][0]["src_endpoint"]["ip"] == "203.0.113.7"
    assert mapped["evidences"][0]["actor"]["user"]["email_addr"] == "jo@acme.example"
    assert info["attacks"] == [
        {
            "tactic": {
                "name": "Impact",
                "uid": "TA0040",
                "src_url": "https://attack.mitre.org/tactics/TA0040/",
            },
            "technique": {
                "uid": "T1485",
                "name": "Data Destruction",
                "src_url": "https://attack.mitre.org/techniques/T1485/",
            },
        }
    ]


def test_a_sub_technique_stands_below_its_technique() -> None:
    technique = Technique("T1098.003", "Additional Cloud Roles", "Persistence")
    (attack,) = made(finding(techniques=(technique,)))["finding_info"]["attacks"]
    assert attack["technique"] == {"uid": "T1098"}
    assert attack["sub_technique"]["uid"] == "T1098.003"


def test_what_is_accepted_is_suppressed_with_the_reason() -> None:
    mapped = made(finding(accepted="Migration (until 2026-12-31)"))
    assert (mapped["status_id"], mapped["status"]) == (3, "Suppressed")
    assert mapped["status_detail"] == "Migration (until 2026-12-31)"
    assert mapped["is_alert"] is False


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda each: each.key)
def test_each_detection_has_tactics_that_there_are(detection: Any) -> None:
    assert {each.tactic for each in detection.techniques} <= _TACTICS.keys()
    hit = Hit(about="x", summary="x.", evidence=(event(),))
    made(Finding.of(detection, hit))
