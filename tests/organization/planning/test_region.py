"""Where the data of a project stays: fixed when it is made, and told as its residency."""

from __future__ import annotations

import pytest

from openai_admin.organization.document.model import Project

from .frame import PROJECT, calls, impossible, planned_in_project, untouched


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (Project(residency="EU_STORAGE_PROCESSING"), "EU_STORAGE_PROCESSING"),
        (Project(geography="eu"), "EU_STORAGE_PROCESSING"),
        (Project(geography="JP"), "JP_STORAGE"),
        (Project(residency="GLOBAL"), None),
        (Project(), "EU_STORAGE_PROCESSING"),
    ],
)
def test_what_the_file_says_is_compared_with_the_residency(
    wanted: Project, there: str | None
) -> None:
    plan = planned_in_project(wanted, Project(residency=there))
    assert (calls(plan), impossible(plan), untouched(plan)) == ([], [], [])


@pytest.mark.parametrize(
    "wanted", [Project(residency="JP_STORAGE_PROCESSING"), Project(geography="US")]
)
def test_another_region_is_refused(wanted: Project) -> None:
    plan = planned_in_project(wanted, Project(residency="EU_STORAGE_PROCESSING"))
    assert calls(plan) == []
    ((subject, reason),) = impossible(plan)
    assert subject == "Core"
    assert reason.startswith("Its residency is EU_STORAGE_PROCESSING and is fixed")


def test_what_the_api_does_not_tell_is_not_said_to_be_so() -> None:
    for wanted in (Project(residency="EU_STORAGE_PROCESSING"), Project(geography="EU")):
        plan = planned_in_project(wanted, Project())
        assert (calls(plan), untouched(plan)) == ([], [("Core", "not_known")])


def test_a_new_project_is_made_where_the_file_says() -> None:
    plan = planned_in_project(Project(residency="EU_STORAGE_PROCESSING"), None)
    assert calls(plan) == [
        ("projects.create", {"name": "Core", "residency": "EU_STORAGE_PROCESSING"})
    ]


def test_an_external_key_is_given_and_taken_away() -> None:
    plan = planned_in_project(Project(external_key="none"), Project(external_key="ekm"))
    assert calls(plan) == [("projects.update", {"project_id": PROJECT, "external_key_id": None})]
