"""A file beside what there is, and the calls of the plan that comes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from openai_admin.organization.document.model import Document, Project
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import Plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import Granted, State

PROJECT = "proj_core"
"""The id of the project `Core`."""

Calls = list[tuple[str, dict[str, Any]]]


def granted_in(there: Document) -> dict[str, tuple[Granted, ...]]:
    """What the invites grant of those who are in projects and have no id."""
    invited = [label for label, person in (there.people or {}).items() if person.id is None]
    return {
        label.casefold(): tuple(
            Granted(project_id=str(each.id), label=name, role=each.members[label].role)
            for name, each in (there.projects or {}).items()
            if each.members and label in each.members
        )
        for label in invited
    }


def planned(
    wanted: Document,
    there: Document,
    *,
    incomplete: Iterable[tuple[str, str | None]] = (),
    sections: Iterable[str] = SECTIONS,
) -> Plan:
    """The plan of a file, of which all sections were read."""
    state = State(document=there, sections=frozenset(sections), incomplete=frozenset(incomplete))
    return plan(wanted, state)


def planned_in_project(
    wanted: Project,
    there: Project | None,
    *,
    prune: tuple[str, ...] = (),
    incomplete: Iterable[tuple[str, str | None]] = (),
) -> Plan:
    """The plan of what a project is to have; ``None`` for one that is made."""
    projects = {} if there is None else {"Core": _with_id(there)}
    return planned(
        Document(projects={"Core": wanted}, prune=prune),
        Document(projects=projects),
        incomplete=incomplete,
    )


def calls(plan: Plan) -> Calls:
    """The operations of a plan with their arguments, in order."""
    return [(step.operation, dict(step.arguments)) for step in plan.steps]


def changes(plan: Plan) -> list[tuple[str, Any, Any]]:
    """What changes, field by field."""
    return [(c.field, c.old, c.new) for step in plan.steps for c in step.changes]


def impossible(plan: Plan) -> list[tuple[str, str]]:
    """What cannot be done, and why."""
    return [(each.subject, each.reason) for each in plan.impossible]


def untouched(plan: Plan) -> list[tuple[str, str]]:
    """What stays though it differs, and the kind of the reason."""
    return [(each.subject, each.kind) for each in plan.untouched]


def _with_id(project: Project) -> Project:
    return attrs.evolve(project, id=PROJECT)
