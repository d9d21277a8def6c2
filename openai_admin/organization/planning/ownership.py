"""Who owns what: yes, no, or not known, which is ``None`` and never taken for no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from ...directory.permissions import OWNER, is_owner_like
from ..document.model import Project, Role
from ..state import State

_LESS = {False: ("reader",), True: ("member", "viewer")}
"""OpenAI's own roles that make no owners, of the organization and of projects."""


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of some answers is yes; not known where one may be."""
    found: bool | None = False
    for answer in answers:
        if answer:
            return True
        found = None if answer is None else found
    return found


def all_of(*answers: bool | None) -> bool | None:
    """Whether all of some answers are yes; not known where they may be."""
    if False in answers:
        return False
    return None if None in answers else True


def is_owner(role: str | None, *, of_project: bool) -> bool | None:
    """Whether a membership is an owner's; of a role that is not known, that is not either."""
    called = None if role is None else role.casefold()
    if called == OWNER:
        return True
    return False if called in _LESS[of_project] else None


class Owning:
    """Tells what roles and groups make owners of.

    Args:
        state: what there is.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._there = state.document
        self._roles: dict[str | None, Mapping[str, Role] | None] = {}

    def role(self, role_id: str, project_id: str | None) -> bool | None:
        """Whether a role makes owners of the organization, or of its project."""
        of_project = project_id is not None
        start = f"role-api-{'project' if of_project else 'organization'}-"
        known = self._state.role_ids
        if role_id in (OWNER, f"{start}{OWNER}", known.get((project_id, OWNER))):
            return True
        role = (self._own(project_id) or {}).get(role_id)
        if role is not None:
            permissions = role.permissions
            return (
                None if permissions is None else is_owner_like(permissions, of_project=of_project)
            )
        less = [
            id
            for name in _LESS[of_project]
            for id in (name, f"{start}{name}", known.get((project_id, name)))
        ]
        return False if role_id in less else None

    def roles(self, role_ids: Iterable[str] | None, project_id: str | None) -> bool | None:
        """Whether one of some roles does; ``None`` in their place are any of those there are."""
        if role_ids is None:
            own = self._own(project_id)
            if own is None:
                return None
            return None if any_of(self.role(id, project_id) for id in own) is not False else False
        return any_of(self.role(id, project_id) for id in role_ids)

    def _own(self, project_id: str | None) -> Mapping[str, Role] | None:
        """The roles that are defined in a place, by id; ``None`` where they are not known."""
        if project_id not in self._roles:
            if project_id is None:
                roles = self._there.roles
            else:
                project = self._projects.get(project_id)
                roles = None if project is None else project.roles
            self._roles[project_id] = (
                None if roles is None else {r.id: r for r in roles.values() if r.id is not None}
            )
        return self._roles[project_id]

    @cached_property
    def _projects(self) -> Mapping[str | None, Project]:
        return {project.id: project for project in (self._there.projects or {}).values()}
