"""Events of the audit log in OCSF, held to the schema itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.ocsf import VERSION, to_ocsf
from openai_admin.resources.audit_logs import EVENT_TYPES
from tests.audit.events import (
    AT,
    NOT_EVENTS,
    ODD_TIMES,
    SERVICE_KEY,
    SESSION,
    TYPES,
    USERS_KEY,
    event,
    every_event,
)
from tests.audit.leaves import missing
from tests.audit.ocsf.made import OBSERVED, ocsf
from tests.audit.ocsf.schema import faults
from tests.audit.odd_json import ANY_JSON


def test_every_type_with_every_shape_is_valid() -> None:
    valid = set()
    for raw in every_event():
        made = to_ocsf(AuditEvent.of_raw(raw), organization_id="org-1")
        assert not faults(made), (raw, made)
        valid.add(raw["type"])
    assert valid >= set(EVENT_TYPES)
    assert len(EVENT_TYPES) == 149


@pytest.mark.parametrize("raw", NOT_EVENTS, ids=repr)
def test_what_is_no_event_is_valid(raw: Any) -> None:
    made = to_ocsf(AuditEvent.of_raw(raw, why_odd="it is odd"), observed_at=OBSERVED)
    assert not faults(made), made
    assert made["class_uid"] == 6003
    assert made["status"] == made["severity"] == "Unknown"
    assert made["unmapped"]["unreadable"] == "it is odd"
    assert json.loads(made["raw_data"]) == raw


@settings(max_examples=60, deadline=None)
@given(type=st.sampled_from(TYPES), payload=ANY_JSON, actor=ANY_JSON, at=ANY_JSON, project=ANY_JSON)
def test_any_json_is_valid(type: Any, payload: Any, actor: Any, at: Any, project: Any) -> None:
    ocsf(event(type, payload, actor=actor, at=at) | {"project": project})


def test_nothing_is_lost_without_the_raw_event() -> None:
    for raw in every_event():
        assert not missing(raw, to_ocsf(AuditEvent.of_raw(raw), raw=False)), raw


def test_the_raw_event_stands_beside() -> None:
    raw = event("project.created", {"id": "proj_2", "data": {"name": "é 😀"}}, actor=SESSION)
    assert json.loads(ocsf(raw)["raw_data"]) == raw
    assert "raw_data" not in ocsf(raw, raw=False)


def test_a_number_beyond_64_bits_is_kept() -> None:
    raw = event("rate_limit.updated", {"id": "rl-1", "changes_requested": {"limit": 10**30}})
    made = ocsf(raw)
    assert made["entity_result"]["data"] == {"limit": 10**30}
    assert json.loads(made["raw_data"]) == raw


# --- what goes where -----------------------------------------------------------------------


def test_a_session_says_who_where_and_with_what() -> None:
    made = ocsf(event("project.archived", {"id": "proj_1"}, actor=SESSION))
    assert made["actor"] == {
        "user": {
            "uid": "user-ana",
            "name": "ana@example.com",
            "email_addr": "ana@example.com",
            "type_id": 1,
            "type": "User",
        },
        "session": {"is_remote": True},
    }
    assert made["src_endpoint"] == {
        "ip": "203.0.113.4",
        "location": {
            "city": "Amsterdam",
            "country": "NL",
            "region": "NH",
            "desc": "North Holland",
            "lat": 52.37,
            "long": 4.89,
        },
        "autonomous_system": {"number": 1136},
        "fingerprints": [
            {
                "algorithm_id": 99,
                "algorithm": "JA3",
                "value": "e7d705a3286e19ea42f587b344ee6865",
            },
            {
                "algorithm_id": 99,
                "algorithm": "JA4",
                "value": "t13d1516h2_8daaf6152771_b186095e22b6",
            },
        ],
    }
    assert made["http_request"] == {"user_agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    assert "unmapped" not in made
    found = {each["name"]: each["value"] for each in made["observables"]}
    assert found == {
        "src_endpoint.ip": "203.0.113.4",
        "src_endpoint.location.country": "NL",
        "http_request.user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "actor.user.uid": "user-ana",
        "actor.user.email_addr": "ana@example.com",
    }


def test_a_key_is_the_credential_of_its_owner() -> None:
    made = ocsf(event("project.archived", {"id": "proj_1"}, actor=USERS_KEY))
    assert made["actor"]["user"]["uid"] == "user-bob"
    assert made["actor"]["session"] == {"credential_uid": "key_1"}
    assert "src_endpoint" not in made

    made = ocsf(event("project.archived", {"id": "proj_1"}, actor=SERVICE_KEY))
    assert made["actor"]["user"] == {"uid": "svc_1", "type_id": 4, "type": "Service"}
    assert made["src_endpoint"] == {"ip": "2001:db8::7"}


def test_what_is_neither_is_an_application() -> None:
    assert ocsf(event("scim.enabled", {"id": "a"}, actor="system"))["actor"] == {
        "app_name": "system"
    }


def test_metadata_and_cloud_say_where_it_came_from() -> None:
    raw = event("project.archived", {"id": "proj_1"}) | {"project": {"id": "proj_1", "name": "Web"}}
    made = ocsf(raw, organization_id="org-1")
    assert made["metadata"] == {
        "version": VERSION,
        "product": {"name": "OpenAI API Platform", "vendor_name": "OpenAI"},
        "profiles": ["cloud"],
        "log_name": "audit_logs",
        "log_provider": "OpenAI",
        "uid": "audit_log-1",
        "event_code": "project.archived",
        "original_time": str(AT),
        "tenant_uid": "org-1",
    }
    assert made["cloud"] == {
        "provider": "OpenAI",
        "account": {"uid": "proj_1", "name": "Web", "type_id": 99, "type": "OpenAI project"},
        "org": {"uid": "org-1"},
    }
    assert made["message"] == "Project proj_1 archived in project Web"


@pytest.mark.parametrize(
    ("at", "milliseconds"),
    [(AT, AT * 1000), (AT + 0.25, AT * 1000 + 250), (str(AT), AT * 1000), (-1, -1000), (0, 0)],
)
def test_a_time_is_in_milliseconds(at: Any, milliseconds: int) -> None:
    made = ocsf(event("login.succeeded", {}, at=at))
    assert made["time"] == milliseconds
    assert made["metadata"]["original_time"] == str(at)
    assert "time_source" not in made.get("unmapped", {})


@pytest.mark.parametrize("at", [time for time in ODD_TIMES if time is not None], ids=repr)
def test_a_time_that_is_none_is_never_invented_silently(at: Any) -> None:
    made = ocsf(event("login.succeeded", {}, at=at))
    assert made["time"] == OBSERVED.timestamp() * 1000
    assert made["unmapped"]["time_source"] == "observed"
    assert made["unmapped"]["effective_at"] == at
    assert "original_time" not in made["metadata"]


def test_a_country_that_is_no_code_is_not_written_as_one() -> None:
    details = {"country": "Netherlands", "city": "Amsterdam"}
    actor = {"type": "session", "session": {"ip_address_details": details}}
    made = ocsf(event("login.succeeded", {}, actor=actor))
    assert made["src_endpoint"]["location"] == {"city": "Amsterdam"}
    assert made["unmapped"] == {"country": "Netherlands"}
    assert "observables" not in made
