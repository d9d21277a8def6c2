"""What the file says of every project, laid under each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .model import Document, Project


def settled(document: Document) -> Document:
    """The document in which each project says all that holds for it.

    What a project says wins: of a mapping it lacks, label by label, what the defaults have, and a
    list or any other value is the project's as a whole. A project that is to be archived gets none.
    """
    defaults = document.defaults
    if defaults is None:
        return document
    projects = document.projects and {
        label: project if project.archived else _laid(defaults, project)
        for label, project in document.projects.items()
    }
    return attrs.evolve(document, defaults=None, projects=projects)


def _laid(defaults: Project, project: Project) -> Project:
    filled: dict[str, Any] = {}
    for attribute in attrs.fields(Project):
        own, usual = getattr(project, attribute.name), getattr(defaults, attribute.name)
        if own is None:
            filled[attribute.name] = usual
        elif isinstance(own, Mapping) and isinstance(usual, Mapping):
            filled[attribute.name] = {**usual, **own}
    if project.residency is not None or project.geography is not None:  # one of them says it all
        filled |= {"residency": project.residency, "geography": project.geography}
    return attrs.evolve(project, **filled)
