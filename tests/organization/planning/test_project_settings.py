"""Models, hosted tools, service tiers and data retention of projects; that of the organization."""

from __future__ import annotations

import pytest

from openai_admin.organization.document.model import (
    Absent,
    Document,
    ExternalStorage,
    Models,
    Project,
    ServiceTiers,
    Settings,
)

from .frame import PROJECT, calls, changes, impossible, planned, planned_in_project, untouched

_ALLOWED = Models(mode="allow_list", models=("gpt-5", "gpt-5-mini"))
_S3 = {"type": "aws", "bucket": "core", "role_arn": "arn:aws:iam::123456789012:role/openai"}


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (Models(mode="allow_list", models=("gpt-5-mini", "gpt-5")), _ALLOWED),
        ("none", "none"),
        (Models(mode="deny_list", models=()), "none"),
        ("none", Models(mode="deny_list", models=())),
    ],
)
def test_lists_of_models_that_allow_the_same_are_the_same(
    wanted: Models | Absent, there: Models | Absent
) -> None:
    assert calls(planned_in_project(Project(models=wanted), Project(models=there))) == []


def test_a_list_of_models_is_set_as_a_whole() -> None:
    wanted = Models(mode="deny_list", models=("gpt-5",))
    for there in ("none", _ALLOWED):
        plan = planned_in_project(Project(models=wanted), Project(models=there))
        assert calls(plan) == [
            (
                "projects.model_permissions.update",
                {"project_id": PROJECT, "mode": "deny_list", "model_ids": ["gpt-5"]},
            )
        ]


def test_a_list_that_allows_no_model_is_not_the_same_as_none() -> None:
    plan = planned_in_project(
        Project(models=Models(mode="allow_list", models=())), Project(models="none")
    )
    assert calls(plan)[0][1]["model_ids"] == []


def test_without_a_list_every_model_may_be_used() -> None:
    plan = planned_in_project(Project(models="none"), Project(models=_ALLOWED))
    assert calls(plan) == [("projects.model_permissions.delete", {"project_id": PROJECT})]
    assert changes(plan) == [("mode", "allow_list", None), ("models", _ALLOWED.models, None)]


def test_of_hosted_tools_only_those_that_differ_are_sent() -> None:
    there = {"mcp": True, "web_search": True, "file_search": True}
    plan = planned_in_project(
        Project(hosted_tools={"mcp": False, "web_search": True}), Project(hosted_tools=there)
    )
    assert calls(plan) == [
        (
            "projects.hosted_tool_permissions.update",
            {"project_id": PROJECT, "mcp": {"enabled": False}},
        )
    ]


def test_a_tool_of_which_the_api_says_nothing_is_set() -> None:
    plan = planned_in_project(Project(hosted_tools={"mcp": False}), Project(hosted_tools={}))
    assert changes(plan) == [("mcp", None, False)]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        (ServiceTiers(default="standard", enabled=("fast", "flex")), {}),
        (ServiceTiers(enabled="all"), {"enabled_tiers": "all"}),
        (ServiceTiers(default="fast"), {"default": "fast"}),
        (
            ServiceTiers(default="fast", enabled=("flex",)),
            {"default": "fast", "enabled_tiers": ["flex"]},
        ),
        (ServiceTiers(enabled=()), {"enabled_tiers": []}),
    ],
)
def test_of_service_tiers_only_what_differs_is_sent(
    wanted: ServiceTiers, sent: dict[str, object]
) -> None:
    there = ServiceTiers(default="standard", enabled=("flex", "fast"))
    plan = planned_in_project(Project(service_tiers=wanted), Project(service_tiers=there))
    expected = {"project_id": PROJECT, **sent}
    operation = "projects.service_tier_settings.update"
    assert calls(plan) == ([(operation, expected)] if sent else [])


def test_what_could_not_be_read_is_not_changed() -> None:
    wanted = Project(
        models="none",
        hosted_tools={"mcp": False},
        service_tiers=ServiceTiers(default="fast"),
        data_retention="none",
    )
    plan = planned_in_project(wanted, Project())
    assert calls(plan) == []
    assert [each.section for each in plan.untouched] == [
        "projects.models",
        "projects.hosted_tools",
        "projects.service_tiers",
        "projects.data_retention",
    ]
    assert {kind for _, kind in untouched(plan)} == {"not_known"}


def test_a_new_project_is_given_all_that_is_not_so_by_itself() -> None:
    wanted = Project(
        models="none",
        hosted_tools={"mcp": True},
        service_tiers=ServiceTiers(default="standard"),
        data_retention="organization_default",
        spend_limit="none",
    )
    assert [operation for operation, _ in calls(planned_in_project(wanted, None))] == [
        "projects.create",
        "projects.hosted_tool_permissions.update",
        "projects.service_tier_settings.update",
    ]


def test_data_retention_of_a_project_may_be_none_which_is_a_kind_of_it() -> None:
    plan = planned_in_project(
        Project(data_retention="none"), Project(data_retention="organization_default")
    )
    assert calls(plan) == [
        (
            "projects.data_retention.update",
            {"project_id": PROJECT, "retention_type": "none"},
        )
    ]


def test_data_retention_of_the_organization_is_changed_and_never_taken_away() -> None:
    there = Document(settings=Settings(data_retention="modified_abuse_monitoring"))
    wanted = Document(settings=Settings(data_retention="zero_data_retention"))
    assert calls(planned(wanted, there)) == [
        ("data_retention.update", {"retention_type": "zero_data_retention"})
    ]
    assert calls(planned(there, there)) == []
    none = planned(Document(settings=Settings(data_retention="none")), there)
    assert calls(none) == []
    assert impossible(none) == [
        (
            "data retention",
            (
                "The organization's data retention cannot be removed: name the kind that it is to"
                " be, or leave `data_retention` out."
            ),
        )
    ]


def test_what_the_api_does_not_take_is_refused_before_anything_is_sent() -> None:
    plan = planned(
        Document(settings=Settings(data_retention="zero_data_retentoin")),
        Document(settings=Settings(data_retention="modified_abuse_monitoring")),
    )
    ((subject, reason),) = impossible(plan)
    assert subject == "data retention"
    assert "did you mean 'zero_data_retention'?" in reason


def test_retention_is_set_again_after_the_last_storage_is_gone_which_resets_it() -> None:
    storage = ExternalStorage(id="extstore_1", provider=_S3)
    retention = "zero_data_retention"
    plan = planned_in_project(
        Project(data_retention=retention, external_storage=()),
        Project(data_retention=retention, external_storage=(storage,)),
        prune=("projects.external_storage",),
    )
    removed, again = plan.steps
    assert (removed.operation, again.operation) == (
        "external_storage.delete",
        "projects.data_retention.update",
    )
    assert again.needs == (removed.id,)
