"""Groups in a project: given access with a role, given others, removed."""

from __future__ import annotations

from typing import Final

from ..document.model import ProjectGroup
from .assignments import plan_roles_of
from .comparing import compare_keys
from .context import Id, InProject, Planning
from .holders import Holder, roles_wanted
from .model import FieldChange
from .resolved import Resolved

_SECTION: Final = "projects.groups"


def plan_project_groups(planning: Planning, project: InProject) -> None:
    """Plan which groups may do what in a project."""
    if project.wanted.groups is None or not planning.is_planned(_SECTION):
        return
    if planning.is_known(_SECTION, project.there.groups, project.label):
        _Groups(planning, project).plan()


class _Groups:
    def __init__(self, planning: Planning, project: InProject) -> None:
        self._planning = planning
        self._project = project
        self._wanted = project.wanted.groups or {}
        self._there = project.there.groups or {}

    def plan(self) -> None:
        planning, project = self._planning, self._project
        asked: dict[Id, str] = {}
        unclear = []
        for label in self._wanted:
            id = planning.reference(
                "groups", label, section=_SECTION, subject=label, project=project.label
            )
            if id is None:
                unclear.append(label)
            else:
                asked[id] = label
        there: dict[Id, str] = {}  # the state's labels
        unlisted = []
        for label in self._there:
            group = (planning.there.groups or {}).get(label)
            if group is None or group.id is None:
                unlisted.append(label)
            elif group.id not in planning.gone:
                there[group.id] = label
        names = {id: planning.label_of("groups", label) for id, label in there.items()}
        compare_keys(
            planning,
            _SECTION,
            Resolved(names=asked, unclear=unclear),
            Resolved(
                names=names,
                unclear=unlisted,
                is_told=lambda key: planning.is_told("groups", key),
            ),
            add=lambda key: self._add(asked[key], key),
            keep=lambda key: self._roles(
                asked[key], key, self._wanted[asked[key]].roles, self._there[there[key]].roles
            ),
            remove=lambda key: self._remove(there[key], key, self._there[there[key]]),
            project=project.label,
            id=project.id,
        )

    def _add(self, label: str, id: Id) -> None:
        """Access is given with the first role, the others are assigned to who has it."""
        planning, project = self._planning, self._project
        names = self._wanted[label].roles
        place = Holder(section=_SECTION, subject=label, place=project)
        roles = roles_wanted(planning, names, place).names
        if not names:
            reason = "A group is given access to a project with a role: name one, such as `member`."
            planning.impossible(_SECTION, label, reason, project=project.label)
        if not roles:
            return
        first, name = next(iter(roles.items()))
        step = planning.add(
            _SECTION,
            "create",
            label,
            "projects.groups.create",
            {"project_id": project.id, "group_id": id, "role": first},
            project=project.label,
            changes=[FieldChange(field="roles", new=name)],
        )
        if step is None or len(roles) == 1:
            return
        plan_roles_of(
            planning,
            place,
            [each for each in names if each != name],
            (),
            operation="projects.groups.roles",
            scope={"project_id": project.id, "group_id": id},
            needs=step,
        )

    def _roles(self, label: str, id: Id, names: tuple[str, ...], there: tuple[str, ...]) -> None:
        plan_roles_of(
            self._planning,
            Holder(section=_SECTION, subject=label, place=self._project),
            names,
            there,
            operation="projects.groups.roles",
            scope={"project_id": self._project.id, "group_id": id},
        )

    def _remove(self, label: str, id: Id, group: ProjectGroup) -> None:
        self._planning.add(
            _SECTION,
            "remove",
            self._planning.label_of("groups", label),
            "projects.groups.delete",
            {"project_id": self._project.id, "group_id": id},
            project=self._project.label,
            changes=[FieldChange(field="roles", old=group.roles)],
        )
