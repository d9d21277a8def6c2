"""Spend limits, of the organization and of projects."""

from __future__ import annotations

from decimal import Decimal

from ..document.model import NONE, Absent
from .context import InProject, Planning
from .model import FieldChange
from .money import threshold
from .scope import ORGANIZATION, Scope, of_project

_SUBJECT = "spend limit"


def plan_spend_limit(planning: Planning) -> None:
    """Plan the organization's spend limit."""
    wanted = planning.wanted.settings.spend_limit if planning.wanted.settings else None
    there = planning.there.settings.spend_limit if planning.there.settings else None
    _plan(planning, ORGANIZATION, wanted, there)


def plan_project_spend_limit(planning: Planning, place: InProject) -> None:
    """Plan the spend limit of a project."""
    _plan(planning, of_project(place), place.wanted.spend_limit, place.there.spend_limit)


def _plan(
    planning: Planning,
    scope: Scope,
    wanted: Decimal | Absent | None,
    there: Decimal | Absent | None,
) -> None:
    section = scope.section("spend_limit")
    if wanted is None or not planning.is_planned(section):
        return
    if not planning.is_known(section, there, scope.project) or wanted == there:
        return
    old, new = (None if each == NONE else each for each in (there, wanted))
    money = {} if isinstance(wanted, str) else threshold(wanted)
    planning.add(
        section,
        "remove" if new is None else "create" if old is None else "change",
        _SUBJECT,
        scope.operation("spend_limit.update" if money else "spend_limit.delete"),
        {**scope.arguments, **money},
        project=scope.project,
        changes=[FieldChange(field="spend_limit", old=old, new=new)],
        notes=[] if old is not None else ["Requests are refused once a month's costs reach it."],
    )
