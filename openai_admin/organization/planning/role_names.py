"""The ids of roles by what the state calls them, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from ...directory.permissions import OWNER
from ..document.model import Project, Role
from ..state import State

_IN_PROJECTS = {name: f"role-api-project-{name}" for name in (OWNER, "member", "viewer")}


class RoleNames:
    """The roles of the organization, and of each project.

    Args:
        state: what there is.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._there = state.document

    def ids(self, labels: Iterable[str], project_id: str | None) -> frozenset[str]:
        """The ids of roles that the state calls so; of one that is not known, what it is called."""
        return frozenset(self.id(label, project_id) for label in labels)

    def id(self, label: str, project_id: str | None) -> str:
        """Likewise of one role."""
        return self.known(label, project_id) or label

    def known(self, label: str, project_id: str | None) -> str | None:
        """The id of a role that the state calls so; ``None`` where it is not known."""
        role = (self._own(project_id) or {}).get(label)
        if role is not None and role.id is not None:
            return role.id
        found = self._state.role_ids.get((project_id, label))
        return found or self.predefined(project_id).get(label)

    def label(self, role_id: str, project_id: str | None) -> str:
        """What the state calls a role of the organization, or of a project."""
        own = self._own(project_id) or {}
        return next((label for label, role in own.items() if role.id == role_id), role_id)

    def predefined(self, project_id: str | None) -> Mapping[str, str]:
        """The ids of OpenAI's own roles by name.

        Args:
            project_id: the project that they are of, whichever it is, as they are the same in all;
                ``None`` for those of the organization.
        """
        return self._predefined[0 if project_id is None else 1]

    @cached_property
    def _predefined(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        own = {role.id for role in (self._there.roles or {}).values()}
        for project in self._projects.values():
            own |= {role.id for role in (project.roles or {}).values()}
        of: tuple[dict[str, str], dict[str, str]] = ({}, {**_IN_PROJECTS})
        for (project_id, name), id in self._state.role_ids.items():
            if id not in own:
                of[project_id is not None][name] = id
        return of

    def _own(self, project_id: str | None) -> Mapping[str, Role] | None:
        """The roles that are defined in a place, by label."""
        if project_id is None:
            return self._there.roles
        project = self._projects.get(project_id)
        return None if project is None else project.roles

    @cached_property
    def _projects(self) -> Mapping[str | None, Project]:
        return {project.id: project for project in (self._there.projects or {}).values()}
