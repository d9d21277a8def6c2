"""Roles of the organization and of projects: made, changed, renamed, removed."""

from __future__ import annotations

from typing import Any

from ..._declare.arguments import shown
from ..document.model import NONE, Role
from .comparing import changed, compare_things, given
from .context import Id, Place, Planning
from .matching import Pair
from .model import FieldChange, From
from .wording import counted

_FIELDS = ("description", "permissions")


def plan_roles(planning: Planning, place: Place[Any] | None = None) -> None:
    """Plan the roles of the organization, or of a project."""
    _Roles(planning, place).plan()


class _Roles:
    def __init__(self, planning: Planning, place: Place[Any] | None) -> None:
        self._planning = planning
        self._place = place
        self._section = "roles" if place is None else "projects.roles"
        self._project = None if place is None else place.project
        self._scope: dict[str, Any] = {} if place is None else {"project_id": place.id}
        self._taking: dict[str, tuple[str, From]] = {}  # labels and steps, by the names they take
        self._leaving: dict[str, From] = {}  # steps by the names that they leave

    def plan(self) -> None:
        compare_things(
            self._planning,
            "roles",
            self._section,
            create=self._create,
            change=self._change,
            remove=self._remove,
            place=self._place,
        )
        self._wait_for_names()

    def _create(self, pair: Pair[Role], notes: list[str]) -> From | None:
        role = pair.wanted or Role()
        if is_predefined(self._planning, pair.name, self._place):
            self._refuse(pair.label, f"{shown(pair.name)} is a role of OpenAI's own.")
            return None
        arguments: dict[str, Any] = {"role_name": pair.name, "permissions": role.permissions or ()}
        if role.description not in (None, NONE):
            arguments["description"] = role.description
        step = self._add("create", pair, arguments, given(role, _FIELDS), notes=notes)
        self._take(pair, step)
        return step

    def _change(self, pair: Pair[Role]) -> None:
        wanted, there = pair.wanted or Role(), pair.there or Role()
        changes = [each for each in changed(there, wanted, _FIELDS) if not _is_same(each)]
        arguments = {c.field: None if c.new == NONE else c.new for c in changes}
        old = pair.old_name or ""
        notes = []
        if pair.name != old:
            if is_predefined(self._planning, pair.name, self._place):
                self._refuse(pair.label, f"{shown(pair.name)} is a role of OpenAI's own.")
                return
            changes.insert(0, FieldChange(field="name", old=old, new=pair.name))
            arguments["role_name"] = pair.name
            notes.append(f"It was called {shown(old)}, and stays with all who have it.")
        if not changes:
            return
        is_less = "permissions" in arguments and not (
            {*(there.permissions or ())} <= {*(wanted.permissions or ())}
        )
        step = self._add(
            "change",
            pair,
            arguments,
            changes,
            role_id=there.id,
            notes=notes,
            timing="lessen" if is_less else "add",
        )
        if step is not None and pair.name != old:
            self._take(pair, step)
            self._leaving[old] = step

    def _take(self, pair: Pair[Role], step: From | None) -> None:
        """Keep that a step takes a name, which no other may."""
        if step is None:
            return
        other, _ = self._taking.setdefault(pair.name, (pair.label, step))
        if other != pair.label:
            reason = f"{shown(other)} in the file takes the name {shown(pair.name)} as well."
            self._refuse(pair.label, reason)

    def _remove(self, pair: Pair[Role]) -> None:
        there = pair.there or Role()
        step = self._add(
            "remove",
            pair,
            {},
            [FieldChange(field="permissions", old=there.permissions)],
            role_id=there.id,
            notes=[_who_loses(self._planning, there.id or "", self._place)],
            gone=there.id,
        )
        if step is not None:
            self._leaving[pair.name] = step

    def _add(
        self,
        action: Any,
        pair: Pair[Role],
        arguments: dict[str, Any],
        changes: list[FieldChange],
        *,
        role_id: str | None = None,
        **more: Any,
    ) -> From | None:
        named = {"create": "create", "change": "update", "remove": "delete"}[action]
        scope = self._scope if role_id is None else {**self._scope, "role_id": role_id}
        return self._planning.add(
            self._section,
            action,
            pair.label,
            f"{self._section}.{named}",
            {**scope, **arguments},
            project=self._project,
            changes=changes,
            **more,
        )

    def _wait_for_names(self) -> None:
        """Have whoever takes a name wait for whoever has it: no two roles are called the same."""
        held = {
            pair.old_name
            for pair in self._planning.things("roles", self._place).pairs
            if pair.there is not None
        }
        waits: dict[str, str] = {}
        for name, (label, step) in self._taking.items():
            if name not in held:
                continue
            leaving = self._leaving.get(name)
            if leaving is None:
                self._refuse(label, f"There is another role {shown(name)}: take another name.")
                continue
            waits[step.step] = leaving.step
            if _is_circle(waits, step.step):
                del waits[step.step]
                self._refuse(
                    label, "Roles cannot swap names at once: give one of them a third name first."
                )
                continue
            self._planning.require(step, leaving)

    def _refuse(self, label: str, reason: str) -> None:
        self._planning.impossible(self._section, label, reason, project=self._project)


def _is_circle(waits: dict[str, str], start: str) -> bool:
    at = waits[start]
    while at in waits and at != start:
        at = waits[at]
    return at == start


def _is_same(change: FieldChange) -> bool:
    """Whether permissions are the same in another order."""
    return change.field == "permissions" and {*(change.old or ())} == {*change.new}


def _who_loses(planning: Planning, id: str, place: Place[Any] | None) -> str:
    """A sentence on who has a role that goes."""
    holders = planning.standing.holders(id, None if place is None else place.there.id)
    if not holders.is_known:
        return "Whoever has it loses it; who does was not read."
    if not (holders.people or holders.groups):
        return "Nobody has it."
    people = counted(len(holders.people), "person", "people")
    return f"{people} and {counted(len(holders.groups), 'group')} lose it."


def is_predefined(planning: Planning, name: str, place: Place[Any] | None) -> bool:
    """Whether a name is that of a role of OpenAI's own."""
    return predefined_id(planning, name, place) is not None


def predefined_id(planning: Planning, name: str, place: Place[Any] | None) -> str | None:
    """The id of a role of OpenAI's own; the same in each project, also one that is made."""
    scope = None if place is None else place.id
    names = planning.standing.role_names
    return names.predefined(scope if isinstance(scope, str | None) else "").get(name)


def role_id(
    planning: Planning,
    label: str,
    *,
    section: str,
    subject: str,
    place: Place[Any] | None = None,
) -> Id | None:
    """The id of a role that the file names; ``None`` where that is not possible, which is told.

    Args:
        planning: the plan in the making.
        label: its label or name.
        section: the section of what refers to it.
        subject: that, by label.
        place: the project that it is of; ``None`` for a role of the organization.
    """
    if not planning.knows("roles", label, place):
        id = predefined_id(planning, label, place)
        if id is not None:
            return id
    return planning.reference(
        "roles",
        label,
        section=section,
        subject=subject,
        project=None if place is None else place.project,
        place=place,
    )
