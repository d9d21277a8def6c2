"""What types of events are about."""

from __future__ import annotations

from collections import Counter

import pytest

from openai_admin.audit.kinds import NOUNS, VERBS, kind_of
from openai_admin.resources.audit_logs import EVENT_TYPES

_ASSIGNED = ("role_assignment", "created", "assign", "user_access", "success")
_TAKEN = ("role.assignment", "deleted", "revoke", "user_access", "success")
_OF_LOGINS = {"succeeded", "failed"}


def test_every_type_has_a_noun_and_a_verb_of_the_table_and_the_table_no_others() -> None:
    kinds = [kind_of(type) for type in EVENT_TYPES]
    assert {kind.noun for kind in kinds} == set(NOUNS)
    assert {kind.verb for kind in kinds} == set(VERBS) | _OF_LOGINS
    assert all(kind.is_known for kind in kinds)
    assert all(kind.outcome == "success" for kind in kinds if kind.verb != "failed")


def test_the_areas_are_as_the_documentation_counts_them() -> None:
    counts = Counter(kind_of(type).area for type in EVENT_TYPES)
    assert counts == {
        "entity": 101,
        "account": 16,
        "user_access": 10,
        "group": 8,
        "api": 8,
        "authentication": 6,
    }


@pytest.mark.parametrize(
    ("type", "noun", "verb", "action", "area", "outcome"),
    [
        ("api_key.created", "api_key", "created", "create", "entity", "success"),
        ("tenant.admin_api_key.created", "admin_api_key", "created", "create", "entity", "success"),
        (
            "role.assignment.created",
            "role.assignment",
            "created",
            "assign",
            "user_access",
            "success",
        ),
        (
            "role.assignment.deleted",
            "role.assignment",
            "deleted",
            "revoke",
            "user_access",
            "success",
        ),
        ("role.bound_to_resource", "role", "bound_to_resource", "assign", "user_access", "success"),
        ("role.created", "role", "created", "create", "entity", "success"),
        ("login.failed", "login", "failed", "login", "authentication", "failure"),
        ("logout.succeeded", "logout", "succeeded", "logout", "authentication", "success"),
        ("scim.disabled", "scim", "disabled", "disable", "entity", "success"),
        ("tenant.user.looked_up", "user", "looked_up", "read", "api", "success"),
        ("tenant.user.added", "user", "added", "create", "account", "success"),
    ],
)
def test_a_type_of_the_api(
    type: str, noun: str, verb: str, action: str, area: str, outcome: str
) -> None:
    kind = kind_of(type)
    assert (kind.noun, kind.verb, kind.action) == (noun, verb, action)
    assert (kind.area, kind.outcome, kind.is_known) == (area, outcome, True)


@pytest.mark.parametrize(
    ("type", "noun", "verb", "action", "area", "outcome"),
    [
        ("project.frozen", "project", "frozen", "other", "entity", None),
        ("tenant.project.created", "project", "created", "create", "entity", None),
        ("widget.part.created", "widget.part", "created", "create", "api", None),
        ("login.rejected", "login", "rejected", "login", "authentication", None),
        ("widget.failed", "widget", "failed", "other", "api", "failure"),
        ("widget.succeeded", "widget", "succeeded", "other", "api", "success"),
        ("single", "single", "", "other", "api", None),
        ("", "", "", "other", "api", None),
    ],
)
def test_a_type_that_is_not_known_is_classed_by_its_words(
    type: str, noun: str, verb: str, action: str, area: str, outcome: str | None
) -> None:
    kind = kind_of(type)
    assert (kind.noun, kind.verb, kind.action) == (noun, verb, action)
    assert (kind.area, kind.outcome, kind.is_known) == (area, outcome, False)


def test_a_caption_begins_a_sentence() -> None:
    assert kind_of("rate_limit.updated").caption == "Rate limit"
    assert kind_of("api_key.created").caption == "API key"
    assert kind_of("").caption == ""
