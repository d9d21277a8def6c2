"""Waiting until the API knows what it has just created: for a moment it may answer 404."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from .._declare.arguments import one_of, shown
from .._declare.operation import OPERATIONS, CallExecutor, Operation
from .._declare.resource import Async
from .._text.durations import duration
from .._tree import AdminResources
from .._wire.models import Entity
from ..errors import InvalidInputError, NotFoundError, NotVisibleError

TIMEOUT = 60.0
"""Seconds; how long is waited by default."""

_FIRST_PAUSE = 0.5  # s; then twice as long each time
_LONGEST_PAUSE = 15.0  # s

SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "AdminAPIKey": ("admin_api_keys.retrieve",),
    "AdminAPIKeyCreateResponse": ("admin_api_keys.retrieve",),
    "AssignedRole": (
        "users.roles.retrieve",
        "groups.roles.retrieve",
        "projects.users.roles.retrieve",
        "projects.groups.roles.retrieve",
    ),
    "Certificate": ("certificates.retrieve", "projects.certificates.list"),
    "CheckpointPermission": ("fine_tuning.checkpoints.permissions.list",),
    "ExternalKey": ("external_keys.retrieve",),
    "ExternalStorageConfiguration": ("external_storage.retrieve",),
    "FederationRule": ("workload_identity_providers.federation_rules.retrieve",),
    "Group": ("groups.retrieve",),
    "GroupMembership": ("groups.users.retrieve",),
    "GroupRoleAssignment": ("groups.roles.retrieve", "projects.groups.roles.retrieve"),
    "GroupUser": ("groups.users.retrieve",),
    "Invite": ("invites.retrieve",),
    "OrganizationSpendAlert": ("spend_alerts.retrieve",),
    "OrganizationUser": ("users.retrieve",),
    "Project": ("projects.retrieve",),
    "ProjectAPIKey": ("projects.api_keys.retrieve",),
    "ProjectGroup": ("projects.groups.retrieve",),
    "ProjectServiceAccount": ("projects.service_accounts.retrieve",),
    "ProjectSpendAlert": ("projects.spend_alerts.retrieve",),
    "ProjectUser": ("projects.users.retrieve",),
    "Role": ("roles.retrieve", "projects.roles.retrieve"),
    "ServiceAccountAPIKey": ("projects.api_keys.retrieve",),
    "ServiceAccountCreateResponse": ("projects.service_accounts.retrieve",),
    "UserRoleAssignment": ("users.roles.retrieve", "projects.users.roles.retrieve"),
    "WorkloadIdentityProvider": ("workload_identity_providers.retrieve",),
}
"""The operations that show what is created, by its model: by its id, or else a listing."""


async def wait_until_visible(
    caller: CallExecutor,
    created: Entity,
    *,
    timeout: float = TIMEOUT,
    clock: Callable[[], float] = time.monotonic,
    **of: str | None,
) -> Any:
    """Ask for what was created until the API knows it: at once, then with growing pauses.

    Args:
        caller: makes the calls, and sleeps.
        created: what a creation returned.
        timeout: seconds after which a 404 is taken for an answer, 0 or more; ``0`` looks once.
        clock: monotonic seconds.
        of: ids of what it belongs to that it does not have itself, as ``project_id``.

    Returns:
        It as it is shown; of a membership or an assignment, the member or the role.

    Raises:
        NotVisibleError: the API does not know it yet. It was created nevertheless.
        InvalidInputError: it is not of a kind that is shown alone, an id is missing, is of nothing
            that it belongs to or is not the one that it has itself, or `timeout` is out of range.
        APIError: any other, as of every call.
    """
    _check_timeout(timeout)
    asked = _asked_for(created, {name: id for name, id in of.items() if id is not None})
    began, pause = clock(), _FIRST_PAUSE
    while True:
        try:
            return await asked.look(caller)
        except NotFoundError as error:
            waited = clock() - began
            if waited >= timeout:
                raise asked.not_visible(created, waited if timeout else 0, error) from error
        await caller.sleep(min(pause, timeout - waited))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _check_timeout(timeout: float) -> None:
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not 0 <= timeout < math.inf:
        raise InvalidInputError(
            f"timeout must be a number of seconds, 0 or more, not {shown(timeout)}."
        )


@attrs.frozen
class _Asked:
    """What is asked for: an operation, and the ids in its path.

    Attributes:
        name: the operation's name.
        path: the ids by the names of its parameters.
        id: of what is looked for.
    """

    name: str
    path: Mapping[str, str]
    id: str

    async def look(self, caller: CallExecutor) -> Any:
        """What is shown.

        Raises:
            NotFoundError: nothing is.
        """
        method: Callable[..., Any] = _operation(self.name).of(AdminResources[Async](caller))
        if not self.name.endswith(".list"):
            found: Awaitable[Any] = method(**self.path)
            return await found
        async for thing in method(**self.path):
            if thing.id == self.id:
                return thing
        raise NotFoundError("It is not listed")

    def not_visible(self, created: Entity, seconds: float, error: NotFoundError) -> NotVisibleError:
        """The error of what is not shown in time."""
        words = re.sub(r"\s+", " ", error.message).strip().rstrip(".")
        after = f"after {duration(seconds)}" if seconds else "yet"
        return NotVisibleError(
            f"The {_noun(created)} {self.id} was created, but the API does not show it {after}:"
            f" “{words}”.",
            id=self.id,
        ).placed_as(error)


def _operation(name: str) -> Operation:
    if name not in OPERATIONS:  # it is known once its resource is imported
        resource: Any = AdminResources
        for word in name.split(".")[:-1]:
            resource = getattr(resource, word)
    return OPERATIONS[name]


def _asked_for(created: Entity, of: Mapping[str, str]) -> _Asked:
    """What shows it.

    Raises:
        InvalidInputError: nothing does, or an id lacks or is too much.
    """
    names = SHOWN_BY.get(type(created).__name__, ()) if isinstance(created, Entity) else ()
    if not names:
        raise InvalidInputError(
            "created must be what a creation returned, such as a Project, not a"
            f" {type(created).__name__}."
        )
    for name, given in of.items():
        if not isinstance(given, str) or not given.strip():
            raise InvalidInputError(f"{name} must be an id, not {shown(given)}.")
    lacking: list[list[str]] = []
    taken: set[str] = set()
    for name in names:
        needed = [p.name for p in _operation(name).parameters.values() if p.place == "path"]
        taken.update(needed)
        if _is_of_project(created) and "project_id" not in needed:
            continue
        own = {each: _id_in(created, each) for each in needed}
        if (is_own := name.endswith(".retrieve")) and not own[needed[-1]]:
            own[needed[-1]] = getattr(created, "id", None)
        for each in needed:
            if own[each] and of.get(each, own[each]) != own[each]:
                raise InvalidInputError(
                    f"{each} must be {shown(own[each])}, which the {_noun(created)} has itself,"
                    f" not {shown(of[each])}."
                )
        ids = own | {each: of[each] for each in needed if each in of}
        known = {each: id for each, id in ids.items() if id}
        if of.keys() <= known.keys():
            if len(known) == len(ids):
                id = known[needed[-1]] if is_own else created.id  # type: ignore[attr-defined]
                return _Asked(name, known, id)
            lacking.append([each for each in needed if each not in known])
    if not lacking:
        other = [name for name in of if name not in taken] or list(of)
        raise InvalidInputError(
            f"A {_noun(created)} is found by {one_of(sorted(taken))}, not by {one_of(other)}."
        )
    raise InvalidInputError(
        f"To find the {_noun(created)}, pass {' and '.join(lacking[0])} as well."
    )


def _is_of_project(created: Entity) -> bool:
    """Whether it is a role of a project, or one assigned there: its id alone does not find it."""
    role = getattr(created, "role", None) or created
    return getattr(role, "resource_type", None) == "api.project"


def _id_in(created: Entity, name: str) -> str | None:
    """An id that a model has beside its own: ``user_id``, or that of its ``user``."""
    id = getattr(created, name, None) or getattr(
        getattr(created, name.removesuffix("_id"), None), "id", None
    )
    return id if isinstance(id, str) else None


def _noun(created: Entity) -> str:
    """A model in words: ``service account`` of `ServiceAccountCreateResponse`."""
    name = type(created).__name__.removesuffix("CreateResponse").removesuffix("Configuration")
    words = re.findall(r"API|[A-Z][a-z]+", name)
    return " ".join(word if word == "API" else word.lower() for word in words)
