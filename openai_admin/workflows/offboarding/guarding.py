"""What keeps a step from being done now: an organization or a project would lose its last owner.

A plan may be old, and others may be offboarded at the same time: it is looked up again just before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.not_known import not_known
from ...directory.permissions import OWNER
from ...errors import APIError
from .facts import SCIM
from .model import OffboardingPlan, Step
from .owning import is_owned, owns_directly, read_now
from .owning_projects import is_project_owned, stays_owned
from .steps import after

_Client = AdminResources[Async]
HAS_OWNER = "it has another owner"


def awaited(step: Step, done: Sequence[Step], *, is_own: bool) -> str | None:
    """What a step waits for that did not succeed, or is not known.

    Args:
        step: the step.
        done: what has been done.
        is_own: whether it may end the key in use.
    """
    if step.obstacle is not None:
        return step.obstacle
    kind = step.holding.kind
    failed = [s for s in done if not s.is_over]
    if is_own and kind == "admin_key" and failed:
        return "the key that is used is deleted last, and not all was done before"
    for other in failed:
        is_kept = other.holding.kind == "project_membership" and other.outcome == "held back"
        if kind == "membership" and is_kept:
            return other.reason  # the project would lose them with it
        if other.holding.kind != "ownership":
            continue
        is_same = other.holding.project_id == step.holding.project_id
        if kind == "membership" or (kind == "project_membership" and is_same):
            where = other.holding.project_name or other.holding.project_id
            return f"{where} did not get another owner"
    return None


async def leaves_ownerless(
    client: _Client, plan: OffboardingPlan, step: Step, done: Sequence[Step]
) -> str | None:
    """Why a step waits that could take its last owner from a project."""
    held = step.holding
    is_owners = held.kind == "project_role" and held.manages
    if not (held.kind == "project_membership" or is_owners) or plan.leave_ownerless:
        return None
    given = (s for s in (*plan.earlier, *done) if s.holding.kind == "ownership")
    if any(_is_given(s) and s.holding.project_id == held.project_id for s in given):
        return None
    person_id = (plan.person.id if is_owners else held.id) or ""
    is_left = await is_project_owned(
        client, held.project_id or "", person_id, held.role, plan.leaving
    )
    where = held.project_name or held.project_id
    if is_left is None:
        return f"whether {where} has another owner now is not known"
    return None if is_left else f"{where} has no other owner any more: make somebody its owner"


async def is_owned_by_now(client: _Client, plan: OffboardingPlan, step: Step) -> bool:
    """Whether a step gives a project an owner that has one: the plan is old, or knew of none."""
    held = step.holding
    if held.kind != "ownership":
        return False
    return await stays_owned(client, held.project_id or "", plan.leaving) is True


def _is_given(step: Step) -> bool:
    """Whether a project got another owner, who is surely there however listings lag."""
    return step.is_over and step.reason != HAS_OWNER


class Hold(NamedTuple):
    """Why a step waits.

    Attributes:
        why: why.
        is_last: whether the organization would lose its last owner.
    """

    why: str
    is_last: bool = False

    @property
    def reason(self) -> str:
        """Why, with what helps."""
        return f"{self.why}: make somebody else an owner first" if self.is_last else self.why


async def locks_out(client: _Client, plan: OffboardingPlan, step: Step) -> Hold | None:
    """Why a step waits that could take its last owner from the organization, or is not ours."""
    held = step.holding
    directly = owns_directly(plan.person)
    if held.kind in ("owner_role", "membership"):
        now = await read_now(client, held.id)
        if now.is_scim_managed:
            return Hold(SCIM)
        directly = directly or now.may_be_owner
    elif not (held.kind == "organization_role" and held.manages):
        return None
    if not (plan.may_be_owner or directly):
        return None
    why = await lacks_owner(client, plan, directly=directly)
    return None if why is None else Hold(why, is_last=True)


async def lacks_owner(client: _Client, plan: OffboardingPlan, *, directly: bool) -> str | None:
    """Why nobody is to be taken who may be the last owner; ``None`` where one stays."""
    is_owner_left = await is_owned(client, plan.owners, plan.leaving, directly=directly)
    if is_owner_left is None and not plan.allow_unknown_owners:
        return "whether the organization has another owner now is not known"
    return "the organization has no other owner any more" if is_owner_left is False else None


async def made_owner(client: _Client, step: Step, reason: str) -> Step:
    """A demotion after the person was made an owner again."""
    try:
        await client.users.update(step.holding.id, role=OWNER)
    except APIError as error:
        refused = not_known("", error).reason
        reason += f", and they could not be made one again: {refused}; make somebody an owner"
        return after(client, step, "not known", reason)
    return after(client, step, "held back", f"{reason}, so they are one again")
