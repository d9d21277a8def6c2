"""The arguments of a call, from the way that JSON passes them to the declared one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.mcp.arguments import check_arguments, read_arguments
from openai_admin.mcp.operations import all_tools

TOOLS = {tool.operation.name: tool for tool in all_tools() if tool.operation}
PROVIDER = {"workload_identity_provider_id": "idp_1"}
CHANNEL = {"type": "email", "recipients": ["a@example.com"]}
ALERT = {"alert_id": "alert_1", "threshold_amount": 1, "currency": "USD", "interval": "month"}
CHANNELS = {"notification_channel": CHANNEL}
RULE = {**PROVIDER, "project_id": "proj_1", "service_account_id": "sa_1"}


def passed(operation: str, **given: Any) -> dict[str, Any]:
    tool = TOOLS[operation]
    arguments = read_arguments(tool, given)
    check_arguments(tool, arguments)
    return arguments


def refused(operation: str, **given: Any) -> str:
    with pytest.raises(InvalidInputError) as refusal:
        passed(operation, **given)
    return str(refusal.value)


def test_null_is_nothing() -> None:
    assert passed("users.list", limit=None, after=None, emails=["a@example.com"]) == {
        "emails": ["a@example.com"]
    }
    kept = passed("roles.update", role_id="role_1", role_name="Ops", description=None, clear=None)
    assert kept == {"role_id": "role_1", "role_name": "Ops"}


def test_a_whole_number_is_one_however_it_is_written() -> None:
    limited = passed(
        "projects.rate_limits.update",
        project_id="proj_1",
        rate_limit_id="rl_1",
        max_requests_per_1_minute=14_000.0,
    )
    assert limited["max_requests_per_1_minute"] == 14_000
    assert isinstance(limited["max_requests_per_1_minute"], int)
    alert = passed("spend_alerts.update", **{**ALERT, "threshold_amount": 5.0}, **CHANNELS)
    assert isinstance(alert["threshold_amount"], int)
    assert "whole number, not 2.5" in refused("users.list", limit=2.5)
    assert "from 1 to 100" in refused("users.list", limit=200.0)


@pytest.mark.parametrize("given", [{}, {"name": None}, {"name": None, "clear": []}])
def test_an_update_that_changes_nothing_is_refused(given: dict[str, Any]) -> None:
    said = refused("projects.update", project_id="proj_1", **given)
    assert said.startswith("There is nothing to change: pass ")
    assert "'name'" in said
    assert passed("projects.update", project_id="proj_1", name="Search")["name"] == "Search"
    cleared = passed("projects.update", project_id="proj_1", clear=["external_key_id"])
    assert cleared["external_key_id"] is None
    assert passed("projects.archive", project_id="proj_1") == {"project_id": "proj_1"}


def test_null_is_nothing_within_an_object_too() -> None:
    bounds = {"gt": None, "gte": "2026-11-01", "lt": None, "lte": None}
    assert passed("audit_logs.list", effective_at=bounds) == {"effective_at": {"gte": "2026-11-01"}}
    alert = passed(
        "spend_alerts.update", **ALERT, notification_channel={**CHANNEL, "subject_prefix": None}
    )
    assert alert["notification_channel"] == CHANNEL


def test_null_is_passed_where_a_field_must_be_there() -> None:
    usual = {"type": "discovery", "discovery_url": None}
    arguments = passed("workload_identity_providers.update", **PROVIDER, verification=usual)
    assert arguments["verification"] == usual


def test_clear_sets_to_null() -> None:
    cleared = passed("workload_identity_providers.update", **PROVIDER, clear=["description"])
    assert cleared == {**PROVIDER, "description": None}
    alert = passed(
        "spend_alerts.update",
        **ALERT,
        notification_channel=CHANNEL,
        clear=["notification_channel.subject_prefix"],
    )
    assert alert["notification_channel"] == {**CHANNEL, "subject_prefix": None}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"clear": ["descripton"]}, "did you mean 'description'"),
        ({"clear": "issuer"}, "clear cannot name 'issuer'; it takes 'description'"),
        ({"clear": ["description"], "description": "Builds"}, "pass one of them"),
        ({"clear": 7}, "clear cannot name 7"),
    ],
)
def test_clear_takes_what_may_be_null(given: dict[str, Any], said: str) -> None:
    assert said in refused("workload_identity_providers.update", **PROVIDER, **given)


def test_clear_of_a_field_needs_its_object() -> None:
    field = "notification_channel.subject_prefix"
    said = refused("spend_alerts.update", **ALERT, clear=[field])
    assert said == f"clear names {field}, which needs notification_channel to be passed."


def test_only_what_may_be_null_has_clear() -> None:
    assert "no parameter 'clear'" in refused("users.list", clear=[])


def test_a_mapping_is_passed_as_pairs_or_as_it_is() -> None:
    wanted = {"repo": "acme/api", "main": True}
    pairs = [{"name": name, "value": value} for name, value in wanted.items()]
    for matchers in (pairs, wanted):
        operation = "workload_identity_providers.federation_rules.create"
        assert (
            passed(operation, **RULE, attribute_matchers=matchers)["attribute_matchers"] == wanted
        )


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([{"name": "repo", "value": 1}, {"name": "repo", "value": 2}], "has 'repo' twice"),
        ([{"name": "repo"}], "a list of a `name` and a `value` each"),
        (["repo"], "a list of a `name` and a `value` each"),
        ("repo", "attribute_matchers must be"),
    ],
)
def test_wrong_pairs_are_refused(pairs: Any, said: str) -> None:
    operation = "workload_identity_providers.federation_rules.create"
    assert said in refused(operation, **RULE, attribute_matchers=pairs)


def test_a_free_object_is_passed_as_text_or_as_it_is() -> None:
    keys = {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "one"}]}
    for jwks in (json.dumps(keys), keys):
        verification = {"type": "uploaded_jwks", "jwks": jwks}
        arguments = passed(
            "workload_identity_providers.update", **PROVIDER, verification=verification
        )
        assert arguments["verification"] == {"type": "uploaded_jwks", "jwks": keys}
    text = {"type": "uploaded_jwks", "jwks": "{keys}"}
    said = refused("workload_identity_providers.update", **PROVIDER, verification=text)
    assert said == "verification.jwks must be JSON text."


def test_an_argument_is_taken_by_each_of_its_names() -> None:
    for name in ("key_id", "api_key_id"):
        arguments = passed("projects.api_keys.retrieve", project_id="proj_1", **{name: "key_1"})
        assert arguments == {"project_id": "proj_1", "api_key_id": "key_1"}
    for name in ("event_types", "event_types[]"):
        assert passed("audit_logs.list", **{name: ["login.failed"]}) == {
            "event_types": ["login.failed"]
        }
    both = {"event_types": ["login.failed"], "event_types[]": ["login.failed"]}
    assert "passed twice" in refused("audit_logs.list", **both)
