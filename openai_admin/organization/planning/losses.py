"""Who owns less after a step: read off the call that it is, so that no section can forget it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from ...directory.permissions import OWNER, is_owner_like
from .model import Step
from .standing import Standing


@attrs.frozen(kw_only=True)
class Loss:
    """Somebody who owns less after a step.

    Attributes:
        who: what the state calls the person, group or service account.
        source: what made them an owner and does not any more, as ``direct``, a role's id, or a
            group's id.
        user_id: the person's id; ``None`` for a service account.
        project_id: the project that is owned less; ``None`` for the organization.
        is_sure: whether it is known that they own it by that; else the roles were not read.
    """

    who: str
    source: str
    user_id: str | None = None
    project_id: str | None = None
    is_sure: bool = True


DIRECT = "direct"
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
    losses = [loss for each in found.values() for loss in each if loss.is_sure]
    less = {(loss.project_id, loss.user_id) for loss in losses if loss.source == DIRECT}
    stay: set[tuple[str | None, str | None]] = {(None, id) for id in standing.owners}
    stay |= {(place, id) for place, ids in standing.project_owners.items() for id in ids}
    owners = made | (stay - less)
    return [loss for loss in losses if (loss.project_id, loss.user_id) not in owners]


def losses(step: Step, standing: Standing) -> Iterator[Loss]:
    """What a step takes of the ownership of the organization and of projects."""
    reader = _READERS.get(step.operation)
    if reader is not None:
        yield from reader(standing, step.arguments)


def _user_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id = arguments["user_id"]
    if id in standing.owners:
        yield _of_person(standing, id, DIRECT)
    for role in standing.roles_of_people.get(id, frozenset()) & standing.owner_roles:
        yield _of_person(standing, id, role)
    for group in standing.groups_of_people.get(id, ()):
        if standing.roles_of_groups.get(group, frozenset()) & standing.owner_roles:
            yield _of_person(standing, id, group)
    for project_id in standing.owned_by.get(id, ()):
        yield _of_person(standing, id, DIRECT, project_id)


def _user_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id = arguments["user_id"]
    if arguments.get("role") not in (None, OWNER) and id in standing.owners:
        yield _of_person(standing, id, DIRECT)


def _role_taken(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    role, project_id = arguments["role_id"], arguments.get("project_id")
    if role not in _owner_roles(standing, project_id):
        return
    if "user_id" in arguments:
        yield _of_person(standing, arguments["user_id"], role, project_id)
    else:
        yield from _of_group(standing, arguments["group_id"], project_id)


def _group_left(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    group, id = arguments["group_id"], arguments["user_id"]
    for project_id in owned_by_group(standing, group):
        yield _of_person(standing, id, group, project_id)
    if group in standing.unread_groups:
        yield attrs.evolve(_of_person(standing, id, group), is_sure=False)


def _group_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    group = arguments["group_id"]
    for project_id in owned_by_group(standing, group):
        yield from _of_group(standing, group, project_id)
    if group in standing.unread_groups:
        for loss in _of_group(standing, group, None):
            yield attrs.evolve(loss, is_sure=False)


def _group_out(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    group, project_id = arguments["group_id"], arguments["project_id"]
    if project_id in owned_by_group(standing, group):
        yield from _of_group(standing, group, project_id)


def _role_gone(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    role, project_id = arguments["role_id"], arguments.get("project_id")
    if role not in _owner_roles(standing, project_id):
        return
    holders = standing.holders(role, project_id)
    if not holders.is_known:
        who = f"whoever has the role {standing.role_label(role, project_id)}"
        yield Loss(who=who, source=role, project_id=project_id)
    for id in sorted(holders.people):
        yield _of_person(standing, id, role, project_id)
    for group in sorted(holders.groups):
        yield from _of_group(standing, group, project_id)


def _role_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    permissions = arguments.get("permissions")
    of_project = "project_id" in arguments
    if permissions is not None and not is_owner_like(permissions, of_project=of_project):
        yield from _role_gone(standing, arguments)


def _member_out(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id, project_id = arguments["user_id"], arguments["project_id"]
    if project_id in standing.owned_by.get(id, ()):
        yield _of_person(standing, id, DIRECT, project_id)
    given = standing.roles_in(project_id)[0].get(id, frozenset())
    for role in given & _owner_roles(standing, project_id):
        yield _of_person(standing, id, role, project_id)


def _member_changed(standing: Standing, arguments: Mapping[str, Any]) -> Iterator[Loss]:
    id, project_id = arguments["user_id"], arguments["project_id"]
    is_less = arguments.get("role") not in (None, OWNER)
    if is_less and project_id in standing.owned_by.get(id, ()):
        yield _of_person(standing, id, DIRECT, project_id)


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


def _owner_roles(standing: Standing, project_id: str | None) -> frozenset[str]:
    return standing.owner_roles if project_id is None else standing.owner_roles_in(project_id)


def owned_by_group(standing: Standing, group: str) -> Iterator[str | None]:
    """What the members of a group own through it: projects, and ``None`` for the organization."""
    if standing.roles_of_groups.get(group, frozenset()) & standing.owner_roles:
        yield None
    for project_id in standing.projects_of_groups.get(group, ()):
        given = standing.roles_in(project_id)[1].get(group, frozenset())
        if given & standing.owner_roles_in(project_id):
            yield project_id


def _of_group(standing: Standing, group: str, project_id: str | None) -> Iterator[Loss]:
    members = standing.members_of_groups.get(group, frozenset())
    for id in sorted(members):
        yield _of_person(standing, id, group, project_id)
    if not members:
        yield Loss(who=standing.labels.get(group, group), source=group, project_id=project_id)


def _of_person(standing: Standing, id: str, source: str, project_id: str | None = None) -> Loss:
    who = standing.labels.get(id, id)
    return Loss(who=who, source=source, user_id=id, project_id=project_id)
