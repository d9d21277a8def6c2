"""What the file says without writing it: of every project, and of roles that nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from .model import Document, Group, Member, Person, Project

_WITH_ROLES = ("people.roles", "projects.members")
"""The sections in which people, groups and members have roles."""

T = TypeVar("T", Person, Group, Member)


def settled(document: Document) -> Document:
    """The document in which everything says all that holds for it.

    What a project says wins over the defaults: of a mapping it lacks, label by label, what those
    have, and a list or any other value is the project's as a whole. A project that is to be
    archived gets none. Where roles are pruned, people who stand there without any are to have none.
    """
    defaults = document.defaults
    if defaults is None and not any(map(document.prunes, _WITH_ROLES)):
        return document
    projects = document.projects and {
        label: project if project.archived or defaults is None else _laid(defaults, project)
        for label, project in document.projects.items()
    }
    if document.prunes("projects.members"):
        projects = projects and {
            label: attrs.evolve(project, members=_with_roles(project.members))
            for label, project in projects.items()
        }
    people = document.people
    return attrs.evolve(
        document,
        defaults=None,
        people=_with_roles(people) if document.prunes("people.roles") else people,
        projects=projects,
    )


def _with_roles(things: Mapping[str, T] | None) -> Mapping[str, T] | None:
    """People or members, of whom those without roles are to have none."""
    return things and {
        label: attrs.evolve(thing, roles=()) if thing.roles is None else thing
        for label, thing in things.items()
    }


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
