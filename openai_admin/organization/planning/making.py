"""The plan of a whole file: each section in turn, what they refer to before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..document.model import Document
from ..state import State
from .context import InProject, Planning
from .model import Plan

OF_ORGANIZATION: tuple[Callable[[Planning], None], ...] = ()
"""What plans the sections of the organization; each after those that it refers to."""

OF_PROJECT: tuple[Callable[[Planning, InProject], None], ...] = ()
"""What plans the sections of one project, likewise."""

AFTERWARDS: tuple[Callable[[Planning], None], ...] = ()
"""What plans the sections of the organization that refer to what is in projects."""


def plan(document: Document, state: State, *, projects: Iterable[str] | None = None) -> Plan:
    """What would make an organization as a file says; nothing is read or sent.

    Args:
        document: the file, with the defaults laid under every project.
        state: what there is; the sections that it was read for are planned.
        projects: the labels, names or ids of the projects that are planned alone.
    """
    planning = Planning(document, state, projects=projects)
    for section in OF_ORGANIZATION:
        section(planning)
    for project in planning.projects:
        for part in OF_PROJECT:
            part(planning, project)
    for section in AFTERWARDS:
        section(planning)
    return Plan(
        organization=document.organization,
        made_at=state.read_at,
        steps=tuple(draft.step for draft in planning.drafts.values()),
        impossible=planning.prevented,
        untouched=planning.left,
        not_known=state.not_known,
    )
