"""Roles that are assigned: to people and groups, in the organization and in projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from ..._declare.arguments import shown
from .comparing import compare_keys
from .context import Id, Planning
from .holders import Holder, roles_there, roles_wanted
from .known_people import ALIKE
from .model import FieldChange, From


def plan_people_roles(planning: Planning) -> None:
    """Plan the organization's roles of each member of the file who says so."""
    section = "people.roles"
    if not planning.is_planned(section):
        return
    people = planning.people
    for label, person in people.wanted.items():
        if person.roles is None:
            continue
        if ids := people.alike(label):
            planning.impossible(section, label, ALIKE.format(", ".join(ids)))
            continue
        is_ = people.label(label)
        there = None if is_ is None else people.there[is_]
        if there is None or there.id is None:
            if person.roles and planning.there.people is not None:
                check_roles(planning, Holder(section=section, subject=label), person.roles)
                _wait(planning, section, label)
            continue
        if not planning.is_known(section, there.roles, subject=label):
            continue
        plan_roles_of(
            planning,
            Holder(section=section, subject=label),
            person.roles,
            there.roles or (),
            operation="users.roles",
            scope={"user_id": there.id},
        )


def plan_groups_roles(planning: Planning) -> None:
    """Plan the organization's roles of each group of the file that says so."""
    section = "groups.roles"
    groups = planning.wanted.groups or {}
    if not planning.is_planned(section) or all(g.roles is None for g in groups.values()):
        return
    if not planning.is_known(section, planning.there.groups):
        return
    for pair in planning.things("groups").pairs:
        if pair.wanted is None or pair.wanted.roles is None:
            continue
        id = planning.id_of("groups", pair)
        there = () if pair.there is None else pair.there.roles
        if id is None or not planning.is_known(section, there, subject=pair.label):
            continue
        plan_roles_of(
            planning,
            Holder(section=section, subject=pair.label),
            pair.wanted.roles,
            there or (),
            operation="groups.roles",
            scope={"group_id": id},
        )


def check_roles(planning: Planning, of: Holder, wanted: Collection[str]) -> None:
    """Say of roles that are given later, once an invite is accepted, which cannot be."""
    for id in roles_wanted(planning, wanted, of).names:
        _can_be_given(planning, of, id)


def plan_roles_of(
    planning: Planning,
    of: Holder,
    wanted: Collection[str],
    there: Collection[str],
    *,
    operation: str,
    scope: Mapping[str, Any],
    needs: From | None = None,
) -> None:
    """Plan the roles that somebody or a group is to have.

    Args:
        planning: the plan in the making.
        of: who has them.
        wanted: their names in the file.
        there: the state's names of those that it has.
        operation: what assigns and removes them, without ``.create`` and ``.delete``.
        scope: the arguments that say who has them.
        needs: the step that must have been done before one is assigned.
    """
    to_be, is_ = roles_wanted(planning, wanted, of), roles_there(planning, there, of)
    inherited = _through_groups(planning, scope)
    are = is_.names
    asked = {
        id: name
        for id, name in to_be.names.items()
        if id in are or (inherited.get(id) != _STAYS and _can_be_given(planning, of, id))
    }
    if planning.is_pruned(of.section):
        _tell_of_hidden(planning, {id: by for id, by in inherited.items() if id not in asked})

    if not planning.is_pruned(of.section):  # else they are taken away before they are removed
        are = {id: name for id, name in are.items() if id not in planning.gone}

    def step(action: Any, id: Id) -> None:
        is_new = action == "create"
        name = asked[id] if is_new else are[id]
        change = FieldChange(
            field="roles", old=None if is_new else name, new=name if is_new else None
        )
        made = planning.add(
            of.section,
            action,
            of.subject,
            f"{operation}.{'create' if is_new else 'delete'}",
            {**scope, "role_id": id},
            project=of.project,
            part=f"role {name}",
            changes=[change],
            needs=[needs],
        )
        if is_new and made is not None:
            for taking in inherited.get(id, ()):
                planning.require(taking, made)

    compare_keys(
        planning,
        of.section,
        attrs.evolve(to_be, names=asked),
        attrs.evolve(is_, names=are),
        add=lambda key: step("create", key),
        remove=lambda key: step("remove", key),
        project=of.project,
        of=of.subject,
        id=scope.get("project_id") or scope.get("group_id") or scope["user_id"],
    )


def _wait(planning: Planning, section: str, label: str) -> None:
    reason = "they have to accept an invite first; the next plan goes on with it"
    planning.untouched(section, label, "invited", reason)


_STAYS: tuple[From, ...] = ()
"""A role that goes on coming from a group."""
_HIDDEN = (
    "Who was given the role besides keeps it: the API tells that only afterwards, and the next plan"
    " goes on with it."
)


def _through_groups(planning: Planning, scope: Mapping[str, Any]) -> dict[Id, tuple[From, ...]]:
    """The ids of roles that a person has through groups, with the steps that take all of those.

    Whether such a role is assigned to the person besides, the API does not say, so that it would be
    assigned again and again. It is where no group goes on giving it, before the first takes it.
    """
    place, user_id = scope.get("project_id"), scope.get("user_id")
    if not isinstance(place, str | None) or not isinstance(user_id, str):
        return {}
    ids = planning.state.role_ids
    return {
        ids[place, name]: _taking_all(planning, user_id, place, ids[place, name], groups)
        for name, groups in planning.state.inherited.get((place, user_id), {}).items()
        if (place, name) in ids
    }


def _taking_all(
    planning: Planning, user_id: str, place: str | None, role_id: str, groups: Collection[str]
) -> tuple[From, ...]:
    """The steps that take a role from somebody who has it through groups; none where one stays."""
    found: dict[From, None] = {}
    for group_id in groups:
        taking = _taking(planning, user_id, place, role_id, group_id)
        if not taking:
            return _STAYS
        found |= dict.fromkeys(taking)
    return tuple(found)


def _taking(
    planning: Planning, user_id: str, place: str | None, role_id: str, group_id: str
) -> list[From]:
    """The steps, of those found so far, after which somebody has a role no more by a group."""
    removing = planning.removing
    of = {"group_id": group_id}
    found = [
        removing("groups.delete", **of),
        removing("groups.users.delete", **of, user_id=user_id),
    ]
    if place is None:
        found.append(removing("groups.roles.delete", **of, role_id=role_id))
    else:
        of["project_id"] = place
        found.append(removing("projects.groups.delete", **of))
        found.append(removing("projects.groups.roles.delete", **of, role_id=role_id))
    return [step for step in found if step is not None]


def _tell_of_hidden(planning: Planning, taken: Mapping[Id, tuple[From, ...]]) -> None:
    """Say where a role is taken from a group that somebody may have besides, against the file."""
    for step in dict.fromkeys(step for steps in taken.values() for step in steps):
        if _HIDDEN not in planning.drafts[step.step].step.notes:
            planning.note(step, _HIDDEN)


def _can_be_given(planning: Planning, of: Holder, id: Id) -> bool:
    """Whether a role can be assigned: a person's own is not one of those assigned besides."""
    if of.section not in ("people.roles", "projects.members"):
        return True
    scope = None if of.place is None else ""
    own = {id: name for name, id in planning.standing.role_names.predefined(scope).items()}
    if not isinstance(id, str) or id not in own:
        return True
    reason = (
        f"{shown(own[id])} is a role that comes with membership: write `role: {own[id]}` instead."
    )
    planning.impossible(of.section, of.subject, reason, project=of.project, named=own[id])
    return False
