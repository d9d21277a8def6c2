"""What is looked for: patterns of types, networks, who had a part, and which listings have it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.search.asked import Asked, Subjects, around, networks_of, types_of
from openai_admin.errors import InvalidInputError

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 20, tzinfo=UTC)


def event(type: str = "user.updated", *, actor: Any = None, **payload: Any) -> AuditEvent:
    """An event whose payload this is."""
    raw = {"id": "audit_log-1", "type": type, "effective_at": 1795700000, "actor": actor}
    return AuditEvent.of_raw({**raw, type: payload})


def session(ip: str | None = None, **user: str) -> dict[str, Any]:
    """A person in a browser."""
    return {"type": "session", "session": {"ip_address": ip, "user": user}}


@pytest.mark.parametrize(
    ("patterns", "meant"),
    [
        ([], None),
        (["project.archived"], ("project.archived",)),
        (["scim.*"], ("scim.enabled", "scim.disabled")),
        (["SCIM.Enabled"], ("scim.enabled",)),
        (["dummy.event_type"], ("dummy.event_type",)),
        (["project.frozen", "scim.enabled"], ("project.frozen", "scim.enabled")),
        (["api_key.suspended"], ("api_key.suspended",)),
        (["login.*", "login.failed"], ("login.succeeded", "login.failed")),
    ],
)
def test_patterns_stand_for_types(patterns: list[str], meant: tuple[str, ...] | None) -> None:
    assert types_of(patterns) == meant


def test_a_pattern_that_stands_for_nothing_names_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match=r"did you mean 'project\.archived'"):
        types_of(["project.archive"])
    for mistyped in ("project.archivd", "projct.archived", "api_key.createed"):
        with pytest.raises(InvalidInputError, match="did you mean"):
            types_of([mistyped])
    with pytest.raises(InvalidInputError, match="no type of event matches the type 'user'"):
        types_of(["user"])
    with pytest.raises(InvalidInputError, match="no type of event matches the pattern"):
        types_of(["x?z*"])


@pytest.mark.parametrize(
    ("ip", "network", "is_met"),
    [
        ("203.0.113.7", "203.0.113.0/24", True),
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.8", "203.0.113.7", False),
        ("::ffff:203.0.113.7", "203.0.113.0/24", True),
        ("2001:db8::1%eth0", "2001:db8::/32", True),
        ("2001:db8::1", "203.0.113.0/24", False),
        ("somewhere", "203.0.113.0/24", False),
        (None, "0.0.0.0/0", False),
    ],
)
def test_only_what_came_from_a_network(ip: str | None, network: str, is_met: bool) -> None:
    asked = Asked(since=START, until=END, networks=networks_of([network]))
    assert asked.is_met_by(event(actor=session(ip, id="user-a"))) is is_met


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"as 203\.0\.113\.7 or 203\.0\.113\.0/24"):
        networks_of(["203.0.113"])


def test_a_person_has_a_part_as_who_acts_and_as_whom_it_is_done_to() -> None:
    mia = Subjects(ids=frozenset({"user-mia"}), emails=frozenset({"mia@acme.example"}))
    assert mia.has_part_in(event(actor=session(id="user-mia")))
    assert mia.has_part_in(event(actor=session(email="Mia@Acme.example")))
    assert mia.has_part_in(event(id="user-mia"))
    assert mia.has_part_in(event("role.assignment.created", id="role-1:user-mia"))
    assert mia.has_part_in(event("invite.sent", data={"email": "mia@acme.example"}))
    assert not mia.has_part_in(event(id="user-mia2", actor=session(id="user-bob")))


def test_who_did_it_and_to_whom_are_listed_apart() -> None:
    people = Subjects(ids=frozenset({"user-a"}), emails=frozenset({"a@acme.example"}))
    asked = Asked(since=START, until=END, people=people, project_ids=("proj_a",))
    base = {"effective_at": (START, END), "project_ids": ["proj_a"]}
    assert asked.queries() == [
        {**base, "actor_ids": ["user-a"]},
        {**base, "resource_ids": ["user-a"]},
        {**base, "actor_emails": ["a@acme.example"]},
    ]


def test_events_of_the_tenant_are_listed_apart() -> None:
    types = types_of(["*.enabled", "tenant.policy.created"])
    assert types is not None
    own, above = Asked(since=START, until=END, types=types).queries()
    assert (own["event_types"], own.get("tenant_only")) == (["scim.enabled"], None)
    assert (above["event_types"], above["tenant_only"]) == (["tenant.policy.created"], True)
    assert len(Asked(since=START, until=END).queries()) == 1
    assert len(Asked(since=START, until=END, tenant=True).queries()) == 2


def test_half_of_a_window_lies_before_its_moment() -> None:
    now = END
    assert around(START, timedelta(hours=2), now=now) == (
        START - timedelta(hours=1),
        START + timedelta(hours=1),
    )
    with pytest.raises(InvalidInputError, match="longer than 0"):
        around(START, timedelta(0), now=now)
    with pytest.raises(InvalidInputError, match="in the future"):
        around(now + timedelta(days=2), timedelta(hours=2), now=now)


def test_a_type_that_is_not_known_is_looked_for_among_all() -> None:
    asked = Asked(since=START, until=END, types=("dummy.event_type", "tenant.user.added"))
    stretch = {"effective_at": (START, END)}
    assert asked.queries() == [
        stretch,
        {**stretch, "event_types": ["tenant.user.added"], "tenant_only": True},
    ]
    assert asked.is_met_by(event("dummy.event_type"))
    assert asked.is_met_by(event("tenant.user.added"))
    assert not asked.is_met_by(event("user.updated"))
