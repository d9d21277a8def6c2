"""Nobody is locked out: an owner stays, the acting key's owner stays, new owners come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...directory.permissions import OWNER
from .context import Planning
from .grants import Grants
from .losses import DIRECT, MAKING_OWNERS, UNREAD, Loss, owned_by_group
from .model import From, Step
from .steps import Draft
from .wording import listed

Losses = Mapping[str, Sequence[Loss]]
"""What each step takes of ownership, by the step's id."""


_INVITE = "invites.create"
_GIVING = frozenset(
    {"projects.users.roles.create", "projects.groups.create", "projects.groups.roles.create"}
)


def keep_owners(planning: Planning, losses: Losses) -> None:
    """Refuse what would lock out, and have those who lose ownership wait for who gains it."""
    _keep_owners_of_organization(planning, losses)
    _keep_acting_user(planning, losses)
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
    _tell_of_weakened_roles(planning, acting)
    own = "The admin key in use is theirs: they stay a member, and an owner if they are one."
    is_direct = acting in planning.standing.owners
    promoted = [*_giving_back(planning, acting)]
    lost: dict[str, list[str]] = {}  # steps by the sources that they take
    for id, found in losses.items():
        for loss in found:
            if loss.project_id is None and _may_be_of(planning, acting, loss):
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


def _tell_of_weakened_roles(planning: Planning, user_id: str) -> None:
    """Say of roles that permit less that the owner of the admin key in use has them."""
    standing = planning.standing
    held = {*standing.roles_of_people.get(user_id, ())}
    for group in standing.groups_of_people.get(user_id, ()):
        held |= standing.roles_of_groups.get(group, frozenset())
    for id, draft in planning.drafts.items():
        step = draft.step
        if step.operation == "roles.update" and step.arguments["role_id"] in held:
            less = [
                old
                for change in step.changes
                if change.field == "permissions"
                for old in change.old or ()
                if old not in (change.new or ())
            ]
            if less:
                note = f"The owner of the admin key in use has it, and loses {listed(less)} by it."
                planning.note(From(step=id), note)


def _giving_back(planning: Planning, user_id: str) -> Iterator[From]:
    """The steps that make somebody an owner of the organization, also by a role or a group.

    Those are left out of which the role or the group is taken from something, or changed, as well.
    """
    grants = Grants(planning)
    lessened = {
        value
        for draft in planning.drafts.values()
        if draft.timing in ("lessen", "remove")
        for name, value in draft.step.arguments.items()
        if name in ("role_id", "group_id")
    }
    for id, draft in planning.drafts.items():
        arguments = draft.step.arguments
        if arguments.get("user_id") != user_id:
            continue
        sources = {arguments[name] for name in ("role_id", "group_id") if name in arguments}
        if "organization_owner" in grants.of(draft.step) and lessened.isdisjoint(sources):
            yield From(step=id)


def _may_be_of(planning: Planning, user_id: str, loss: Loss) -> bool:
    """Whether a loss is somebody's, or may be: of a role or a group, of which not all was read."""
    standing = planning.standing
    if loss.user_id is not None or user_id in standing.owners:
        return loss.user_id == user_id
    given, groups = standing.given(user_id, None), standing.groups_with(user_id)
    return (
        given is None or loss.source in given or not all(groups.values()) or (loss.source in groups)
    )


def _keep_owners_of_projects(planning: Planning, losses: Losses) -> None:
    promoted = _promoted(planning)
    places = {loss.project_id for found in losses.values() for loss in found} - {None, UNREAD}
    for project_id in sorted(id for id in places if id is not None):
        lessening = _by_user(losses, project_id)
        owners = {*planning.standing.project_owners.get(project_id, ())}
        if not lessening or owners - lessening.keys():
            continue
        is_kept = _is_owned_otherwise(planning, losses, project_id)
        label = planning.label_of("projects", planning.standing.labels[project_id])
        for id in _steps(lessening):
            coming = [
                step for step in promoted.get(project_id, ()) if not _waits(planning, step.id, id)
            ]
            planning.require(From(step=id), *(From(step=each.id) for each in coming))
            if is_kept or any(step.operation != _INVITE for step in coming):
                continue
            until = ""
            if coming:
                verb = "accepts" if len(coming) == 1 else "accept"
                until = f" until {listed([step.subject for step in coming])} {verb} an invite"
            planning.note(From(step=id), f"It leaves {label} without an owner{until}.")


def _waits(planning: Planning, id: str, other: str) -> bool:
    """Whether a step waits for another."""
    if id == other:
        return True
    draft = planning.drafts.get(id)
    return draft is not None and any(_waits(planning, each, other) for each in draft.step.needs)


def _is_owned_otherwise(planning: Planning, losses: Losses, project_id: str) -> bool:
    """Whether somebody goes on owning a project by a role or a group, or a service account does."""
    lost = {
        (loss.user_id, loss.source if loss.user_id or loss.source != DIRECT else loss.who)
        for found in losses.values()
        for loss in found
        if loss.project_id == project_id
    }
    return not lost.issuperset(planning.standing.owners_beside(project_id))


def _promoted(planning: Planning) -> dict[object, list[Step]]:
    """The steps by which somebody comes to own a project, by its id."""
    standing = planning.standing
    found: dict[object, list[Step]] = {}
    for draft in planning.drafts.values():
        operation, arguments = draft.step.operation, draft.step.arguments
        place, role = arguments.get("project_id"), arguments.get("role_id", arguments.get("role"))
        places: list[object] = []
        if operation in MAKING_OWNERS:
            places = [place] if role == OWNER else []
        elif operation == _INVITE:
            places = [p["id"] for p in arguments.get("projects") or () if p["role"] == OWNER]
        elif operation == "groups.users.create" and isinstance(arguments["group_id"], str):
            places = [*owned_by_group(standing, arguments["group_id"])]
        elif operation in _GIVING and isinstance(place, str) and isinstance(role, str):
            places = [place] if standing.makes_owner(role, place) else []
        for each in places:
            found.setdefault(each, []).append(draft.step)
    return found


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
