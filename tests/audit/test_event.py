"""The facts of an event, whatever shape it came in."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin._wire.codec import decode
from openai_admin._wire.models import Page
from openai_admin.audit.event import Actor, AuditEvent, Origin
from openai_admin.audit.kinds import kind_of
from openai_admin.audit.leftovers import leftovers
from openai_admin.audit.sentences import sentence
from openai_admin.audit.written import json_of
from openai_admin.resources.audit_logs import AuditLog, IPAddressDetails
from tests.audit.events import ACTORS, AT, SERVICE_KEY, SESSION, USERS_KEY, event


def read(raw: Any) -> AuditLog:
    """The model of an event."""
    page: Page[AuditLog] = decode(json_of({"object": "list", "data": [raw]}), Page[AuditLog])
    assert not page.unreadable
    (item,) = page.data
    return item


def test_a_session_has_an_origin() -> None:
    actor = AuditEvent.of_raw(event("login.succeeded", actor=SESSION)).actor
    assert (actor.kind, actor.identity) == ("user", "user-ana")
    assert actor.origin == Origin(
        ip="203.0.113.4",
        country="NL",
        region="North Holland",
        region_code="NH",
        city="Amsterdam",
        asn="1136",
        latitude=52.37,
        longitude=4.89,
        user_agent="Mozilla/5.0 (X11; Linux x86_64)",
        ja3="e7d705a3286e19ea42f587b344ee6865",
        ja4="t13d1516h2_8daaf6152771_b186095e22b6",
    )


def test_a_key_has_one_where_it_is_told() -> None:
    actor = AuditEvent.of_raw(event("x.y", actor=SERVICE_KEY)).actor
    assert (actor.kind, actor.identity) == ("service_account", "svc_1")
    assert actor.origin == Origin(ip="2001:db8::7")
    beside = {**USERS_KEY, "session": SESSION["session"]}
    assert AuditEvent.of_raw(event("x.y", actor=beside)).actor.origin.ip == "203.0.113.4"
    assert AuditEvent.of_raw(event("x.y", actor=USERS_KEY)).actor.origin == Origin()


@pytest.mark.parametrize("actor", ACTORS, ids=repr)
def test_the_model_of_an_event_says_the_same(actor: Any) -> None:
    raw = event("project.created", {"id": "proj_1"}, actor=actor)
    assert AuditEvent.of(read(raw)).actor == AuditEvent.of_raw(raw).actor


def test_the_models_session_is_typed() -> None:
    actor = read(event("login.succeeded", actor=SESSION)).actor
    assert actor is not None
    assert actor.session is not None
    assert actor.session.user_agent == "Mozilla/5.0 (X11; Linux x86_64)"
    assert actor.session.ja4 == "t13d1516h2_8daaf6152771_b186095e22b6"
    details = actor.session.ip_address_details
    assert details is not None
    assert (details.country, details.city, details.region_code) == ("NL", "Amsterdam", "NH")
    assert (details.asn, details.latitude, details.longitude) == ("1136", "52.37", "4.89")
    assert details.coordinates == (52.37, 4.89)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("x", "1"), ("91", "1"), ("1", "-181"), ("nan", "1"), (None, "1")]
)
def test_coordinates_that_are_none_are_not_known(latitude: str | None, longitude: str) -> None:
    assert IPAddressDetails(latitude=latitude, longitude=longitude).coordinates is None


@pytest.mark.parametrize(
    "odd", ["text", [1], {"asn": "AS1136"}, {"latitude": "x"}, {"longitude": True}, {"asn": [1]}]
)
def test_odd_details_never_cost_the_event(odd: Any) -> None:
    raw = event(
        "login.succeeded", actor={"type": "session", "session": {"ip_address_details": odd}}
    )
    item = read(raw)
    assert item.id == "audit_log-1"
    assert AuditEvent.of(item).raw["actor"] == raw["actor"]


def test_of_a_plain_event_nothing_is_left_over() -> None:
    raw = event("project.created", {"id": "proj_1"}, actor=SESSION)
    assert leftovers(AuditEvent.of_raw(raw)) == {}


def test_what_is_not_known_is_left_over() -> None:
    odd = {**SESSION, "also": 1}
    raw = event("project.created", {"id": "proj_1"}, actor=odd) | {"new": [1], "project": "Web"}
    assert leftovers(AuditEvent.of_raw(raw)) == {"actor": odd, "new": [1], "project": "Web"}
    assert leftovers(AuditEvent.of_raw([1])) == {"event": [1]}


def test_a_payload_may_come_under_a_name_without_dots() -> None:
    raw = {"id": "a", "type": "api_key.created", "api_key_created": {"id": "key_1"}}
    made = AuditEvent.of_raw(raw)
    assert (made.target_id, made.payload_key) == ("key_1", "api_key_created")
    assert leftovers(made) == {}


@pytest.mark.parametrize(
    ("type", "payload", "actor", "said"),
    [
        (
            "api_key.created",
            {"id": "key_9"},
            SESSION,
            "API key key_9 created by ana@example.com from 203.0.113.4",
        ),
        ("scim.disabled", {}, "system", "SCIM provisioning disabled by system"),
        ("rate_limit.updated", {"id": "rl-1"}, None, "Rate limit rl-1 updated"),
        ("login.succeeded", {}, SERVICE_KEY, "Login of svc_1 from 2001:db8::7 succeeded"),
        (
            "login.failed",
            {"error_message": "The password is wrong."},
            USERS_KEY,
            "Login of bob@example.com failed: The password is wrong.",
        ),
        ("widget.frobnicated", {"id": "w"}, USERS_KEY, "widget.frobnicated by bob@example.com"),
        (None, None, None, "Event of no known type"),
    ],
)
def test_an_event_in_a_sentence(type: str | None, payload: Any, actor: Any, said: str) -> None:
    made = AuditEvent.of_raw(event(type, payload, actor=actor))
    assert sentence(made, kind_of(type or "")) == said


def test_who_is_nobody() -> None:
    assert AuditEvent.of_raw(event("x.y")).actor == Actor()
    assert AuditEvent.of_raw(event("x.y", at=AT)).at is not None
