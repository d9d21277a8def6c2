"""Why a step grants power, in words: whether it does is read off its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..._declare.operation import OPERATIONS
from ...directory.permissions import OWNER, is_owner_like
from ...resources import load
from .context import Planning
from .losses import may_be_owned_by_group, owned_by_group
from .model import From, Step
from .wording import listed


class Powers:
    """Says of steps why they grant power.

    Args:
        planning: the plan in the making, with all its steps.
    """

    def __init__(self, planning: Planning) -> None:
        load()
        self._planning = planning
        self._words: Mapping[str, Callable[[Step], str]] = {
            "invites.create": _invited,
            "users.update": lambda step: f"makes {step.subject} {_role(step)} of the organization",
            "users.roles.create": lambda step: f"gives {step.subject} {self._given(step)}",
            "groups.roles.create": lambda step: (
                f"gives everybody in {step.subject} {self._given(step)}"
            ),
            "groups.users.create": self._joined,
            "roles.update": self._permitted,
            "projects.users.create": lambda step: (
                f"makes {step.subject} an owner of {step.project}"
            ),
            "projects.users.update": lambda step: (
                f"makes {step.subject} an owner of {step.project}"
            ),
            "projects.users.roles.create": lambda step: f"gives {step.subject} {self._given(step)}",
            "projects.groups.create": lambda step: (
                f"gives everybody in {step.subject} {self._given(step)}"
            ),
            "projects.groups.roles.create": lambda step: (
                f"gives everybody in {step.subject} {self._given(step)}"
            ),
            "projects.roles.update": self._permitted,
            "projects.service_accounts.create": lambda step: (
                f"makes the service account {step.subject} in {step.project}, for which keys can be"
                " made"
            ),
            "projects.service_accounts.update": lambda step: (
                f"makes the service account {step.subject} an owner of {step.project}"
            ),
            "workload_identity_providers.update": lambda step: (
                f"changes whose tokens the identity provider {step.subject} vouches for"
            ),
            "workload_identity_providers.federation_rules.create": lambda step: (
                f"lets whom the federation rule {step.subject} admits act as a service account"
            ),
            "workload_identity_providers.federation_rules.update": lambda step: (
                f"changes whom the federation rule {step.subject} admits as a service account"
            ),
        }

    def of(self, step: Step) -> str | None:
        """Why a step grants power; ``None`` where it does not."""
        operation = OPERATIONS[step.operation]
        if not operation.grants(step.arguments):
            return None
        words = self._words.get(step.operation)
        return words(step) if words is not None else operation.summary.rstrip(".").lower()

    def _given(self, step: Step) -> str:
        """A role that is given, and that it makes an owner, where it does."""
        where = f"in {step.project}" if step.project is not None else "in the organization"
        role = step.arguments.get("role_id", step.arguments.get("role"))
        is_owner = self._makes_owner(role, step.arguments.get("project_id", _NOWHERE))
        means = {True: _AS_OWNER, False: "", None: _PERHAPS}
        return f"the role {_new(step)} {where}{means[is_owner]}"

    def _makes_owner(self, role: object, project_id: object) -> bool | None:
        of_project = project_id is not _NOWHERE
        if isinstance(role, From):
            permissions = self._planning.drafts[role.step].step.arguments.get("permissions", ())
            return is_owner_like(permissions, of_project=of_project)
        standing = self._planning.standing
        if isinstance(project_id, From):  # it has no roles of its own yet
            return role == standing.predefined("").get(OWNER)
        return standing.makes_owner(str(role), str(project_id) if of_project else None)

    def _joined(self, step: Step) -> str:
        group = step.arguments["group_id"]
        words = f"gives {_new(step)} what the group {step.subject} may do"
        if isinstance(group, From):
            return words
        standing = self._planning.standing
        owned = [*owned_by_group(standing, group)]
        if None in owned:
            return f"{words}{_AS_OWNER}"
        if owned:
            places = (standing.labels.get(id or "", id or "") for id in owned)
            return f"{words}, which makes them an owner of {listed([*places])}"
        return f"{words}{_PERHAPS}" if may_be_owned_by_group(standing, group) else words

    def _permitted(self, step: Step) -> str:
        """What a role grants anew, to everybody who has it."""
        change = next(each for each in step.changes if each.field == "permissions")
        added = [each for each in change.new or () if each not in (change.old or ())]
        if not added:
            return f"sets what everybody with the role {step.subject} may do"
        words = f"gives everybody with the role {step.subject} {', '.join(added)}"
        of_project = step.project is not None
        return f"{words}{_AS_OWNER if is_owner_like(added, of_project=of_project) else ''}"


_NOWHERE = object()
_PERHAPS = ", which was not read and may make them an owner"
_AS_OWNER = ", with which they can make themselves an owner"


def _invited(step: Step) -> str:
    places = ["the organization"] if step.arguments.get("role") == OWNER else []
    for change in step.changes:
        if change.field == "projects":
            entries = (each.rpartition(": ") for each in change.new or ())
            places += [label for label, _, role in entries if role == OWNER]
    return f"invites {step.subject} as an owner of {' and '.join(places)}"


def _role(step: Step) -> str:
    return "an owner" if step.arguments.get("role") == OWNER else f"a {step.arguments.get('role')}"


def _new(step: Step) -> str:
    return next(str(each.new) for each in step.changes if each.new is not None)
