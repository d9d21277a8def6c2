"""Why a step grants power, in words: whether it does is read off its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..._declare.operation import OPERATIONS
from ...directory.permissions import OWNER
from .context import Planning
from .grants import Grants
from .model import Grant, Step
from .wording import listed


class Powers:
    """Says of steps why they grant power.

    Args:
        planning: the plan in the making, with all its steps.
        grants: says of what kinds the power is.
    """

    def __init__(self, planning: Planning, grants: Grants) -> None:
        self._planning = planning
        self._grants = grants
        self._words: Mapping[str, Callable[[Step, Sequence[Grant]], str]] = {
            "invites.create": _invited,
            "users.update": lambda step, _: (
                f"makes {step.subject} {_role(step)} of the organization"
            ),
            "users.roles.create": _given,
            "groups.roles.create": _given_to_all,
            "groups.users.create": self._joined,
            "roles.update": _permitted,
            "projects.users.create": _made_owner,
            "projects.users.update": _made_owner,
            "projects.users.roles.create": _given,
            "projects.groups.create": _given_to_all,
            "projects.groups.roles.create": _given_to_all,
            "projects.roles.update": _permitted,
            "projects.service_accounts.create": lambda step, _: (
                f"makes the service account {step.subject} in {step.project}, for which keys can be"
                " made"
            ),
            "projects.service_accounts.update": lambda step, _: (
                f"makes the service account {step.subject} an owner of {step.project}"
            ),
            "workload_identity_providers.update": lambda step, _: (
                f"changes whose tokens the identity provider {step.subject} vouches for"
            ),
            "workload_identity_providers.federation_rules.create": lambda step, _: (
                f"lets whom the federation rule {step.subject} admits act as a service account"
            ),
            "workload_identity_providers.federation_rules.update": lambda step, _: (
                f"changes whom the federation rule {step.subject} admits as a service account"
            ),
        }

    def of(self, step: Step) -> tuple[str | None, tuple[Grant, ...]]:
        """Why a step grants power, in words and by kind; ``None`` where it does not."""
        grants = self._grants.of(step)
        if not grants:
            return None, ()
        words = self._words.get(step.operation)
        if words is None:
            return OPERATIONS[step.operation].summary.rstrip(".").lower(), grants
        return words(step, grants), grants

    def _joined(self, step: Step, grants: Sequence[Grant]) -> str:
        group = step.arguments["group_id"]
        words = f"gives {_new(step)} what the group {step.subject} may do"
        if "organization_owner" in grants:
            return f"{words}{_AS_OWNER}"
        if "project_owner" in grants:
            labels = self._planning.standing.labels
            found = [id for id, each in self._grants.of_group(group) if each == "project_owner"]
            owned = [labels.get(id or "", id or "") for id in dict.fromkeys(found)]
            return f"{words}, which makes them an owner of {listed(owned)}"
        is_unknown = "unknown" in grants
        return f"{words}, which was not read and may make them an owner" if is_unknown else words


_AS_OWNER = ", with which they can make themselves an owner"
_UNREAD = ", of which it was not read what it permits: it may make an owner"


def _made_owner(step: Step, _: Sequence[Grant]) -> str:
    return f"makes {step.subject} an owner of {step.project}"


def _given(step: Step, grants: Sequence[Grant]) -> str:
    return f"gives {step.subject} {_role_given(step, grants)}"


def _given_to_all(step: Step, grants: Sequence[Grant]) -> str:
    return f"gives everybody in {step.subject} {_role_given(step, grants)}"


def _role_given(step: Step, grants: Sequence[Grant]) -> str:
    """A role that is given, and that it makes an owner, where it does or may."""
    where = f"in {step.project}" if step.project is not None else "in the organization"
    return f"the role {_new(step)} {where}{_owning(grants)}"


def _owning(grants: Sequence[Grant]) -> str:
    if "organization_owner" in grants or "project_owner" in grants:
        return _AS_OWNER
    return _UNREAD if "unknown" in grants else ""


def _permitted(step: Step, grants: Sequence[Grant]) -> str:
    """What a role grants anew, to everybody who has it."""
    change = next(each for each in step.changes if each.field == "permissions")
    added = [each for each in change.new or () if each not in (change.old or ())]
    if not added:
        return f"sets what everybody with the role {step.subject} may do"
    return f"gives everybody with the role {step.subject} {', '.join(added)}{_owning(grants)}"


def _invited(step: Step, _: Sequence[Grant]) -> str:
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
