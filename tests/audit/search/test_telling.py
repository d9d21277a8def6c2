"""Events in words: names from the log itself, changes in one line, counts."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.search.grouping import count_by
from openai_admin.directory.recorded.telling import changes_of, names_told, tell, wanted_names
from openai_admin.errors import InvalidInputError


def event(type: str, payload: Any, *, at: Any = 1795700000, **more: Any) -> AuditEvent:
    """An event with this payload."""
    raw = {"id": "audit_log-1", "type": type, "effective_at": at, type: payload, **more}
    return AuditEvent.of_raw(raw)


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"id": "user-a", "changes_requested": {"role": "owner"}}, "role: owner"),
        ({"id": "key_a", "data": {"scopes": ["a", "b"]}}, "scopes: a, b"),
        ({"id": "key_a", "data": {"scopes": "all"}}, "scopes: all"),
        ({"id": "x", "data": {"scopes": []}}, "scopes: none"),
        (
            {"id": "x", "allowed_ips": ["a", "b", "c", "d", "e", "f"]},
            "allowed_ips: a, b, c, d, 2 more",
        ),
        ({"id": "x", "user_id": "user-a"}, "user_id: Ada"),
        ({"id": "x", "on": True, "note": None}, "on: yes; note: none"),
        ({"id": "x", "deep": {"a": 1}}, "deep: {a: 1}"),
        ([{"id": "user-a"}], ""),
        ([{"id": "user-a", "changes_requested": {"role": "owner"}}], "role: owner"),
        ({"id": "user-a", "changes_requested": [{"role": "owner"}]}, "role: owner"),
        ([{"id": "user-a"}, {"id": "user-b"}], "{id: Ada}, {id: user-b}"),
        ("user-a", ""),
        (["user-a"], ""),
        (17, "17"),
        (None, ""),
        ({"id": "x"}, ""),
    ],
)
def test_changes_in_one_line(payload: Any, told: str) -> None:
    assert changes_of(event("some.type", payload), {"user-a": "Ada"}) == told


@pytest.mark.parametrize(
    ("payload", "target", "id"),
    [
        ({"id": "user-a", "changes_requested": {"role": "owner"}}, "Ada", "user-a"),
        ("user-a", "Ada", "user-a"),
        ([{"id": "user-a", "changes_requested": {"role": "owner"}}], "Ada", "user-a"),
        (["user-a", "user-b"], "Ada, user-b", None),
        ([{"id": "user-a"}, {"id": "user-b"}], "Ada, user-b", None),
        ([{"id": "x", "data": [{"name": "nightly"}]}], "nightly", "x"),
        ([{}, 5], None, None),
        (None, None, None),
    ],
)
def test_what_it_was_done_to_in_any_shape(payload: Any, target: str | None, id: str | None) -> None:
    told = tell(event("some.type", payload), {"user-a": "Ada"})
    assert (told.target, told.target_id) == (target, id)


def test_names_are_looked_up_for_targets_of_any_shape() -> None:
    events = [event("x", "user-a"), event("x", [{"id": "proj_a", "group_id": "group_a"}])]
    wanted = wanted_names(events)
    assert (set(wanted.users), wanted.projects, wanted.groups) == (
        {"user-a"},
        {"proj_a"},
        {"group_a"},
    )


def test_a_long_change_is_cut() -> None:
    told = changes_of(event("x", {"text": "a\nb " * 200}), {})
    assert len(told) == 160
    assert told.startswith("text: a b a b")
    assert told.endswith("…")


def test_the_log_tells_names_itself() -> None:
    actor = {"type": "session", "session": {"user": {"id": "user-a", "email": "a@acme.example"}}}
    project = {"id": "proj_a", "name": "Search"}
    made = event(
        "api_key.created",
        {"id": "key_a", "data": {"name": "nightly"}},
        actor=actor,
        project=project,
    )
    assert names_told([made]) == {
        "user-a": "a@acme.example",
        "proj_a": "Search",
        "key_a": "nightly",
    }
    told = tell(event("api_key.deleted", {"id": "key_a"}), names_told([made]))
    assert (told.target, told.target_id) == ("nightly", "key_a")


def test_ids_are_wanted_with_the_project_they_are_in() -> None:
    given = event(
        "role.assignment.created",
        {"id": "role-1", "principal_id": "user-b", "resource_id": "proj_b"},
        project={"id": "proj_a", "name": None},
        actor={
            "type": "api_key",
            "api_key": {"id": "key_x", "service_account": {"id": "svc_acct_c"}},
        },
    )
    wanted = wanted_names([given])
    assert wanted.projects == {"proj_a", "proj_b"}
    assert wanted.users == {"user-b": {"proj_a"}, "svc_acct_c": {"proj_a"}}
    assert wanted.keys == {"key_x": {"proj_a"}}


@pytest.mark.parametrize("raw", [7, None, [], {}, {"type": 3, "actor": 4, "project": "x"}])
def test_what_is_of_another_shape_is_told_as_far_as_it_goes(raw: Any) -> None:
    told = tell(AuditEvent.of_raw(raw, why_odd="odd"), {})
    assert (told.at, told.actor, told.target, told.event) == (None, None, None, raw)


def test_an_actor_of_another_kind_keeps_its_word() -> None:
    assert tell(event("scim.disabled", {"id": "org-1"}, actor="system"), {}).actor == "system"


def test_events_are_counted_by_what_they_have_in_common() -> None:
    told = [tell(event("a.created", {}, at=at), {}) for at in (1795700000, 1795700100, None)] + [
        tell(event("b.created", {}, at=1795600000), {})
    ]
    most, least = count_by(told, ["type"])
    assert (most.values, most.events) == (("a.created",), 3)
    assert most.first is not None
    assert most.last is not None
    assert (most.last - most.first).total_seconds() == 100
    assert (least.values, least.events) == (("b.created",), 1)
    assert {count.values for count in count_by(told, ["day", "type"])} == {
        ("2026-11-26", "a.created"),
        (None, "a.created"),
        ("2026-11-25", "b.created"),
    }
    with pytest.raises(InvalidInputError, match="did you mean 'type'"):
        count_by(told, ["typ"])
