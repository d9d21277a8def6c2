"""Identity providers and their rules, which name projects and service accounts by label."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openai_admin.organization.document.model import (
    Document,
    FederationRule,
    IdentityProvider,
    Project,
    Protected,
    ServiceAccount,
)
from openai_admin.organization.planning.model import From

from .frame import PROJECT, calls, changes, impossible, planned, untouched

_ISSUER = "https://token.actions.githubusercontent.com"
_PROVIDER = IdentityProvider(issuer=_ISSUER, audience="openai")
_RULE = FederationRule(
    project="Core", service_account="ci", attributes={"repository": "northwind/core"}
)
_JWKS = {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}
_PRUNE = ("identity_providers", "identity_providers.rules")


def _there(rule: FederationRule | None = None, **provider: Any) -> Document:
    """GitHub with a rule for `ci` of `Core`, in which there is `deploy`, too."""
    rules = {} if rule is None else {"ci": attrs.evolve(rule, id="wifr_1")}
    accounts = {"ci": ServiceAccount(id="svc_ci"), "deploy": ServiceAccount(id="svc_deploy")}
    return Document(
        projects={"Core": Project(id=PROJECT, service_accounts=accounts)},
        identity_providers={
            "GitHub": attrs.evolve(_PROVIDER, id="wip_1", enabled=True, rules=rules, **provider)
        },
    )


def _wanted(rule: FederationRule | None = None, **provider: Any) -> Document:
    rules = {} if rule is None else {"ci": rule}
    return Document(identity_providers={"GitHub": attrs.evolve(_PROVIDER, rules=rules, **provider)})


def test_a_rule_cannot_name_a_project_that_the_file_archives() -> None:
    wanted = attrs.evolve(_wanted(_RULE), projects={"Core": Project(archived=True)})
    plan = planned(wanted, _there(_RULE))
    assert impossible(plan) == [
        ("ci", "The project 'Core' is archived by the file: take the rule out.")
    ]
    alone = planned(Document(projects={"Core": Project(archived=True)}), _there(_RULE))
    assert impossible(alone) == []
    (archived,) = alone.steps
    assert archived.notes[-1] == "The federation rules that stand for them stop working, too: ci."


def test_a_provider_that_is_missing_is_made_with_its_rules() -> None:
    wanted = Document(
        projects={"Core": Project(service_accounts={"ci": ServiceAccount()})},
        identity_providers={
            "GitHub": attrs.evolve(
                _PROVIDER,
                transformations={"repository": "claims.repository"},
                rules={"ci": attrs.evolve(_RULE, permissions=("model.request",))},
            )
        },
    )
    plan = planned(wanted, Document(projects={}, identity_providers={}))
    by_operation = {step.operation: step for step in plan.steps}
    provider = by_operation["workload_identity_providers.create"]
    assert provider.arguments == {
        "name": "GitHub",
        "type": "oidc",
        "issuer": _ISSUER,
        "audience": "openai",
        "attribute_transformations": [
            {"attribute": "repository", "expression": "claims.repository"}
        ],
    }
    rule = by_operation["workload_identity_providers.federation_rules.create"]
    assert rule.arguments == {
        "workload_identity_provider_id": From(step=provider.id),
        "project_id": From(step=by_operation["projects.create"].id),
        "service_account_id": From(step=by_operation["projects.service_accounts.create"].id),
        "name": "ci",
        "attribute_matchers": {"repository": "northwind/core"},
        "permissions": {"type": "restricted", "scopes": ["model.request"]},
    }
    assert plan.steps[-1] == rule
    assert rule.power is not None


def test_what_is_as_the_file_says_is_left_alone() -> None:
    there = _there(attrs.evolve(_RULE, permissions=("a", "b"), enabled=True), description="CI")
    for wanted in (_wanted(_RULE), _wanted(attrs.evolve(_RULE, permissions=("b", "a")))):
        plan = planned(wanted, there)
        assert (calls(plan), impossible(plan), untouched(plan)) == ([], [], [])


@pytest.mark.parametrize(
    ("wanted", "there", "sent"),
    [
        ({"audience": "other"}, {}, {"audience": "other"}),
        ({"enabled": False}, {}, {"enabled": False}),
        ({"description": "none"}, {"description": "CI"}, {"description": None}),
        ({"description": "none"}, {}, {}),
        (
            {"transformations": {}},
            {"transformations": {"a": "b"}},
            {"attribute_transformations": []},
        ),
        (
            {"discovery_url": "https://example.com/keys"},
            {"jwks": _JWKS},
            {
                "verification": {
                    "type": "discovery",
                    "discovery_url": "https://example.com/keys",
                }
            },
        ),
        (
            {"discovery_url": "none"},
            {"jwks": _JWKS},
            {"verification": {"type": "discovery", "discovery_url": None}},
        ),
        (
            {"jwks": _JWKS},
            {"discovery_url": "https://example.com/keys"},
            {"verification": {"type": "uploaded_jwks", "jwks": _JWKS}},
        ),
        ({}, {"jwks": _JWKS}, {}),
    ],
)
def test_of_a_provider_only_what_differs_is_sent(
    wanted: dict[str, Any], there: dict[str, Any], sent: dict[str, Any]
) -> None:
    plan = planned(_wanted(**wanted), _there(**there))
    arguments = {"workload_identity_provider_id": "wip_1", **sent}
    assert calls(plan) == ([("workload_identity_providers.update", arguments)] if sent else [])


def test_keys_come_from_one_place() -> None:
    plan = planned(_wanted(jwks=_JWKS, discovery_url="https://example.com/keys"), _there())
    assert calls(plan) == []
    assert "not both" in impossible(plan)[0][1]


def test_of_a_rule_only_what_differs_is_sent() -> None:
    wanted = attrs.evolve(_RULE, attributes={"protected": True}, enabled=False)
    there = attrs.evolve(_RULE, attributes={"protected": 1}, enabled=True, description="CI")
    plan = planned(_wanted(wanted), _there(there))
    assert calls(plan) == [
        (
            "workload_identity_providers.federation_rules.update",
            {
                "workload_identity_provider_id": "wip_1",
                "workload_identity_federation_rule_id": "wifr_1",
                "attribute_matchers": {"protected": True},
                "enabled": False,
            },
        )
    ]


def test_a_rule_for_another_account_is_removed_and_made_anew() -> None:
    plan = planned(_wanted(attrs.evolve(_RULE, service_account="deploy")), _there(_RULE))
    removed, made = plan.steps
    assert removed.operation == "workload_identity_providers.federation_rules.delete"
    assert made.arguments["service_account_id"] == "svc_deploy"
    assert made.needs == (removed.id,)


def test_what_a_rule_names_must_be_there() -> None:
    for rule, near in (
        (attrs.evolve(_RULE, service_account="deplyo"), "deploy"),
        (attrs.evolve(_RULE, project="Cor"), "Core"),
    ):
        plan = planned(_wanted(rule), _there())
        assert calls(plan) == []
        assert f"did you mean '{near}'?" in impossible(plan)[0][1]


def test_a_rule_is_not_made_where_what_it_names_is_not_known() -> None:
    there = _there()
    unread = attrs.evolve(there, projects={"Core": Project(id=PROJECT)})
    for document in (unread, attrs.evolve(there, projects=None)):
        plan = planned(_wanted(_RULE), document)
        assert (calls(plan), impossible(plan)) == ([], [])
        assert {kind for _, kind in untouched(plan)} == {"not_known"}


def test_rules_and_providers_that_are_not_in_the_file_stay_unless_asked_for() -> None:
    plan = planned(_wanted(), _there(_RULE))
    assert (calls(plan), untouched(plan)) == ([], [("ci", "not_in_file")])
    none = planned(Document(identity_providers={}), _there(_RULE))
    assert (calls(none), untouched(none)) == ([], [("GitHub", "not_in_file")])


def test_a_provider_goes_after_its_rules() -> None:
    plan = planned(Document(identity_providers={}, prune=_PRUNE), _there(_RULE))
    rule, provider = plan.steps
    assert rule.operation == "workload_identity_providers.federation_rules.delete"
    assert provider.operation == "workload_identity_providers.delete"
    assert rule.id in provider.needs


def test_a_provider_stays_while_one_of_its_rules_is_protected() -> None:
    there = _there(_RULE)
    wanted = Document(
        projects={"Core": Project()},
        identity_providers={},
        prune=_PRUNE,
        protect=Protected(service_accounts=("ci",)),
    )
    plan = planned(wanted, there)
    assert calls(plan) == []
    assert untouched(plan) == [("ci", "protected"), ("GitHub", "protected")]


def test_a_provider_whose_rules_could_not_be_read_stays() -> None:
    there = _there()
    providers = {"GitHub": attrs.evolve(_PROVIDER, id="wip_1", rules=None)}
    plan = planned(
        Document(identity_providers={}, prune=_PRUNE),
        attrs.evolve(there, identity_providers=providers),
    )
    assert (calls(plan), untouched(plan)) == ([], [("GitHub", "not_known")])


def test_a_new_name_and_a_pin_rename() -> None:
    wanted = Document(
        identity_providers={
            "Actions": attrs.evolve(
                _PROVIDER, id="wip_1", rules={"build": attrs.evolve(_RULE, id="wifr_1")}
            )
        }
    )
    assert changes(planned(wanted, _there(_RULE))) == [
        ("name", "GitHub", "Actions"),
        ("name", "ci", "build"),
    ]


def test_no_rule_is_made_or_widened_that_lets_every_token_in() -> None:
    for_all = attrs.evolve(_RULE, attributes={})
    for there in (_there(), _there(_RULE)):
        plan = planned(_wanted(for_all), there)
        assert plan.steps == ()
        ((subject, reason),) = impossible(plan)
        assert subject == "ci"
        assert f"every token of {_ISSUER} could be used as the service account 'ci'" in reason
    # One that does so already stays as it is, so that what was pulled can be planned.
    plan = planned(_wanted(for_all), _there(for_all))
    assert (plan.steps, plan.impossible) == ((), ())
