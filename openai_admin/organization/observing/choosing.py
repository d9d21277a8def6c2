"""Which projects are read."""

from __future__ import annotations

from collections.abc import Sequence

from ..._declare.arguments import shown, suggest
from ...errors import InvalidInputError
from ...resources.projects import Project
from .labels import labels_of
from .needs import Needs


def chosen(projects: Sequence[Project] | None, needs: Needs) -> frozenset[str]:
    """The ids of the projects that are read: those that are named, or all that are active.

    Args:
        projects: the projects that there are; ``None`` where that is not known.
        needs: what is asked for.

    Raises:
        InvalidInputError: a project that is named is not there, is archived, or has its name with
            another.
    """
    listed = projects or ()
    active = [project for project in listed if project.status != "archived"]
    if needs.projects is None or projects is None:
        return frozenset(project.id for project in active)
    by_label = {label: id for id, label in labels_of(active).items()}
    found: set[str] = set()
    for name in needs.projects:
        named = [p.id for p in active if name in (p.id, p.name)]
        if name in by_label:
            named = [by_label[name]]
        found.update(named)
        if needs.are_projects_there:
            _check(name, named, listed)
    return frozenset(found)


def _check(name: str, found: Sequence[str], listed: Sequence[Project]) -> None:
    if len(found) == 1:
        return
    if found:
        raise InvalidInputError(
            f"{len(found)} projects are called {shown(name)}: name one by its id"
            f" ({', '.join(sorted(found))})."
        )
    if any(name in (project.id, project.name) for project in listed):
        raise InvalidInputError(f"The project {shown(name)} is archived.")
    names = sorted({p.name for p in listed if p.name and p.status != "archived"})
    raise InvalidInputError(f"There is no project {shown(name)}{suggest(name, names)}")
