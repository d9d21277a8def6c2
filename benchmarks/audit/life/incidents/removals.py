"""Many things removed in a short time."""

from __future__ import annotations

from typing import Any

from ..log import JSON
from .planting import Incident, Planting, plants

_KINDS = (
    ("api_key.deleted", "key_"),
    ("service_account.deleted", "svc_acct_"),
    ("project.archived", "proj_"),
    ("group.deleted", "group-"),
    ("user.deleted", "user-"),
)


@plants("many_removals")
def keys_removed(planting: Planting, at: float) -> Incident | None:
    """Keys, one after another, in a browser."""
    owner = planting.made.owner(at)
    return _remove(planting, at, "keys", _KINDS[:1], planting.made.at(owner, at), owner.id)


@plants("many_removals")
def all_kinds_removed(planting: Planting, at: float) -> Incident | None:
    """Whatever there is, by an owner's key."""
    made, owner = planting.made, planting.made.owner(at)
    by = made.by_key(made.new_id("key_"), owner)
    return _remove(planting, at, "all kinds", _KINDS, by, owner.id)


@plants("many_removals")
def projects_archived(planting: Planting, at: float) -> Incident | None:
    """Projects, one after another, in a browser."""
    owner = planting.made.owner(at)
    return _remove(planting, at, "projects", _KINDS[2:3], planting.made.at(owner, at), owner.id)


@plants("many_removals")
def by_the_program(planting: Planting, at: float) -> Incident | None:
    """The program that removes a few each night removes many times as many by day."""
    made = planting.made
    if made.terraform is None:
        return keys_removed(planting, at)
    by, owner = made.program(at), made.terraform[1]
    return _remove(planting, at, "by the program", _KINDS[:3], by, owner.id, times=2)


def _remove(
    planting: Planting,
    at: float,
    variant: str,
    kinds: tuple[tuple[str, str], ...],
    by: JSON,
    actor: str,
    *,
    times: int = 1,
) -> Incident:
    made, random = planting.made, planting.random
    small = len(made.people) <= 15
    count = times * (random.randint(12, 20) if small else random.randint(25, 80))
    pause = random.uniform(60, 300) / count if small else random.uniform(120, 900) / count
    events, moment = [], at
    for _ in range(count):
        moment += pause
        type, prefix = random.choice(kinds)
        payload: dict[str, Any] = {"id": made.new_id(prefix)}
        within = None
        if prefix in ("key_", "svc_acct_"):
            within = random.choice(made.projects)
        elif prefix == "proj_":
            within = {"id": payload["id"], "name": "one of them"}
        events.append(planting.note(moment, type, payload, by=by, project=within))
    return Incident(
        detection="many_removals",
        variant=variant,
        events=tuple(events),
        at=moment,
        actor=actor,
    )
