"""What somebody still holds after the steps: where something was done, it is read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...resources.groups import Group
from ...resources.projects import Project
from .facts import listed_again
from .model import Holding, Kind, OffboardingPlan, Step
from .snapshot import Part, read_part
from .steps import is_undone

_IN_PROJECTS: frozenset[Kind] = frozenset(
    {"project_key", "project_membership", "project_role", "ownership"}
)
_LOOKED_UP: frozenset[Kind] = frozenset(
    {"membership", "owner_role", "organization_role", "project_role"}
)
"""What no listing of keys, invites or members shows again."""


@attrs.frozen(kw_only=True)
class Left:
    """What is left.

    Attributes:
        holdings: what is held.
        not_known: what could not be looked at, with the reason.
    """

    holdings: tuple[Holding, ...]
    not_known: tuple[str, ...]


async def left(client: AdminResources[Async], plan: OffboardingPlan, steps: Iterable[Step]) -> Left:
    """What somebody still holds.

    Args:
        client: an asynchronous client.
        plan: what was planned.
        steps: what was done.

    Raises:
        AuthenticationError: the key does not work any more.
    """
    over = [step for step in steps if step.is_over]
    part = _part([*over, *_ended_with_membership(plan, over)], plan.known)
    read = await read_part(client, part)
    found = listed_again(read, plan.person)
    seen = {held.key for held in found}
    gone = {step.key for step in over}
    for held in plan.holdings:
        if held.key not in gone and held.key not in seen and not _covers(part, held):
            found.append(held)
    ended = {(s.key[0], s.key[2]) for s in over}
    for step in over:
        kind, project_id = step.holding.kind, step.holding.project_id
        if kind not in _LOOKED_UP or (("membership", None) in ended and kind != "membership"):
            continue  # what an end of the membership ends as well
        if kind == "project_role" and ("project_membership", project_id) in ended:
            continue
        if await is_undone(client, step, plan.person, plan.transfer_to):
            found.append(step.holding)
    return Left(holdings=tuple(found), not_known=read.not_known)


def _ended_with_membership(plan: OffboardingPlan, over: Sequence[Step]) -> list[Step]:
    """What the identity provider manages, and is gone with the membership all the same."""
    if not any(step.holding.kind == "membership" for step in over):
        return []
    return [Step(holding=held) for held in plan.stays if held.kind == "group"]


def _part(steps: Iterable[Step], known: Iterable[str]) -> Part:
    """Where some steps did something, and what there was besides."""
    held = [step.holding for step in steps]
    projects = {
        h.project_id: Project(id=h.project_id, name=h.project_name, status="active")
        for h in held
        if h.kind in _IN_PROJECTS and h.project_id is not None
    }
    kinds = {h.kind for h in held}
    return Part(
        projects=projects,
        groups={h.id: Group(id=h.id, name=h.name) for h in held if h.kind == "group"},
        admin_keys="admin_key" in kinds,
        invites="invite" in kinds,
        known=frozenset(known),
    )


def _covers(part: Part, held: Holding) -> bool:
    """Whether a part was read again that shows a holding, if it is still there."""
    if held.kind in ("project_key", "project_membership"):
        return held.project_id in part.projects
    if held.kind == "group":
        return held.id in part.groups
    return (held.kind == "admin_key" and part.admin_keys) or (
        held.kind == "invite" and part.invites
    )
