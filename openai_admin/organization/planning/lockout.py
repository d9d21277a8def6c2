"""Nobody is locked out: an owner stays, the acting key's owner stays, new owners come first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...directory.permissions import OWNER
from .context import Planning
from .losses import DIRECT, MAKING_OWNERS, Loss
from .model import From
from .steps import Draft

Losses = Mapping[str, Sequence[Loss]]
"""What each step takes of ownership, by the step's id."""


def keep_owners(planning: Planning, losses: Losses) -> None:
    """Refuse what would lock out, and have those who lose ownership wait for who gains it."""
    _keep_owners_of_organization(planning, losses)
    _keep_acting_user(planning, losses)
    _keep_protected(planning, losses)
    _keep_owners_of_projects(planning, losses)


def _keep_owners_of_organization(planning: Planning, losses: Losses) -> None:
    lessening = _by_user(losses, None)
    if not lessening:
        return
    if planning.standing.owners - lessening.keys():
        return
    promoted = [
        From(step=id)
        for id, draft in planning.drafts.items()
        if draft.step.operation == "users.update" and draft.step.arguments.get("role") == OWNER
    ]
    for id in _steps(lessening):
        if promoted:
            planning.require(From(step=id), *promoted)
        else:
            _refuse(
                planning,
                planning.drafts[id],
                "It would leave the organization without an owner, which the API does not do: "
                "make another member an owner, who has accepted already.",
            )


def _keep_acting_user(planning: Planning, losses: Losses) -> None:
    """Refuse that the owner of the admin key in use goes, or cannot manage the organization."""
    acting = planning.state.acting_user
    if acting is None:
        return
    own = "The admin key in use is theirs: they stay a member, and an owner if they are one."
    is_direct = acting in planning.standing.owners
    promoted = [
        From(step=id)
        for id, draft in planning.drafts.items()
        if draft.step.operation == "users.update"
        and draft.step.arguments == {"user_id": acting, "role": OWNER}
    ]
    theirs = (acting,) if is_direct else (acting, None)  # of a role whose holders were not read
    lost: dict[str, list[str]] = {}  # steps by the sources that they take
    for id, found in losses.items():
        for loss in found:
            if loss.user_id in theirs and loss.project_id is None:
                lost.setdefault(loss.source, []).append(id)
    for id, draft in planning.drafts.items():
        is_gone = draft.step.operation == "users.delete" and draft.gone == acting
        if is_gone or id in lost.get(DIRECT, ()):
            _refuse(planning, draft, own)
    if is_direct or not lost or planning.standing.sources(acting) - lost.keys():
        return
    for id in dict.fromkeys(id for ids in lost.values() for id in ids):
        if promoted:
            planning.require(From(step=id), *promoted)
            continue
        _refuse(
            planning,
            planning.drafts[id],
            "As far as is known, the owner of the admin key in use may manage the organization by"
            " nothing else.",
        )


def _keep_protected(planning: Planning, losses: Losses) -> None:
    """Refuse that somebody who is protected owns less, also by a change of a role or a group."""
    for id, found in losses.items():
        for loss in found:
            if planning.guard.is_protected("user_id", loss.user_id):
                reason = f"{loss.who} would own less by it, and `protect` names them."
                _refuse(planning, planning.drafts[id], reason)


def _keep_owners_of_projects(planning: Planning, losses: Losses) -> None:
    promoted: dict[object, list[From]] = {}
    for id, draft in planning.drafts.items():
        arguments = draft.step.arguments
        if draft.step.operation in MAKING_OWNERS and arguments.get("role") == OWNER:
            promoted.setdefault(arguments.get("project_id"), []).append(From(step=id))
    places = {loss.project_id for found in losses.values() for loss in found} - {None}
    for project_id in sorted(id for id in places if id is not None):
        lessening = _by_user(losses, project_id)
        owners = {*planning.standing.project_owners.get(project_id, ())}
        if not lessening or owners - lessening.keys():
            continue
        label = planning.label_of("projects", planning.standing.labels[project_id])
        for id in _steps(lessening):
            if project_id in promoted:
                planning.require(From(step=id), *promoted[project_id])
            else:
                planning.note(From(step=id), f"It leaves {label} without an owner.")


def _by_user(losses: Losses, project_id: str | None) -> dict[str, list[str]]:
    """The steps that take an ownership by membership, by who had it."""
    found: dict[str, list[str]] = {}
    for id, each in losses.items():
        for loss in each:
            is_direct = loss.source == DIRECT and loss.user_id is not None
            if is_direct and loss.project_id == project_id:
                found.setdefault(loss.user_id or "", []).append(id)
    return found


def _steps(by_user: Mapping[str, Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(id for ids in by_user.values() for id in ids))


def _refuse(planning: Planning, draft: Draft, reason: str) -> None:
    step = draft.step
    planning.impossible(step.section, step.subject, reason, project=step.project)
