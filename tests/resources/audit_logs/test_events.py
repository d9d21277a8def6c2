"""The payloads of audit log events: one model for each in the contract, whole both ways."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any, get_args

import attrs
import pytest

from openai_admin import (
    APIKeyCreated,
    APIKeyCreatedData,
    ExternalStorageRegistered,
    LoginSucceeded,
    ProjectArchived,
    ProjectCreated,
    UserDeleted,
)
from openai_admin._wire.codec import decode, to_dict
from openai_admin._wire.fields import wire_name
from openai_admin._wire.models import Page
from openai_admin._wire.structure import structure
from openai_admin.resources.audit_logs import EVENT_TYPES, AuditLog, EventPayload, EventType
from openai_admin.resources.audit_logs.event_types import is_tenant_scoped
from openai_admin.resources.audit_logs.events import PAYLOADS
from openai_admin.resources.external_storage import AwsExternalStorageProvider
from tests.contract import CONTRACT, resolve

SCHEMA = CONTRACT["audit_logs.list"].response
COMMON = {"id", "type", "effective_at", "project", "actor"}
DESCRIBED = sorted(SCHEMA["properties"].keys() - COMMON)


def event(event_type: str, payload: Any, /, **more: Any) -> dict[str, Any]:
    """An event on the wire."""
    return {
        "id": "audit_log-1",
        "type": event_type,
        "effective_at": 1_790_000_000,
        event_type: payload,
        **more,
    }


def payload_schema(event_type: str) -> Any:
    """What the contract says of a payload."""
    (schema,) = (s for s in SCHEMA["properties"][event_type]["anyOf"] if s.get("type") != "null")
    return resolve(schema, SCHEMA)


def test_types_are_those_of_the_contract() -> None:
    assert get_args(EventType) == EVENT_TYPES
    assert list(EVENT_TYPES) == SCHEMA["properties"]["type"]["enum"]
    assert list(EVENT_TYPES) == CONTRACT["audit_logs.list"].query["event_types"]["items"]["enum"]


def test_each_described_payload_has_a_model_of_its_own() -> None:
    assert sorted(PAYLOADS) == DESCRIBED
    assert len(set(PAYLOADS.values())) == len(PAYLOADS) == 57


@pytest.mark.parametrize("event_type", DESCRIBED)
def test_fields_are_those_of_the_contract(event_type: str) -> None:
    fields = {wire_name(a) for a in attrs.fields(PAYLOADS[event_type])}
    described = payload_schema(event_type).get("properties", {})
    assert fields - {"extra", "_nulls", "_not_sent"} == set(described)
    assert PAYLOADS[event_type].__doc__


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_whatever_a_payload_contains_comes_back(event_type: str) -> None:
    wire = event(event_type, {"id": "thing-1", "new": {"deep": [1, None]}, "gone": None}, more=1)
    log = structure(wire, AuditLog)
    assert to_dict(log) == wire
    if event_type in PAYLOADS:
        assert type(log.payload) is PAYLOADS[event_type]
    else:
        assert log.payload == wire[event_type]


def test_a_payload_is_matched_by_its_class() -> None:
    def told(log: AuditLog) -> str:
        match log.payload:
            case ProjectArchived(id=project_id):
                return f"archived {project_id}"
            case UserDeleted(id=user_id):
                return f"deleted {user_id}"
            case dict() as unknown:
                return f"unknown {unknown}"
            case EventPayload():
                return "something else"
        return "nothing"

    archived = event("project.archived", {"id": "proj_1"})
    assert told(structure(archived, AuditLog)) == "archived proj_1"
    # Of one shape, yet not of one class.
    assert told(structure(event("user.deleted", {"id": "user-1"}), AuditLog)) == "deleted user-1"
    assert told(structure(event("robot.added", {"id": 7}), AuditLog)) == "unknown {'id': 7}"
    assert told(structure(event("login.succeeded", {}), AuditLog)) == "something else"
    assert told(structure(event("login.succeeded", None), AuditLog)) == "nothing"


@pytest.mark.parametrize(
    "wire",
    [
        event("robot.added", {"id": "robot-1"}),
        event("robot.added", ["a", {"b": None}]),
        event("robot.added", "text"),
        event("robot.added", None),
        event("login.succeeded", None),
        event("project.archived", {"id": None}),
        event("project.archived", {"id": "proj_1"}, payload={"not": "the payload"}),
        event("project.archived", {"id": "proj_1"}, **{"project.created": {"id": "other"}}),
        event("certificates.activated", {"certificates": [{"id": "cert_1", "name": None}]}),
        {"id": "audit_log-1", "type": "project.archived", "effective_at": 1_790_000_000},
        {"id": "audit_log-1", "type": "extra", "effective_at": 1_790_000_000, "extra": {"a": 1}},
        {"id": "audit_log-1", "type": "actor", "effective_at": 1_790_000_000, "actor": None},
        event("login.succeeded", {}, actor={"type": "robot", "robot": {"id": 7}}, project=None),
        event(
            "login.succeeded",
            {},
            actor={
                "type": "session",
                "session": {"ip_address": None, "user": {"id": "user-1"}, "user_agent": "x"},
                "api_key": None,
            },
        ),
    ],
)
def test_odd_events_are_kept_whole(wire: dict[str, Any]) -> None:
    raw = json.dumps({"data": [wire], "has_more": False}).encode()
    (log,) = decode(raw, Page[AuditLog]).data
    assert to_dict(log) == wire


def test_nested_models() -> None:
    provider = {
        "type": "aws",
        "account_id": "123456789012",
        "bucket": "documents",
        "external_id": "org-1",
        "region": "eu-central-1",
        "role_arn": "arn:aws:iam::123456789012:role/storage",
    }
    wire = event(
        "external_storage.registered",
        {"id": "extstore_1", "data": {"geography": "EU", "provider": provider}},
    )
    log = structure(wire, AuditLog)
    assert isinstance(log.payload, ExternalStorageRegistered)
    assert log.payload.data is not None
    assert isinstance(log.payload.data.provider, AwsExternalStorageProvider)
    assert to_dict(log) == wire

    created = structure(event("api_key.created", {"data": {"scopes": ["a", "b"]}}), AuditLog)
    assert created.payload == APIKeyCreated(data=APIKeyCreatedData(scopes=["a", "b"]))


def test_who_acted() -> None:
    user = {"id": "user-1", "email": "ada@example.com"}
    for actor in (
        {"type": "session", "session": {"ip_address": "192.0.2.1", "user": user}},
        {"type": "api_key", "api_key": {"id": "key_1", "type": "user", "user": user}},
    ):
        log = structure(event("login.succeeded", {}, actor=actor), AuditLog)
        assert log.actor is not None
        assert log.actor.user is not None
        assert log.actor.user.email == "ada@example.com"
    by_account = {"type": "service_account", "service_account": {"id": "svc_acct_1"}}
    log = structure(
        event("login.succeeded", {}, actor={"type": "api_key", "api_key": by_account}), AuditLog
    )
    assert log.actor is not None
    assert log.actor.user is None
    assert log.actor.api_key is not None
    assert log.actor.api_key.service_account is not None
    assert log.actor.api_key.service_account.id == "svc_acct_1"


def test_a_field_of_a_payload_that_is_wrong_costs_itself() -> None:
    wire = event("project.created", {"id": "proj_1", "data": {"name": ["no", "text"]}})
    raw = json.dumps({"data": [event("login.succeeded", {}), wire]}).encode()
    _, log = decode(raw, Page[AuditLog]).data
    assert (log.payload.id, log.payload.data.name) == ("proj_1", None)
    assert to_dict(log) == wire


def test_payloads_behave_as_models_do() -> None:
    archived = ProjectArchived(id="proj_1")
    assert archived == ProjectArchived(id="proj_1")
    other: EventPayload = UserDeleted(id="proj_1")
    assert archived != other
    assert repr(archived) == "ProjectArchived(id='proj_1')"
    assert repr(LoginSucceeded()) == "LoginSucceeded()"
    assert pickle.loads(pickle.dumps(archived)) == archived
    assert copy.deepcopy(archived) == archived
    assert attrs.evolve(archived, id="proj_2") == ProjectArchived(id="proj_2")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        archived.id = "proj_2"  # type: ignore[misc]
    log = structure(event("project.created", {"id": "proj_1", "new": 1}), AuditLog)
    assert isinstance(log.payload, ProjectCreated)
    assert log.payload.extra == {"new": 1}
    assert pickle.loads(pickle.dumps(log)) == log


def test_events_of_the_tenant() -> None:
    of_tenant = [event_type for event_type in EVENT_TYPES if is_tenant_scoped(event_type)]
    assert "role.bound_to_resource" in of_tenant
    assert "role.created" not in of_tenant
    assert not is_tenant_scoped("robot.added")
    assert sum(event_type.startswith("tenant.") for event_type in of_tenant) == len(of_tenant) - 2
