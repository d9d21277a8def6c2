"""What the ids of a call stand for, read so that a person can tell what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from ..._declare.effect import Effect
from ..._declare.operation import OPERATIONS, Operation
from ..._transport.tasks import Work, run_all
from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...directory.subject import subject_of
from ...errors import APIError, NotFoundError

_MOST = 12  # things that are read for one question; the others are shown by their ids alone

_PAGE = 100  # the most items that a page of a listing has

_SHOWN_BY: Mapping[str, str] = {
    "alert_id": "spend_alerts.retrieve",
    "api_key_id": "api_keys.retrieve",
    "certificate_id": "certificates.retrieve",
    "external_key_id": "external_keys.retrieve",
    "external_storage_id": "external_storage.retrieve",
    "group_id": "groups.retrieve",
    "invite_id": "invites.retrieve",
    "key_id": "admin_api_keys.retrieve",
    "project_id": "projects.retrieve",
    "role_id": "roles.retrieve",
    "service_account_id": "service_accounts.retrieve",
    "user_id": "users.retrieve",
    "workload_identity_federation_rule_id": "workload_identity_providers.federation_rules.retrieve",
    "workload_identity_provider_id": "workload_identity_providers.retrieve",
}
"""What shows a thing by the argument that takes its id; within ``projects`` where it is of one."""
_OF_PROJECT = frozenset({"alert_id", "api_key_id", "role_id", "service_account_id"})

Thing = Mapping[str, Any]


@attrs.frozen
class Things:
    """What the ids of a call stand for.

    Attributes:
        subject: what the call changes or removes, as it is now; ``None`` where nothing shows it or
            it could not be read.
        unread: whether it could not be read, though it may be there.
        named: the other things by the argument and the id; those that could not be read lack.
        roles: those that a group has in the organization, which somebody joins; ``None`` where
            they could not be read, or nobody joins any.
    """

    subject: Thing | None = None
    unread: bool = False
    named: Mapping[tuple[str, str], Thing] = attrs.field(factory=dict)
    roles: list[Thing] | None = None

    def get(self, argument: str, id: object) -> Thing | None:
        """The thing that an argument's id stands for, where it could be read."""
        return self.named.get((argument, id)) if isinstance(id, str) else None


async def look_up(
    client: AsyncOpenAIAdmin, operation: Operation, arguments: Mapping[str, Any], seconds: float
) -> Things:
    """Read what a call is about, as far as that is possible within a time.

    Raises:
        NotFoundError: what it would change or remove, or something that its path names, is not
            there.
    """
    subject: list[Thing | None] = []
    named: dict[tuple[str, str], Thing] = {}
    missing: list[NotFoundError] = []
    roles: list[Thing] = []
    joined = arguments.get("group_id") if operation.name == "groups.users.create" else None
    read_roles = False

    async def read_joined() -> None:
        nonlocal read_roles
        try:
            page = await client.groups.roles.list(str(joined), limit=_PAGE)
        except APIError:
            return
        roles.extend(to_dict(role, mode="read") for role in page.data)
        read_roles = not page.unreadable and not page.has_more

    async def read_subject() -> None:
        try:
            subject.append(await subject_of(client, operation, arguments))
        except NotFoundError as error:
            subject.append(None)
            if _must_be_there(operation):
                missing.append(error)
        except APIError:  # the question is asked by the ids alone
            pass

    async def read_one(name: str, id: str, shown_by: Operation, is_in_path: bool) -> None:
        known = {n: arguments[n] for n in shown_by.parameters if n in arguments}
        own = [p.name for p in shown_by.parameters.values() if p.place == "path"][-1]
        try:
            found = await shown_by.of(client)(**{**known, own: id})
        except NotFoundError as error:
            if is_in_path and operation.effect is Effect.ADDS:
                missing.append(error)
        except APIError:
            pass
        else:
            named[name, id] = to_dict(found, mode="read")

    looks: list[Work] = [partial(read_one, *one) for one in _to_read(operation, arguments)]
    if operation.effect is not Effect.ADDS:
        looks.append(read_subject)
    if joined is not None:
        looks.append(read_joined)
    try:
        async with asyncio.timeout(seconds):
            await run_all(looks)
    except TimeoutError:
        pass
    if missing:
        raise missing[0]
    known = roles if read_roles else None
    return Things(subject[0] if subject else None, not subject, named, known)


def _must_be_there(operation: Operation) -> bool:
    """Whether a call can only be about something that is there.

    What is set in a place of its own, as a spend limit is, may be set for the first time.
    """
    return operation.effect is Effect.REMOVES or operation.path.endswith("}")


def _to_read(
    operation: Operation, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, str, Operation, bool]]:
    """What is to be read: each argument and id, what shows it, and whether the path has it."""
    own = f"{operation.name.rpartition('.')[0]}.retrieve"
    for count, (name, id) in enumerate(ids_in(arguments)):
        shown_by = _shown_by(name, arguments)
        if count >= _MOST or shown_by is None:
            continue
        parameter = operation.parameters.get(name)
        is_in_path = parameter is not None and parameter.place == "path"
        if is_in_path and shown_by.name == own and operation.effect is not Effect.ADDS:
            continue  # it is the subject
        yield name, id, shown_by, is_in_path


def ids_in(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The ids in the arguments of a call, each with the singular name of its argument."""
    for name, value in arguments.items():
        if name.endswith("_id") and isinstance(value, str):
            yield name, value
        elif name.endswith("_ids") and isinstance(value, list):
            yield from ((name[:-1], id) for id in value if isinstance(id, str))
        elif name == "projects" and isinstance(value, list):
            yield from (
                ("project_id", id)
                for each in value
                if isinstance(each, Mapping) and isinstance(id := each.get("id"), str)
            )
    # A group is given access to a project with a role, which has an id as well.
    role = arguments.get("role")
    if "group_id" in arguments and isinstance(role, str):
        yield "role_id", role


def _shown_by(name: str, arguments: Mapping[str, Any]) -> Operation | None:
    shown_by = _SHOWN_BY.get(name)
    if shown_by is not None and name in _OF_PROJECT and "project_id" in arguments:
        shown_by = f"projects.{shown_by}"
    return None if shown_by is None else OPERATIONS.get(shown_by)
