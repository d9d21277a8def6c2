"""The audit log of the demo organization: the past of its tables, and who logged in."""

from __future__ import annotations

from collections.abc import Callable

from ..metering.shape import DAY
from ..store import Store
from .growth import tell_of_crowd
from .history import (
    tell_of_keys,
    tell_of_organization,
    tell_of_people,
    tell_of_projects,
    tell_of_roles,
    tell_of_security,
)
from .journal import Journal
from .keys import Key
from .people import People
from .projects import PlannedProject
from .sessions import tell_of_sessions


def add_audit_log(
    store: Store,
    projects: tuple[PlannedProject, ...],
    keys: tuple[Key, ...],
    people: People,
    came: People | None = None,
    *,
    later: Callable[[Journal], None],
    events: int = 0,
) -> None:
    """Fill the audit log; everything else must be there already, but for what comes `later`.

    Of the logins of those who came, there are as many as it takes to have so many `events`.
    """
    everybody = people if came is None else people.with_(came)
    journal = Journal(store, everybody, projects, _inactive_since(store, people))
    left_at = _departures(store, keys, everybody)
    tell_of_organization(journal)
    tell_of_people(journal, left_at)
    tell_of_keys(journal, keys)  # before projects: keys go in the second their project does
    tell_of_projects(journal)
    tell_of_roles(journal)
    tell_of_security(journal)
    tell_of_sessions(journal, people, left_at)
    later(journal)
    if came is not None:
        tell_of_crowd(journal, came, events)
    journal.write()


def _inactive_since(store: Store, people: People) -> int:
    """When the third owner last used a key, which is also when that owner was last seen."""
    used: int = store.users.get(people.owners[2]["id"])["api_key_last_used_at"]
    return used


def _departures(store: Store, keys: tuple[Key, ...], people: People) -> dict[str, int]:
    """When each former user left: some weeks after creating the last key."""
    made = {user["id"]: user["added_at"] for user in people.former}
    for key in keys:
        if key.owner_id in made:
            made[key.owner_id] = max(made[key.owner_id], key.created_at)
    latest = store.now() - 10 * DAY
    return {id: min(at + 40 * DAY, latest) for id, at in made.items()}
