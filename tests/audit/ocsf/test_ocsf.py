"""Events of the audit log in OCSF, held to the schema itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.kinds import kind_of
from openai_admin.audit.ocsf import VERSION, to_ocsf
from openai_admin.audit.ocsf.classes import CLASSES
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
from tests.audit.ocsf.schema import faults
from tests.audit.odd_json import ANY_JSON

OBSERVED = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def ocsf(event: Any, **options: Any) -> dict[str, Any]:
    """An event in OCSF, valid."""
    made = to_ocsf(AuditEvent.of_raw(event), observed_at=OBSERVED, **options)
    assert not faults(made), made
    return made


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


@pytest.mark.parametrize(
    ("type", "payload", "class_uid", "activity", "fields"),
    [
        (
            "user.added",
            {"id": "user-zoe", "data": {"role": "owner"}},
            3001,
            "Create",
            {
                "user": {"uid": "user-zoe", "type_id": 1, "type": "User"},
                "user_result": {
                    "uid": "user-zoe",
                    "type_id": 1,
                    "type": "User",
                    "groups": [{"name": "owner", "type": "Role"}],
                },
            },
        ),
        ("user.updated", {"id": "user-zoe"}, 3001, "Updated", {}),
        ("user.deleted", {"id": "user-zoe"}, 3001, "Delete", {}),
        (
            "service_account.created",
            {"id": "svc_1"},
            3001,
            "Create",
            {"user": {"uid": "svc_1", "type_id": 4, "type": "Service"}},
        ),
        ("login.succeeded", {}, 3002, "Logon", {"status": "Success", "is_remote": True}),
        (
            "login.failed",
            {"error_code": "bad_password", "error_message": "It is wrong."},
            3002,
            "Logon",
            {
                "status": "Failure",
                "status_code": "bad_password",
                "status_detail": "It is wrong.",
                "service": {"name": "OpenAI"},
            },
        ),
        ("logout.failed", {}, 3002, "Logoff", {"status": "Failure"}),
        ("tenant.session_revocation.started", {}, 3002, "Started", {}),
        (
            "role.assignment.created",
            {
                "id": "role-1:user-zoe",
                "principal_type": "user",
                "principal_id": "user-zoe",
                "resource_type": "api.project",
                "resource_id": "proj_9",
            },
            3005,
            "Assign Privileges",
            {
                "user": {"uid": "user-zoe", "type_id": 1, "type": "User"},
                "privileges": ["role-1"],
                "resources": [{"uid": "proj_9", "type": "api.project"}],
                "unmapped": {"payload": {"id": "role-1:user-zoe", "principal_type": "user"}},
            },
        ),
        (
            "role.assignment.deleted",
            {"id": "role-1:group_1", "principal_type": "group", "principal_id": "group_1"},
            3006,
            "Revoke Privileges",
            {"group": {"uid": "group_1"}, "privileges": ["role-1"]},
        ),
        (
            "role.bound_to_resource",
            {"id": "conn_1", "role_id": "role-1", "permissions": ["read"], "resource_id": "conn_1"},
            3005,
            "Assign Privileges",
            {
                "user": {"uid": "role-1", "type_id": 99, "type": "Role"},
                "privileges": ["role-1", "read"],
            },
        ),
        (
            "group.created",
            {"id": "group_1", "data": {"group_name": "Ops"}},
            3006,
            "Create",
            {"group": {"uid": "group_1", "name": "Ops"}},
        ),
        (
            "group.updated",
            {"id": "group_1", "changes_requested": {"users_removed": ["user-zoe"]}},
            3006,
            "Remove User",
            {
                "group": {"uid": "group_1"},
                "user": {"uid": "user-zoe", "type_id": 1, "type": "User"},
            },
        ),
        (
            "group.updated",
            {"id": "g", "changes_requested": {"group_name": "A"}},
            3006,
            "Updated",
            {},
        ),
        ("tenant.group.member.added", {}, 3006, "Add User", {}),
        (
            "api_key.created",
            {"id": "key_9", "data": {"scopes": ["all"]}},
            3004,
            "Create",
            {
                "entity": {
                    "uid": "key_9",
                    "type_id": 99,
                    "type": "API key",
                    "data": {"scopes": ["all"]},
                }
            },
        ),
        (
            "rate_limit.updated",
            {"id": "rl-1", "changes_requested": {"max_requests_per_1_minute": 5}},
            3004,
            "Update",
            {
                "entity_result": {
                    "uid": "rl-1",
                    "type_id": 99,
                    "type": "Rate limit",
                    "data": {"max_requests_per_1_minute": 5},
                }
            },
        ),
        (
            "role.created",
            {"id": "role-1", "role_name": "Auditor"},
            3004,
            "Create",
            {
                "entity": {
                    "uid": "role-1",
                    "name": "Auditor",
                    "type_id": 5,
                    "type": "Policy",
                    "policy": {"uid": "role-1", "name": "Auditor"},
                }
            },
        ),
        (
            "certificates.activated",
            {"certificates": [{"id": "cert_1", "name": "One"}]},
            3004,
            "Activate",
            {
                "entity": {
                    "uid": "cert_1",
                    "name": "One",
                    "type_id": 99,
                    "type": "Certificates",
                    "data": {"certificates": [{"id": "cert_1", "name": "One"}]},
                }
            },
        ),
        (
            "ip_allowlist.created",
            {"id": "ip_1", "name": "Office", "allowed_ips": ["203.0.113.0/24"]},
            3004,
            "Create",
            {
                "entity": {
                    "uid": "ip_1",
                    "name": "Office",
                    "type_id": 7,
                    "type": "Network Zone",
                    "data": {"allowed_ips": ["203.0.113.0/24"]},
                },
                "unmapped": None,
            },
        ),
        ("scim.disabled", {"id": "scim_1"}, 3004, "Disable", {}),
        ("ip_allowlist.config.deactivated", {"configs": []}, 3004, "Deactivate", {}),
        ("tenant.domains.migrated", None, 3004, "Move", {}),
        (
            "invite.sent",
            {"id": "invite-1", "data": {"email": "zoe@example.com", "role": "reader"}},
            3004,
            "Create",
            {},
        ),
        (
            "tenant.user.looked_up",
            {"id": "user-zoe"},
            6003,
            "Read",
            {
                "api": {"operation": "tenant.user.looked_up", "service": {"name": "OpenAI"}},
                "resources": [{"uid": "user-zoe", "type": "user"}],
            },
        ),
        ("widget.frobnicated", {"id": "w_1"}, 6003, "Frobnicated", {"status": "Unknown"}),
        ("project.frozen", {"id": "proj_1"}, 3004, "Frozen", {"severity": "Unknown"}),
        ("single", None, 6003, "Unknown", {}),
    ],
)
def test_a_type_goes_to_its_class(
    type: str, payload: Any, class_uid: int, activity: str, fields: dict[str, Any]
) -> None:
    made = ocsf(event(type, payload))
    assert (made["class_uid"], made["activity_name"]) == (class_uid, activity)
    assert {name: made.get(name) for name in fields} == fields


def test_every_class_takes_some_types() -> None:
    assert {kind_of(type).area for type in EVENT_TYPES} == set(CLASSES)
