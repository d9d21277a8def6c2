"""What holds for all detections: whatever comes, none breaks, and each says what it should."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin.audit.detections.model import Detection
from openai_admin.audit.detections.rules import DETECTIONS
from openai_admin.cli.app import root
from openai_admin.cli.lazy import LazyGroup
from openai_admin.resources.audit_logs.event_types import EVENT_TYPES

from .stream import Raw, at, event, find, session

KEYS = (
    *("owner_granted", "powerful_role_granted", "admin_key_created", "key_with_all_scopes"),
    *("scim_disabled", "ip_allowlist_weakened", "mtls_weakened", "retention_changed"),
    *("external_storage_changed", "spend_limit_raised", "rate_limit_multiplied", "many_removals"),
    *("failed_logins_then_success", "new_country", "new_network", "impossible_travel"),
    *("foreign_invite", "wildcard_federation_rule", "former_members_key_used"),
    "service_account_new_network",
)
NAMES = (
    *("id", "data", "changes_requested", "role", "email", "scopes", "allowed_ips", "configs"),
    *("certificates", "spend_limit", "threshold_amount", "data_retention", "type", "provider"),
    *("attribute_matchers", "api_call_logging", "principal_id", "permissions", "ip_address"),
    *("ip_address_details", "session", "api_key", "user", "service_account", "asn", "latitude"),
    "max_tokens_per_1_minute",
)
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.sampled_from(["*", "owner", "0.0.0.0/0", "none", "a@b.test", "", "x" * 99])
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_there_is_each_that_was_asked_for() -> None:
    assert sorted(d.key for d in DETECTIONS) == sorted(KEYS)


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda d: d.key)
def test_each_says_what_it_finds_and_what_to_do(detection: Detection[Any]) -> None:
    assert detection.title[0].isupper()
    assert not detection.title.endswith(".")
    for text in (detection.why, detection.what_to_do):
        assert text.endswith(".")
        assert "  " not in text
    assert detection.techniques
    for technique in detection.techniques:
        assert re.fullmatch(r"T\d{4}(\.\d{3})?", technique.id)
    assert all(value > 0 for value in detection.thresholds.values())


def _commands(text: str) -> list[list[str]]:
    """The words of each command that a text names, up to what it is given."""
    return [
        re.split(r" (?=[A-Z\-])", line)[0].split()
        for line in re.findall(r"`(?:openai-admin )?([^`]+)`", text)
    ]


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda d: d.key)
def test_the_commands_that_help_exist(detection: Detection[Any]) -> None:
    for words in _commands(detection.what_to_do):
        command: Any = root()
        for word in words:
            assert isinstance(command, LazyGroup)
            assert word in command.commands
            command = command.load(word)


MEASURES = ("hours", "minutes", "days", "share", "times", "kmh", "km", "restored")


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda d: d.key)
def test_thresholds_that_measure_can_be_fractions(detection: Detection[Any]) -> None:
    for name, default in detection.thresholds.items():
        measures = bool(set(name.split("_")) & set(MEASURES)) and name != "least_days"
        assert isinstance(default, float if measures else int), name


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda d: d.key)
def test_each_is_given_types_that_there_are(detection: Detection[Any]) -> None:
    assert (detection.types or frozenset()) <= set(EVENT_TYPES)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(EVENT_TYPES), ODD, ODD, ODD), max_size=12))
def test_nothing_odd_breaks_any(given: list[tuple[str, Any, Any, Any]]) -> None:
    raws: list[Any] = []
    for type, payload, actor, when in given:
        raw = event(type, payload, by=actor)
        raws.append({**raw, "effective_at": when})
    raws += [None, "text", [], {"type": "made.up"}, {"type": 7}]
    for finding in find(raws):
        assert finding.evidence
        assert finding.summary.endswith(".")


@pytest.mark.parametrize("type", ["dummy.event_type", "tenant.owner.anything", ""])
def test_types_that_nobody_knows_are_passed_over(type: str) -> None:
    payload = {"id": "user-eve", "role": "owner", "scopes": "all", "allowed_ips": "0.0.0.0/0"}
    assert not find([event(type, payload)])


def test_what_is_told_is_told_the_same_again() -> None:
    def raws() -> list[Raw]:
        return [
            event("scim.disabled", {"id": "org"}, when=at(n), by=session("a")) for n in range(9)
        ]

    events = raws()
    assert [finding.id for finding in find(events)] == [finding.id for finding in find(events)]
