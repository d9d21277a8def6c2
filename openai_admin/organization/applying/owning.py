"""That the organization keeps an owner, whoever changed something since the plan was made."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.permissions import OWNER
from ...workflows.offboarding.owning import is_owned, read_now
from ..planning.model import Step
from ..planning.ownership import is_owner

_Client = AdminResources[Async]
_OF_ORGANIZATION = ("users.update", "users.delete")


def lessens_owner(step: Step) -> bool:
    """Whether a step may take the ownership of the organization or a project from somebody."""
    operation = step.operation.removeprefix("projects.")
    if operation == "users.delete":
        return _was_owner(step)
    makes_less = step.arguments.get("role") not in (None, OWNER)
    return operation == "users.update" and makes_less and _was_owner(step)


def of_organization(step: Step) -> bool:
    """Whether a step that lessens an owner is about the organization, and no project."""
    return step.operation in _OF_ORGANIZATION


def leaving(steps: Iterable[Step]) -> frozenset[str]:
    """The ids of the owners of the organization whom some steps make less, or remove."""
    return frozenset(
        str(step.arguments.get("user_id"))
        for step in steps
        if of_organization(step) and lessens_owner(step)
    )


def staying(steps: Iterable[Step]) -> tuple[str, ...]:
    """The ids of people whom some steps make owners of the organization."""
    return tuple(
        str(step.arguments.get("user_id"))
        for step in steps
        if step.operation == "users.update" and step.arguments.get("role") == OWNER
    )


async def why_kept(
    client: _Client, step: Step, *, known: Collection[str], leaving: Collection[str], forced: bool
) -> str | None:
    """Why an owner stays one: there may be no other by now; ``None`` where there is.

    Args:
        client: an asynchronous client.
        step: the step that takes the ownership.
        known: the ids of people who were made owners.
        leaving: the ids of those who go.
        forced: whether it is done where it is not known whether another stays.
    """
    now = await read_now(client, str(step.arguments.get("user_id")))
    if not now.may_be_owner:
        return None
    stays = await is_owned(client, [*known], leaving, directly=True)
    if stays or (stays is None and forced):
        return None
    if stays is None:
        return "whether the organization has another owner now is not known"
    return "the organization has no other owner any more: make somebody else an owner first"


def _was_owner(step: Step) -> bool:
    """Whether somebody was an owner when the plan was made, or may have been."""
    roles = [change.old for change in step.changes if change.field == "role"]
    of_project = not of_organization(step)
    return not roles or any(is_owner(role, of_project=of_project) is not False for role in roles)
