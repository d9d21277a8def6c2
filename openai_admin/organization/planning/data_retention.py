"""Data retention, of the organization and of projects: it can be set, and never be removed."""

from __future__ import annotations

from collections.abc import Iterable

from ..document.model import NONE
from .context import InProject, Planning
from .external_storage import SECTION as STORAGE
from .model import FieldChange
from .scope import ORGANIZATION, Scope, of_project

FOLLOWS = "organization_default"
"""The retention of a project that has none of its own, as one that was just made."""

_FOLLOWED = "Projects without a retention of their own change with it."
_SUBJECT = "data retention"
_NO_RESET = (
    "The organization's data retention cannot be removed: name the kind that it is to be, "
    "or leave `data_retention` out."
)


def plan_data_retention(planning: Planning) -> None:
    """Plan the organization's data retention."""
    wanted = planning.wanted.settings.data_retention if planning.wanted.settings else None
    there = planning.there.settings.data_retention if planning.there.settings else None
    if wanted == NONE and planning.is_planned(ORGANIZATION.section("data_retention")):
        planning.impossible(ORGANIZATION.section("data_retention"), _SUBJECT, _NO_RESET)
        return
    _plan(planning, ORGANIZATION, wanted, there)


def plan_project_data_retention(planning: Planning, place: InProject) -> None:
    """Plan the data retention of a project, where ``none`` is a kind of the API's."""
    there = FOLLOWS if place.is_new else place.there.data_retention
    disconnected = _disconnected(planning, place)
    if disconnected and there is not None:
        there = FOLLOWS
    _plan(planning, of_project(place), place.wanted.data_retention, there, disconnected)


def _disconnected(planning: Planning, place: InProject) -> list[str]:
    """The steps after which a project has no external storage left, and so its retention is reset.

    So says the documentation of the removal.
    """
    storage = planning.steps_of(STORAGE, place.label)
    removals = [step.id for step in storage if step.action == "remove"]
    is_last = len(removals) == len(storage) == len(place.there.external_storage or ())
    return removals if is_last else []


def _plan(
    planning: Planning,
    scope: Scope,
    wanted: str | None,
    there: str | None,
    needs: Iterable[str] = (),
) -> None:
    section = scope.section("data_retention")
    if wanted is None or not planning.is_planned(section):
        return
    if not planning.is_known(section, there, scope.project) or wanted == there:
        return
    planning.add(
        section,
        "change",
        _SUBJECT,
        scope.operation("data_retention.update"),
        {**scope.arguments, "retention_type": wanted},
        project=scope.project,
        changes=[FieldChange(field="data_retention", old=there, new=wanted)],
        needs=needs,
        notes=[_FOLLOWED] if scope.project is None else (),
    )
