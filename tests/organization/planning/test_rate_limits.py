"""Rate limits: those of the file alone, for models that a project has limits for."""

from __future__ import annotations

from typing import Any

import attrs

from openai_admin.organization.document.model import Document, Project, RateLimit
from openai_admin.organization.planning.model import From

from .frame import PROJECT, calls, changes, impossible, planned, planned_in_project, untouched

_THERE = Project(
    rate_limits={
        "gpt-5": RateLimit(
            id="rl-gpt-5", max_requests_per_1_minute=500, max_tokens_per_1_minute=30_000
        ),
        "dall-e-3": RateLimit(id="rl-dall-e-3", max_images_per_1_minute=50),
    }
)


def _of(model: str, **limits: Any) -> Project:
    return Project(rate_limits={model: RateLimit(**limits)})


def test_only_what_differs_of_what_is_in_the_file_is_sent() -> None:
    plan = planned_in_project(
        _of("gpt-5", max_requests_per_1_minute=600, max_tokens_per_1_minute=30_000), _THERE
    )
    assert calls(plan) == [
        (
            "projects.rate_limits.update",
            {
                "project_id": PROJECT,
                "rate_limit_id": "rl-gpt-5",
                "max_requests_per_1_minute": 600,
            },
        )
    ]
    assert changes(plan) == [("max_requests_per_1_minute", 500, 600)]
    assert untouched(plan) == []


def test_a_limit_of_nothing_is_a_limit() -> None:
    plan = planned_in_project(_of("gpt-5", max_requests_per_1_minute=0), _THERE)
    assert changes(plan) == [("max_requests_per_1_minute", 500, 0)]


def test_what_is_as_the_file_says_is_left_alone() -> None:
    assert calls(planned_in_project(_of("gpt-5", max_requests_per_1_minute=500), _THERE)) == []
    assert calls(planned_in_project(_of("gpt-5"), _THERE)) == []


def test_a_model_that_the_project_has_no_limits_for_is_refused_with_the_nearest() -> None:
    plan = planned_in_project(_of("gtp-5", max_requests_per_1_minute=600), _THERE)
    assert calls(plan) == []
    assert impossible(plan) == [
        ("gtp-5", "The project has no rate limits for 'gtp-5'; did you mean 'gpt-5'?")
    ]


def test_a_limit_that_the_model_does_not_have_is_refused_with_those_that_it_has() -> None:
    plan = planned_in_project(_of("gpt-5", max_images_per_1_minute=5), _THERE)
    assert calls(plan) == []
    assert impossible(plan) == [
        (
            "gpt-5",
            (
                "'gpt-5' has no limit 'max_images_per_1_minute'; it has max_requests_per_1_minute, "
                "max_tokens_per_1_minute."
            ),
        )
    ]


def test_a_pin_that_is_another_limits_is_refused() -> None:
    wanted = Project(
        rate_limits={"gpt-5": RateLimit(id="rl-dall-e-3", max_requests_per_1_minute=1)}
    )
    assert impossible(planned_in_project(wanted, _THERE)) == [
        ("gpt-5", "The rate limit of 'gpt-5' has the id rl-gpt-5, not rl-dall-e-3.")
    ]


def test_limits_that_could_not_be_read_are_not_changed() -> None:
    plan = planned_in_project(_of("gpt-5", max_requests_per_1_minute=600), Project())
    assert (calls(plan), untouched(plan)) == ([], [("Core", "not_known")])


def test_where_not_all_could_be_read_a_model_is_not_said_to_have_no_limits() -> None:
    plan = planned_in_project(
        _of("gtp-5", max_requests_per_1_minute=600),
        _THERE,
        incomplete=[("projects.rate_limits", PROJECT)],
    )
    assert (impossible(plan), untouched(plan)) == ([], [("gtp-5", "not_known")])


def test_a_new_project_is_given_all_limits_by_the_ids_that_other_projects_have() -> None:
    wanted = {"New": _of("gpt-5", max_requests_per_1_minute=500)}
    plan = planned(
        Document(projects=wanted), Document(projects={"Core": attrs.evolve(_THERE, id=PROJECT)})
    )
    made, limited = plan.steps
    assert limited.arguments == {
        "project_id": From(step=made.id),
        "rate_limit_id": "rl-gpt-5",
        "max_requests_per_1_minute": 500,
    }


def test_where_no_project_tells_the_ids_the_limits_of_a_new_one_wait() -> None:
    plan = planned_in_project(_of("gpt-5", max_requests_per_1_minute=500), None)
    assert [step.operation for step in plan.steps] == ["projects.create"]
    assert untouched(plan) == [("Core", "not_known")]
