"""One step of an offboarding sent to the API, and looked up where its outcome is in doubt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ..._wire.removal import is_confirmed
from ...directory.not_known import not_known
from ...directory.permissions import OWNER
from ...errors import (
    APIError,
    APIStatusError,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
)
from ...resources.projects.users import ProjectUser
from .model import Holding, Kind, Person, Step
from .snapshot import is_direct, is_open

_Client = AdminResources[Async]


class _Change(NamedTuple):
    """How a kind of step is done, and how one sees that it is not done yet."""

    do: Callable[[_Client, Holding, str], Awaitable[Any]]
    is_undone: Callable[[_Client, Holding, str], Awaitable[bool]]


async def _there(read: Awaitable[Any]) -> bool:
    await read
    return True


async def _is_owner(client: _Client, held: Holding, _: str) -> bool:
    return (await client.users.retrieve(held.id)).role == OWNER


async def _is_open(client: _Client, held: Holding, _: str) -> bool:
    return is_open(await client.invites.retrieve(held.id))


async def _give_ownership(client: _Client, held: Holding, recipient: str) -> ProjectUser:
    """Make somebody the owner of a project, as a member of it or as a new one."""
    users = client.projects.users
    try:
        member = await users.retrieve(held.id, recipient)
    except NotFoundError:
        return await users.create(held.id, user_id=recipient, role=OWNER)
    if member.role == OWNER:
        return member
    return await users.update(held.id, recipient, role=OWNER)


async def _is_not_owned(client: _Client, held: Holding, recipient: str) -> bool:
    try:
        return (await client.projects.users.retrieve(held.id, recipient)).role != OWNER
    except NotFoundError:
        return True


async def _has_role(read: Awaitable[Any]) -> bool:
    """Whether somebody has a role, and not only through a group."""
    return is_direct(await read)


def _project(held: Holding) -> str:
    return held.project_id or ""


_CHANGES: Mapping[Kind, _Change] = {
    "admin_key": _Change(
        lambda c, h, _: c.admin_api_keys.delete(h.id),
        lambda c, h, _: _there(c.admin_api_keys.retrieve(h.id)),
    ),
    "project_key": _Change(
        lambda c, h, _: c.projects.api_keys.delete(_project(h), h.id),
        lambda c, h, _: _there(c.projects.api_keys.retrieve(_project(h), h.id)),
    ),
    "invite": _Change(lambda c, h, _: c.invites.delete(h.id), _is_open),
    "owner_role": _Change(lambda c, h, _: c.users.update(h.id, role="reader"), _is_owner),
    "ownership": _Change(_give_ownership, _is_not_owned),
    "project_role": _Change(
        lambda c, h, person: c.projects.users.roles.delete(_project(h), person, h.id),
        lambda c, h, person: _has_role(c.projects.users.roles.retrieve(_project(h), person, h.id)),
    ),
    "project_membership": _Change(
        lambda c, h, _: c.projects.users.delete(_project(h), h.id),
        lambda c, h, _: _there(c.projects.users.retrieve(_project(h), h.id)),
    ),
    "group": _Change(
        lambda c, h, person: c.groups.users.delete(h.id, person),
        lambda c, h, person: _there(c.groups.users.retrieve(h.id, person)),
    ),
    "organization_role": _Change(
        lambda c, h, person: c.users.roles.delete(person, h.id),
        lambda c, h, person: _has_role(c.users.roles.retrieve(person, h.id)),
    ),
    "membership": _Change(
        lambda c, h, _: c.users.delete(h.id),
        lambda c, h, _: _there(c.users.retrieve(h.id)),
    ),
}


async def done(
    client: _Client,
    step: Step,
    person: Person,
    transfer_to: Person | None,
    *,
    is_own: bool,
    pauses: Sequence[float],
) -> Step:
    """A step after it was sent, with its outcome; no refusal is raised.

    Args:
        client: an asynchronous client.
        step: the step.
        person: who is offboarded.
        transfer_to: who becomes an owner.
        is_own: whether it deletes the key that is used: where that is rejected as none, it is gone.
        pauses: seconds after which a change that is not seen yet is looked for again.
    """
    change = _CHANGES[step.holding.kind]
    who = (transfer_to if step.holding.kind == "ownership" else person) or person
    arguments = client, step.holding, who.id or ""
    try:
        answer = await change.do(*arguments)
    except NotFoundError:
        if step.holding.kind != "ownership":
            return after(client, step, "already gone")
        return after(client, step, "refused", "the project or the person is not there")
    except AuthenticationError as error:
        if is_own and _rejects_key(error):
            return after(client, step, "already gone", "the key does not work any more")
        # It may be since the step was done by an attempt whose answer was lost.
        return after(client, step, "not known", not_known("", error).reason)
    except APIError as error:
        return await _looked_up(step, change, arguments, error, is_own=is_own)
    return await _confirmed(step, change, arguments, answer, pauses)


async def _confirmed(
    step: Step,
    change: _Change,
    arguments: tuple[_Client, Holding, str],
    answer: Any,
    pauses: Sequence[float],
) -> Step:
    """A step that was answered: whether it was done, where the answer leaves doubt."""
    client = arguments[0]
    is_transfer = step.holding.kind == "ownership"
    if not is_transfer and is_confirmed(answer):
        return after(client, step, "done")
    for pause in (*pauses, None):
        try:
            is_undone = await change.is_undone(*arguments)
        except NotFoundError:
            is_undone = False
        except APIError as error:
            if is_transfer and answer.role == OWNER:
                return after(client, step, "done")
            return after(client, step, "not known", not_known("", error).reason)
        if not is_undone:
            return after(client, step, "done")
        if pause is not None:
            await client._caller.sleep(pause)
    told = "the API did not refuse it" if is_transfer else "the API's answer did not confirm it"
    return after(client, step, "refused", f"{told}, and it is not done")


def _rejects_key(error: APIError) -> bool:
    """Whether an error says that the key is not one, and not that it may not do something."""
    return (
        isinstance(error, AuthenticationError)
        and error.is_from_api
        and (error.code == "invalid_api_key" or "incorrect api key" in error.message.lower())
    )


async def _looked_up(
    step: Step,
    change: _Change,
    arguments: tuple[_Client, Holding, str],
    error: APIError,
    *,
    is_own: bool,
) -> Step:
    """A step whose answer was an error, or lost: what it was about is read."""
    client = arguments[0]
    reason = not_known("", error).reason
    try:
        is_undone = await change.is_undone(*arguments)
    except NotFoundError:
        is_undone = False
    except APIError as second:
        if is_own and _rejects_key(second):
            return after(client, step, "done", "the key does not work any more")
        if _says_nothing(error):
            looking = not_known("", second).reason
            return after(client, step, "not known", f"{reason}; looking it up: {looking}")
        return after(client, step, "refused", reason)
    if is_undone:
        return after(client, step, "refused", reason)
    if _says_nothing(error):
        return after(client, step, "done", f"{reason}, but it is gone when looked up")
    return after(client, step, "already gone")


def _says_nothing(error: APIError) -> bool:
    """Whether an error leaves open what the API did."""
    if isinstance(error, APIStatusError):
        return isinstance(error, InternalServerError) or not error.is_from_api
    return True


async def is_undone(
    client: _Client, step: Step, person: Person, transfer_to: Person | None
) -> bool | None:
    """Whether what a step is about is still as it was; ``None`` where that is not known."""
    who = (transfer_to if step.holding.kind == "ownership" else person) or person
    try:
        return await _CHANGES[step.holding.kind].is_undone(client, step.holding, who.id or "")
    except NotFoundError:
        return False
    except APIError:
        return None


async def settled(client: _Client, step: Step, person: Person, transfer_to: Person | None) -> Step:
    """A step that did not succeed, looked up once more: it may have gone with something else."""
    if await is_undone(client, step, person, transfer_to) is not False:
        return step
    return after(client, step, "already gone", "it was done when it was looked up again")


def after(client: _Client, step: Step, outcome: Any, reason: str | None = None) -> Step:
    now = client._caller.server_now() or datetime.now(UTC)
    return attrs.evolve(step, outcome=outcome, reason=reason, at=now.replace(microsecond=0))
