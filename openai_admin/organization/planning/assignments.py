"""Roles that are assigned: to people and groups, in the organization and in projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..._declare.arguments import shown
from .comparing import compare_keys
from .context import Id, Planning
from .holders import Holder, roles_there, roles_wanted
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
    for id in roles_wanted(planning, wanted, of):
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
    asked, are = roles_wanted(planning, wanted, of), roles_there(planning, there, of)
    inherited = _through_groups(planning, scope)
    asked = {
        id: name
        for id, name in asked.items()
        if id in are or (id not in inherited and _can_be_given(planning, of, id))
    }

    if not planning.is_pruned(of.section):  # else they are taken away before they are removed
        are = {id: name for id, name in are.items() if id not in planning.gone}

    def step(action: Any, id: Id) -> None:
        is_new = action == "create"
        name = asked[id] if is_new else are[id]
        change = FieldChange(
            field="roles", old=None if is_new else name, new=name if is_new else None
        )
        planning.add(
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

    compare_keys(
        planning,
        of.section,
        asked,
        are,
        add=lambda key: step("create", key),
        remove=lambda key: step("remove", key),
        project=of.project,
        of=of.subject,
        id=scope.get("project_id") or scope.get("group_id"),
    )


def _wait(planning: Planning, section: str, label: str) -> None:
    reason = "they have to accept an invite first; the next plan goes on with it"
    planning.untouched(section, label, "invited", reason)


def _through_groups(planning: Planning, scope: Mapping[str, Any]) -> frozenset[str]:
    """The ids of roles that a person has through groups, and goes on having.

    Whether such a role is assigned to the person besides, the API does not say, so that it would be
    assigned again and again.
    """
    place, user_id = scope.get("project_id"), scope.get("user_id")
    names = planning.state.inherited.get((place, user_id), ()) if user_id is not None else ()
    ids = planning.state.role_ids
    return frozenset(
        ids[place, name]
        for name in names
        if (place, name) in ids and _stays(planning, str(user_id), place, ids[place, name])
    )


def _stays(planning: Planning, user_id: str, place: str | None, role_id: str) -> bool:
    """Whether a role goes on coming from a group, as far as it is known from which it comes."""
    standing = planning.standing
    given = standing.roles_of_groups if place is None else standing.roles_in(place)[1]
    sources = [
        group
        for group in standing.groups_of_people.get(user_id, ())
        if role_id in given.get(group, ())
    ]
    return not sources or not all(
        _is_taken(planning, user_id, place, role_id, group) for group in sources
    )


def _is_taken(
    planning: Planning, user_id: str, place: str | None, role_id: str, group_id: str
) -> bool:
    """Whether somebody no longer has a role through a group after the steps found so far."""
    if group_id in planning.gone:
        return True
    if planning.is_removing("groups.users.delete", group_id=group_id, user_id=user_id):
        return True
    if place is None:
        return planning.is_removing("groups.roles.delete", group_id=group_id, role_id=role_id)
    of = {"project_id": place, "group_id": group_id}
    return planning.is_removing("projects.groups.delete", **of) or planning.is_removing(
        "projects.groups.roles.delete", **of, role_id=role_id
    )


def _can_be_given(planning: Planning, of: Holder, id: Id) -> bool:
    """Whether a role can be assigned: a person's own is not one of those assigned besides."""
    if of.section not in ("people.roles", "projects.members"):
        return True
    scope = None if of.place is None else ""
    own = {id: name for name, id in planning.standing.predefined(scope).items()}
    if not isinstance(id, str) or id not in own:
        return True
    reason = (
        f"{shown(own[id])} is a role that comes with membership: write `role: {own[id]}` instead."
    )
    planning.impossible(of.section, of.subject, reason, project=of.project, named=own[id])
    return False
