"""What kinds of power a step gives, for programs: read off its call and who holds what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args

from ..._declare.effect import USUAL_ROLES
from ..._declare.operation import OPERATIONS
from ...directory.permissions import OWNER, is_owner_like
from ...resources import load
from ..document.model import FederationRule, Role, ServiceAccount
from .context import Planning
from .model import From, Grant, Step

GRANTS: tuple[Grant, ...] = get_args(Grant)
"""All kinds, in the order in which a step has them."""

_PERMISSIONS = "permissions"


class Grants:
    """Says of steps what kinds of power they give.

    Args:
        planning: the plan in the making, with all its steps.
    """

    def __init__(self, planning: Planning) -> None:
        load()
        self._planning = planning
        self._of: Mapping[str, Callable[[Step], Iterable[Grant]]] = {
            "invites.create": _invited,
            "users.update": self._updated,
            "users.roles.create": self._given,
            "groups.roles.create": self._given,
            "groups.users.create": self._joined,
            "roles.update": _permitted,
            "projects.users.create": _in_project,
            "projects.users.update": _in_project,
            "projects.users.roles.create": self._given,
            "projects.groups.create": self._given,
            "projects.groups.roles.create": self._given,
            "projects.roles.update": _permitted,
            "projects.service_accounts.create": lambda step: ("access",),
            "projects.service_accounts.update": _in_project,
            "workload_identity_providers.update": self._vouched,
            "workload_identity_providers.federation_rules.create": self._admitted,
            "workload_identity_providers.federation_rules.update": self._admitted_anew,
        }

    def of(self, step: Step) -> tuple[Grant, ...]:
        """What a step gives; nothing where its operation, as it is called, grants no power."""
        if not OPERATIONS[step.operation].grants(step.arguments):
            return ()
        reader = self._of.get(step.operation)
        found = {"unknown"} if reader is None else {*reader(step)}
        return tuple(each for each in GRANTS if each in found)

    def _updated(self, step: Step) -> Iterator[Grant]:
        if step.arguments.get("role") == OWNER:
            yield "organization_owner"
        if step.arguments.get("role_id") is not None:
            yield from self._given(step)

    def _given(self, step: Step) -> Iterator[Grant]:
        role = step.arguments.get("role_id", step.arguments.get("role"))
        yield self._role(role, step.arguments.get("project_id"))

    def _role(self, role: object, project_id: object) -> Grant:
        """What a role gives.

        Args:
            role: its id, or the step that makes it.
            project_id: the project that it is of, or the step that makes that; ``None`` for a role
                of the organization.
        """
        of_project = project_id is not None
        if isinstance(role, From):
            made = self._planning.drafts[role.step].step.arguments
            return _of_permissions(made.get(_PERMISSIONS, ()), of_project=of_project)
        own = self._planning.standing.role_names.predefined("" if of_project else None)
        names = {name for name, id in own.items() if role in (id, name)}
        if OWNER in names:
            return _owner(of_project=of_project)
        if names:
            return "unknown" if USUAL_ROLES.isdisjoint(names) else "role"
        defined = next((r for r in self._roles(project_id).values() if r.id == role), Role())
        if defined.permissions is None:
            return "unknown"
        return _of_permissions(defined.permissions, of_project=of_project)

    def _roles(self, project_id: object) -> Mapping[str, Role]:
        if project_id is None:
            return self._planning.there.roles or {}
        project = self._planning.standing.projects.get(str(project_id))
        return {} if project is None else project.roles or {}

    def _joined(self, step: Step) -> Iterator[Grant]:
        """What a group may do, which somebody joins."""
        yield "access"
        group = step.arguments["group_id"]
        if isinstance(group, From):
            return
        yield from (grant for _, grant in self.of_group(group))
        if not self._is_read(group):
            yield "unknown"

    def of_group(self, group: str) -> Iterator[tuple[str | None, Grant]]:
        """What the roles of a group give, as far as they were read, each with its project's id.

        Those of the organization have ``None`` instead.
        """
        standing = self._planning.standing
        for role in standing.roles_of_groups.get(group, ()):
            yield None, self._role(role, None)
        for project_id in standing.projects_of_groups.get(group, ()):
            for role in standing.roles_in(project_id)[1].get(group, ()):
                yield project_id, self._role(role, project_id)

    def _is_read(self, group: str) -> bool:
        """Whether all is known that a group may do."""
        planning = self._planning
        projects, section = planning.there.projects, "projects.groups"
        return (
            group not in planning.standing.unread_groups
            and planning.is_whole("groups.roles", group)
            and projects is not None
            and planning.is_whole("projects")
            and all(
                p.groups is not None and planning.is_whole(section, p.id) for p in projects.values()
            )
        )

    def _admitted(self, step: Step) -> Iterator[Grant]:
        yield "access"
        arguments = step.arguments
        project_id, id = arguments["project_id"], arguments["service_account_id"]
        if isinstance(id, From):
            return  # which role it is given is said of the step that gives it
        project = self._planning.standing.projects.get(str(project_id))
        accounts = {} if project is None else project.service_accounts or {}
        yield from _of_account(next((a for a in accounts.values() if a.id == id), None))

    def _admitted_anew(self, step: Step) -> Iterator[Grant]:
        yield "access"
        id = step.arguments["workload_identity_federation_rule_id"]
        providers = self._planning.there.identity_providers or {}
        rules = [rule for each in providers.values() for rule in (each.rules or {}).values()]
        yield from self._of_rule(next(rule for rule in rules if rule.id == id))

    def _vouched(self, step: Step) -> Iterator[Grant]:
        yield "access"
        id = step.arguments["workload_identity_provider_id"]
        for provider in (self._planning.there.identity_providers or {}).values():
            if provider.id == id:
                if provider.rules is None:
                    yield "unknown"
                for rule in (provider.rules or {}).values():
                    yield from self._of_rule(rule)

    def _of_rule(self, rule: FederationRule) -> Iterator[Grant]:
        project = (self._planning.there.projects or {}).get(rule.project)
        accounts = None if project is None else project.service_accounts
        yield from _of_account((accounts or {}).get(rule.service_account))


def _of_account(account: ServiceAccount | None) -> Iterator[Grant]:
    """What it is to act as a service account; ``None`` for one that was not read."""
    if account is None or account.role is None:
        yield "unknown"
    elif account.role == OWNER:
        yield "project_owner"


def _invited(step: Step) -> Iterator[Grant]:
    if step.arguments.get("role") == OWNER:
        yield "organization_owner"
    if any(each["role"] == OWNER for each in step.arguments.get("projects") or ()):
        yield "project_owner"


def _in_project(step: Step) -> Iterator[Grant]:
    if step.arguments.get("role") == OWNER:
        yield "project_owner"


def _permitted(step: Step) -> Iterator[Grant]:
    """What a role permits anew, to everybody who has it."""
    change = next(each for each in step.changes if each.field == _PERMISSIONS)
    added = {*(change.new or ())} - {*(change.old or ())}
    yield _of_permissions(added, of_project="project_id" in step.arguments)


def _of_permissions(permissions: Any, *, of_project: bool) -> Grant:
    is_owner = is_owner_like(permissions, of_project=of_project)
    return _owner(of_project=of_project) if is_owner else "role"


def _owner(*, of_project: bool) -> Grant:
    return "project_owner" if of_project else "organization_owner"
