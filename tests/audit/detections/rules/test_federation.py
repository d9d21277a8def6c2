"""Federation rules with a wildcard."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import Raw, at, event, find, keys

CREATED = "workload_identity_provider_mapping.created"
UPDATED = "workload_identity_provider_mapping.updated"


def rule(matchers: Any, type: str = CREATED, days: float = 0) -> Raw:
    asked = {"name": "ci", "project_id": "proj_1", "attribute_matchers": matchers}
    part = "data" if type.endswith("created") else "changes_requested"
    payload = {"id": "rule-1", "identity_provider_id": "wip-1", part: asked}
    return event(type, payload, when=at(days), project="proj_1")


@pytest.mark.parametrize(
    ("matchers", "severity"),
    [
        ({"sub": "*"}, "high"),
        ({"sub": "repo:acme/*"}, "medium"),
        ({"sub": ["a", "repo:acme/*"]}, "medium"),
        ({"*": "x"}, "high"),
        ({}, "high"),
        ([], "high"),
        ([{"attribute": "sub", "value": "*"}], "high"),
        ("*", "high"),
        ({"repository": "acme/app", "ref": "refs/heads/*"}, "medium"),
    ],
)
@pytest.mark.parametrize("type", [CREATED, UPDATED, "tenant.workload_identity.mapping.created"])
def test_a_rule_that_matches_more_than_one(matchers: Any, severity: str, type: str) -> None:
    (finding,) = find([rule(matchers, type)])
    assert (finding.detection, finding.about) == ("wildcard_federation_rule", "rule-1")
    assert finding.severity == severity


@pytest.mark.parametrize(
    "payload",
    [
        {"data": {"attribute_matchers": {"sub": "repo:acme/app:ref:refs/heads/main"}}},
        {"data": {"name": "all *", "description": "* is not allowed"}},
        {"data": {"name": "ci", "service_account_id": "sa-1"}},
        "rule-1",
        None,
        [],
    ],
)
def test_a_rule_that_matches_one_or_does_not_say(payload: Any) -> None:
    assert not find([event(CREATED, payload)])


def test_the_same_wildcard_is_told_once_and_again_after_it_was_gone() -> None:
    steps = ("a*", "a*", "a", "a*")
    raws = [rule({"sub": s}, CREATED if not n else UPDATED, n) for n, s in enumerate(steps)]
    assert keys(find(raws)) == ["wildcard_federation_rule"] * 2
