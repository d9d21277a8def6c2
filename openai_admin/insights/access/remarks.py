"""What is said of somebody beside their permissions: what is not in force, and their keys."""

from __future__ import annotations

from collections.abc import Iterator

from ..text import count, some_of
from .facts import AdminKeyFact, Facts, KeyFact, Person, ServiceAccountFact
from .rules import is_blocked
from .things import Thing
from .wording import Wording

_OF_KEYS = ("projects", "keys of projects", "admin keys")
"""What must be read to know all keys of somebody."""


def remarks(thing: Thing, facts: Facts, wording: Wording, place: str | None) -> Iterator[str]:
    """Why somebody has nothing, whatever they were given, and which keys they have.

    Args:
        thing: who, or what.
        facts: what was read.
        wording: names things.
        place: the project that is asked about; ``None`` for everywhere.
    """
    name = wording.quote(thing.name or thing.id)
    if isinstance(thing, Person):
        if thing.banned:
            yield f"The account of {name} is banned: what it was given is not in force."
        elif thing.enabled is False:
            yield f"The account of {name} is disabled: what it was given is not in force."
        yield from _keys(name, thing, facts, wording, place, is_blocked=is_blocked(thing))
    elif isinstance(thing, ServiceAccountFact):
        yield from _keys(name, thing, facts, wording, thing.project_id, is_blocked=False)
    else:
        ends = thing.expires_at
        if ends is not None and ends <= facts.taken_at:
            yield f"The key {name} expired on {ends:%Y-%m-%d}."


def _keys(
    name: str,
    owner: Person | ServiceAccountFact,
    facts: Facts,
    wording: Wording,
    place: str | None,
    *,
    is_blocked: bool,
) -> Iterator[str]:
    """Which keys somebody has that have not expired."""
    listed: list[AdminKeyFact | KeyFact] = [*facts.admin_keys]
    listed += (key for key in facts.keys if place in (None, key.project_id))
    keys = [
        key
        for key in listed
        if key.owner_id == owner.id and (key.expires_at is None or key.expires_at > facts.taken_at)
    ]
    if not keys:
        return
    told = some_of(
        [f"{wording.quote(key.name or key.id)} ({_where(key, wording)})" for key in keys], ", "
    )
    one = len(keys) == 1
    if is_blocked:
        may = f"Whether {'it works' if one else 'they work'} nevertheless is not known"
    else:
        may = f"{'It' if one else 'Each'} may do at most what is listed, and a project's only there"
    lost = {part.kind for part in facts.not_known}
    least = "" if lost.isdisjoint(_OF_KEYS) else "at least "
    yield f"{name} has {least}{count(len(keys), 'key')}: {told}. {may}."


def _where(key: AdminKeyFact | KeyFact, wording: Wording) -> str:
    return "admin key" if isinstance(key, AdminKeyFact) else wording.place(key.project_id)
