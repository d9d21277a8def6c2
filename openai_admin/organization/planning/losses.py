"""Who owns less after a step: read off the call that it is, so that no section can forget it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from ...directory.permissions import OWNER, is_owner_like
from .model import Step
from .ownership import all_of
from .standing import Standing


@attrs.frozen(kw_only=True)
class Loss:
    """Somebody who owns less after a step.

    Attributes:
        who: what the state calls the person, group or service account.
        source: what made them an owner and does not any more: `DIRECT`, `ROLES`, a role's id, or a
            group's id.
        user_id: the person's id; ``None`` for a service account.
        project_id: the project that is owned less; ``None`` for the organization, `UNREAD` for
            projects of which it is not known.
        is_sure: whether it is known that they own it by that.
    """

    who: str
    source: str
    user_id: str | None = None
    project_id: str | None = None
    is_sure: bool = True


DIRECT = "direct"
ROLES = "roles"
"""The source of what somebody owns by roles that were given to them."""
GROUPS = "groups"
"""The source of what somebody may own by groups that are not known."""
UNREAD = "projects that were not read"
MAKING_OWNERS = ("users.update", "projects.users.create", "projects.users.update")
"""What makes owners by membership where their `role` is that."""


def lasting(
    steps: Iterable[Step], found: Mapping[str, Iterable[Loss]], standing: Standing
) -> list[Loss]:
    """The losses of those who do not stay owners by membership, or become such, in the place."""
    made = {
        (step.arguments.get("project_id"), step.arguments["user_id"])
        for step in steps
        if step.operation in MAKING_OWNERS and step.arguments.get("role") == OWNER
    }
    losses = [loss for each in found.values() for loss in each]
    less = {(loss.project_id, loss.user_id) for loss in losses if loss.source == DIRECT}
    stay: set[tuple[str | None, str | None]] = {(None, id) for id in standing.owners}
    stay |= {(place, id) for place, ids in standing.project_owners.items() for id in ids}
    owners = made | (stay - less)
    return [loss for loss in losses if (loss.project_id, loss.user_id) not in owners]


def losses(step: Step, standing: Standing) -> Iterator[Loss]:
    """What a step takes, or may take, of the ownership of the organization and of projects."""
    reader = _READERS.get(step.operation)
    if reader is not None:
        yield from reader(standing, step.arguments)


def _user_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id = arguments["user_id"]
    yield from _owned_directly(standing, id, None)
    for project_id in standing.projects_with(id):
        yield from _owned_directly(standing, id, project_id or UNREAD)
    for group, is_in in standing.groups_with(id).items():
        if group is None:
            yield from _perhaps(None, standing, id, GROUPS, None)
            continue
        for place in _places(standing, group):
            is_lost = all_of(is_in, _owned_by(standing, group, place))
            yield from _perhaps(is_lost, standing, id, group, place)


def _owned_directly(standing: Standing, id: str, place: str | None) -> Iterator[Loss]:
    """What somebody owns by membership, or by a role that was given to them."""
    if place == UNREAD:
        yield from _perhaps(None, standing, id, DIRECT, place)
        return
    yield from _perhaps(standing.is_member_owner(id, place), standing, id, DIRECT, place)
    yield from _perhaps(standing.owns_by_role(id, place), standing, id, ROLES, place)


def _user_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id = arguments["user_id"]
    if arguments.get("role") not in (None, OWNER):
        yield from _perhaps(standing.is_member_owner(id, None), standing, id, DIRECT, None)


def _role_taken(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    role, project_id = arguments["role_id"], arguments.get("project_id")
    is_lost = standing.makes_owner(role, project_id)
    if "user_id" in arguments:
        yield from _perhaps(is_lost, standing, arguments["user_id"], role, project_id)
    else:
        yield from _of_group(is_lost, standing, arguments["group_id"], project_id)


def _group_left(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    group, id = arguments["group_id"], arguments["user_id"]
    for place in _places(standing, group):
        yield from _perhaps(_owned_by(standing, group, place), standing, id, group, place)


def _group_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    group = arguments["group_id"]
    for place in _places(standing, group):
        yield from _of_group(_owned_by(standing, group, place), standing, group, place)


def _group_out(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    group, project_id = arguments["group_id"], arguments["project_id"]
    yield from _of_group(standing.owns(group, project_id), standing, group, project_id)


def _role_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    role, project_id = arguments["role_id"], arguments.get("project_id")
    is_lost = standing.makes_owner(role, project_id)
    if is_lost is False:
        return
    holders = standing.holders(role, project_id)
    if not holders.is_known:
        who = f"whoever has the role {standing.role_names.label(role, project_id)}"
        yield Loss(who=who, source=role, project_id=project_id, is_sure=is_lost is True)
    for id in sorted(holders.people):
        yield from _perhaps(is_lost, standing, id, role, project_id)
    for group in sorted(holders.groups):
        yield from _of_group(is_lost, standing, group, project_id)


def _role_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    permissions = arguments.get("permissions")
    of_project = "project_id" in arguments
    if permissions is not None and not is_owner_like(permissions, of_project=of_project):
        yield from _role_gone(standing, arguments)


def _member_out(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    yield from _owned_directly(standing, arguments["user_id"], arguments["project_id"])


def _member_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id, project_id = arguments["user_id"], arguments["project_id"]
    if arguments.get("role") not in (None, OWNER):
        is_lost = standing.is_member_owner(id, project_id)
        yield from _perhaps(is_lost, standing, id, DIRECT, project_id)


def _account_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    project_id, id = arguments["project_id"], arguments["service_account_id"]
    project = standing.projects.get(project_id)
    for label, account in ((project and project.service_accounts) or {}).items():
        if account.id == id and account.role == OWNER:
            yield Loss(who=label, source=DIRECT, project_id=project_id)


def _account_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    if arguments.get("role") not in (None, OWNER):
        yield from _account_gone(standing, arguments)


_READERS: Mapping[str, Callable[[Standing, Mapping[str, Any]], Iterable[Loss]]] = {
    "users.delete": _user_gone,
    "users.update": _user_changed,
    "users.roles.delete": _role_taken,
    "groups.users.delete": _group_left,
    "groups.roles.delete": _role_taken,
    "groups.delete": _group_gone,
    "roles.delete": _role_gone,
    "roles.update": _role_changed,
    "projects.users.delete": _member_out,
    "projects.users.update": _member_changed,
    "projects.users.roles.delete": _role_taken,
    "projects.groups.delete": _group_out,
    "projects.groups.roles.delete": _role_taken,
    "projects.roles.delete": _role_gone,
    "projects.roles.update": _role_changed,
    "projects.service_accounts.delete": _account_gone,
    "projects.service_accounts.update": _account_changed,
}


def owned_by_group(standing: Standing, group: str) -> Iterator[str | None]:
    """What the members of a group own through it: projects, and ``None`` for the organization."""
    for place in _places(standing, group):
        if _owned_by(standing, group, place):
            yield place


def _places(standing: Standing, group: str) -> Iterator[str | None]:
    """The organization and the projects in which a group has roles, or may have."""
    yield None
    for project_id in standing.projects_with_group(group):
        yield project_id or UNREAD


def _owned_by(standing: Standing, group: str, place: str | None) -> bool | None:
    return None if place == UNREAD else standing.owns(group, place)


def _of_group(
    is_lost: bool | None, standing: Standing, group: str, project_id: str | None
) -> Iterator[Loss]:
    if is_lost is False:
        return
    for id in sorted(standing.members_of_groups.get(group, frozenset())):
        yield from _perhaps(is_lost, standing, id, group, project_id)
    label = standing.labels.get(group, group)
    if not standing.is_whole_group(group):
        who = f"whoever is in {label}"
        yield Loss(who=who, source=group, project_id=project_id, is_sure=is_lost is True)
    elif is_lost and not standing.members_of_groups.get(group):
        yield Loss(who=label, source=group, project_id=project_id)


def _perhaps(
    is_lost: bool | None, standing: Standing, id: str, source: str, project_id: str | None
) -> Iterator[Loss]:
    """A person's loss, unless it surely is none."""
    if is_lost is not False:
        yield Loss(
            who=standing.labels.get(id, id),
            source=source,
            user_id=id,
            project_id=project_id,
            is_sure=is_lost is True,
        )
