"""Events of the audit log in ECS, held to the schema's own list of fields."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin.audit.ecs import VERSION, to_ecs
from openai_admin.audit.ecs.categories import IAM_NOUNS
from openai_admin.audit.event import AuditEvent
from openai_admin.audit.kinds import NOUNS
from openai_admin.audit.ocsf import to_ocsf
from openai_admin.resources.audit_logs import EVENT_TYPES
from tests.audit.ecs.schema import facts, faults
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
from tests.audit.ocsf.made import ocsf
from tests.audit.odd_json import ANY_JSON

OBSERVED = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def ecs(event: Any, **options: Any) -> dict[str, Any]:
    """An event in ECS, valid."""
    made = to_ecs(AuditEvent.of_raw(event), observed_at=OBSERVED, **options)
    assert not faults(made), made
    return made


def test_it_is_the_version_that_the_facts_are_of() -> None:
    assert facts()["version"] == VERSION


def test_every_type_with_every_shape_is_valid() -> None:
    valid = set()
    for raw in every_event():
        made = to_ecs(AuditEvent.of_raw(raw), organization_id="org-1")
        assert not faults(made), (raw, made)
        valid.add(raw["type"])
    assert valid >= set(EVENT_TYPES)
    assert len(EVENT_TYPES) == 149


@pytest.mark.parametrize("raw", NOT_EVENTS, ids=repr)
def test_what_is_no_event_is_valid(raw: Any) -> None:
    made = to_ecs(AuditEvent.of_raw(raw, why_odd="it is odd"), observed_at=OBSERVED)
    assert not faults(made), made
    assert made["event"]["kind"] == "pipeline_error"
    assert made["event"]["outcome"] == "unknown"
    assert made["error"]["message"] == made["openai"]["audit"]["unreadable"] == "it is odd"
    assert json.loads(made["event"]["original"]) == raw


@settings(max_examples=60, deadline=None)
@given(type=st.sampled_from(TYPES), payload=ANY_JSON, actor=ANY_JSON, at=ANY_JSON, project=ANY_JSON)
def test_any_json_is_valid(type: Any, payload: Any, actor: Any, at: Any, project: Any) -> None:
    ecs(event(type, payload, actor=actor, at=at) | {"project": project})


def test_nothing_is_lost_without_the_raw_event() -> None:
    for raw in every_event():
        assert not missing(raw, to_ecs(AuditEvent.of_raw(raw), raw=False)), raw


def test_the_raw_event_stands_beside() -> None:
    raw = event("project.created", {"id": "proj_2", "data": {"limit": 10**30}}, actor=SESSION)
    assert json.loads(ecs(raw)["event"]["original"]) == raw
    assert "original" not in ecs(raw, raw=False)["event"]


# --- what goes where -----------------------------------------------------------------------


def test_a_session_says_who_where_and_with_what() -> None:
    project = {"id": "proj_1", "name": "Web"}
    raw = event("project.archived", {"id": "proj_1"}, actor=SESSION) | {"project": project}
    assert ecs(raw, organization_id="org-1", raw=False) == {
        "@timestamp": "2025-10-09T08:53:20Z",
        "ecs": {"version": "9.4.0"},
        "message": "Project proj_1 archived by ana@example.com from 203.0.113.4 in project Web",
        "event": {
            "kind": "event",
            "category": ["configuration"],
            "type": ["change"],
            "outcome": "success",
            "module": "openai",
            "dataset": "openai.audit",
            "provider": "audit_logs",
            "id": "audit_log-1",
            "action": "project.archived",
            "code": "project.archived",
            "created": "2026-11-27T12:00:00Z",
        },
        "cloud": {"provider": "openai", "project": project},
        "organization": {"id": "org-1"},
        "service": {"name": "OpenAI API Platform", "type": "openai"},
        "user": {"id": "user-ana", "email": "ana@example.com", "name": "ana@example.com"},
        "source": {
            "address": "203.0.113.4",
            "ip": "203.0.113.4",
            "geo": {
                "country_iso_code": "NL",
                "city_name": "Amsterdam",
                "region_name": "North Holland",
                "region_iso_code": "NL-NH",
                "location": {"lat": 52.37, "lon": 4.89},
            },
            "as": {"number": 1136},
        },
        "user_agent": {"original": "Mozilla/5.0 (X11; Linux x86_64)"},
        "tls": {"client": {"ja3": "e7d705a3286e19ea42f587b344ee6865"}},
        "related": {"ip": ["203.0.113.4"], "user": ["user-ana", "ana@example.com"]},
        "openai": {
            "audit": {
                "actor": {"type": "session"},
                "ja4": "t13d1516h2_8daaf6152771_b186095e22b6",
                "target": {"id": "proj_1", "type": "project"},
                "payload": {"id": "proj_1"},
            }
        },
    }


def test_a_key_is_its_owners() -> None:
    made = ecs(event("project.archived", {"id": "proj_1"}, actor=USERS_KEY))
    assert made["user"]["id"] == "user-bob"
    assert made["openai"]["audit"]["api_key"] == {"id": "key_1", "type": "user"}
    assert "source" not in made

    made = ecs(event("project.archived", {"id": "proj_1"}, actor=SERVICE_KEY))
    assert made["user"] == {"id": "svc_1"}
    assert made["openai"]["audit"]["api_key"] == {"id": "key_2", "type": "service_account"}
    assert made["source"] == {"address": "2001:db8::7", "ip": "2001:db8::7"}


def test_who_is_acted_on_is_the_target() -> None:
    raw = event("user.updated", {"id": "user-zoe", "changes_requested": {"role": "owner"}})
    made = ecs(raw | {"actor": SESSION})
    assert made["user"]["target"] == {"id": "user-zoe"}
    assert made["user"]["changes"] == {"roles": ["owner"]}
    assert made["related"]["user"] == ["user-ana", "ana@example.com", "user-zoe"]

    made = ecs(event("invite.sent", {"id": "invite-1", "data": {"email": "zoe@example.com"}}))
    assert made["user"]["target"] == {"email": "zoe@example.com", "name": "zoe@example.com"}

    payload = {"id": "group_1", "changes_requested": {"users_added": ["user-yan", "user-zoe"]}}
    made = ecs(event("group.updated", payload))
    assert made["group"] == {"id": "group_1"}
    assert "user" not in made
    assert made["related"]["user"] == ["user-yan", "user-zoe"]


@pytest.mark.parametrize("address", ["somewhere", "fe80::1%eth0"])
def test_an_address_that_is_none_is_kept_as_it_came(address: str) -> None:
    actor = {"type": "session", "session": {"ip_address": address}}
    made = ecs(event("login.succeeded", {}, actor=actor))
    assert made["source"] == {"address": address}
    assert "related" not in made


@pytest.mark.parametrize(
    ("type", "payload", "id"),
    [
        ("tenant.membership.accepted", {"id": "m1", "user_id": "user-4"}, "user-4"),
        ("tenant.session_revocation.started", {"id": "r1", "user_id": "user-5"}, "user-5"),
        ("tenant.workload_identity.access_token.issued", {"id": "t1", "principal_id": "p1"}, "p1"),
    ],
)
def test_whom_it_is_about_is_the_same_in_both_languages(
    type: str, payload: dict[str, str], id: str
) -> None:
    made = ecs(event(type, payload, actor=SESSION))
    assert made["user"]["target"] == {"id": id}
    assert id in made["related"]["user"]
    assert ocsf(event(type, payload, actor=SESSION))["user"]["uid"] == id


def test_who_fails_to_log_in_is_the_user_also_if_no_actor_is_told() -> None:
    made = ecs(event("login.failed", {"email": "v@example.com"}))
    assert made["user"] == {"email": "v@example.com", "name": "v@example.com"}
    assert made["related"]["user"] == ["v@example.com"]


@pytest.mark.parametrize(
    ("details", "geo"),
    [
        (
            {"country": "Netherlands", "region_code": "NH"},
            {"country_name": "Netherlands", "region_iso_code": "NH"},
        ),
        (
            {"country": "NL", "region_code": "NL-NH"},
            {"country_iso_code": "NL", "region_iso_code": "NL-NH"},
        ),
    ],
)
def test_no_code_is_made_up(details: dict[str, str], geo: dict[str, str]) -> None:
    actor = {"type": "session", "session": {"ip_address_details": details}}
    assert ecs(event("login.succeeded", {}, actor=actor))["source"]["geo"] == geo


def test_an_actor_that_has_fields_is_not_written_twice() -> None:
    key = {"id": "key_1", "type": "user", "user": {"id": "user-ana", "email": "ana@example.com"}}
    actor = {"type": "api_key", "session": {"ip_address": "203.0.113.4"}, "api_key": key}
    made = ecs(event("project.archived", {"id": "p"}, actor=actor))
    assert made["source"]["ip"] == "203.0.113.4"
    assert "other" not in made["openai"]["audit"]
    assert "unmapped" not in ocsf(event("login.succeeded", {}, actor=actor))


@pytest.mark.parametrize(
    "key",
    [
        {"id": "key_1", "type": "service_account"},
        {"id": "key_1", "type": "agent_identity_7", "user": {"id": "user-ana"}},
    ],
)
def test_whose_key_it_is_is_kept_where_no_owner_tells(key: dict[str, Any]) -> None:
    raw = event("project.archived", {"id": "p"}, actor={"type": "api_key", "api_key": key})
    assert ecs(raw, raw=False)["openai"]["audit"]["api_key"]["type"] == key["type"]
    made = to_ocsf(AuditEvent.of_raw(raw), raw=False)
    assert made["unmapped"]["actor"]["api_key"]["type"] == key["type"]


def test_a_failure_says_why() -> None:
    payload = {"error_code": "bad_password", "error_message": "It is wrong."}
    made = ecs(event("login.failed", payload))
    assert made["event"]["outcome"] == "failure"
    assert made["event"]["reason"] == "It is wrong."
    assert made["error"] == {"code": "bad_password", "message": "It is wrong."}


@pytest.mark.parametrize("at", [time for time in ODD_TIMES if time is not None], ids=repr)
def test_a_time_that_is_none_is_never_invented_silently(at: Any) -> None:
    made = ecs(event("login.succeeded", {}, at=at))
    assert made["@timestamp"] == "2026-11-27T12:00:00Z"
    assert made["openai"]["audit"]["time_source"] == "observed"
    assert made["openai"]["audit"]["other"]["effective_at"] == at


def test_a_time_has_the_parts_of_a_second_that_came() -> None:
    made = ecs(event("login.succeeded", {}, at=AT + 0.25))
    assert made["@timestamp"] == "2025-10-09T08:53:20.250000Z"
    assert "time_source" not in made["openai"]["audit"]


@pytest.mark.parametrize(
    ("type", "payload", "category", "types"),
    [
        ("user.added", {}, "iam", ["user", "creation"]),
        ("user.deleted", {}, "iam", ["user", "deletion"]),
        ("role.assignment.created", {}, "iam", ["user", "change"]),
        ("role.assignment.created", {"principal_type": "group"}, "iam", ["group", "change"]),
        ("group.deleted", {}, "iam", ["group", "deletion"]),
        ("tenant.group.member.added", {}, "iam", ["group", "change"]),
        ("api_key.created", {}, "iam", ["admin", "creation"]),
        ("scim.disabled", {}, "iam", ["admin", "change"]),
        ("project.created", {}, "configuration", ["creation"]),
        ("rate_limit.deleted", {}, "configuration", ["deletion"]),
        ("login.succeeded", {}, "authentication", ["start"]),
        ("logout.succeeded", {}, "authentication", ["end"]),
        ("tenant.session_revocation.started", {}, "authentication", ["info"]),
        ("tenant.user.looked_up", {}, "api", ["info"]),
        ("widget.created", {}, "api", ["creation"]),
        ("single", {}, "api", ["info"]),
    ],
)
def test_a_type_goes_to_its_category(
    type: str, payload: Any, category: str, types: list[str]
) -> None:
    made = ecs(event(type, payload))["event"]
    assert (made["category"], made["type"]) == ([category], types)


def test_the_things_of_access_are_things_that_there_are() -> None:
    assert {noun for noun, thing in NOUNS.items() if thing.area == "entity"} >= IAM_NOUNS


def test_a_service_account_is_told_from_a_person_also_without_the_keys_type() -> None:
    actor = {"type": "api_key", "api_key": {"id": "key_2", "service_account": {"id": "svc_1"}}}
    made = ecs(event("project.archived", {"id": "p"}, actor=actor))
    assert made["openai"]["audit"]["api_key"] == {"id": "key_2", "type": "service_account"}
