"""What was read of who can do what, put together as facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from ...directory.not_known import not_read
from . import made
from .facts import AdminKeyFact, Assignment, Facts
from .reading import Reading


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_HasId)


def found_admin_keys(reading: Reading) -> tuple[AdminKeyFact, ...]:
    """The admin keys among those that the API lists, as far as what was read tells them."""
    ids = {id for listed in reading.key_ids.values() for id in listed}
    lost = {part.kind for part in (*reading.reads.not_known, *not_read(reading.reads.unread))}
    are_all = (
        reading.project_ids is None
        and lost.isdisjoint(("projects", "keys of projects"))
        and reading.are_projects_read
        and all(project.id in reading.key_ids for project in reading.projects)
    )
    return made.admin_keys(reading.admin_keys, ids, are_all=are_all)


def assembled(
    reading: Reading,
    *,
    of_people: Iterable[str] | None = None,
    of_permission: str | None = None,
) -> Facts:
    """What came, with what did not.

    Args:
        reading: a reading that has ended.
        of_people: whom it was about; ``None`` for all.
        of_permission: what it was about; ``None`` for all.
    """
    caller = reading.client._caller
    listed = {person.id for person in reading.people}
    is_member = False if reading.are_people_known else None
    others = [user for id, user in reading.elsewhere.items() if id not in listed]
    everybody = reading.people + [
        made.listed_elsewhere(user, is_member=is_member) for user in others
    ]
    return Facts(
        taken_at=(caller.server_now() or datetime.now(UTC)).replace(microsecond=0),
        organization_id=caller.organization_told(),
        of_projects=None if reading.project_ids is None else tuple(reading.project_ids),
        of_people=None if of_people is None else tuple(of_people),
        of_permission=of_permission,
        assumed_in=tuple(sorted(reading.assumed_in, key=lambda place: place or "")),
        people=_in_order(everybody),
        roles=tuple(
            sorted(
                (role for roles in reading.roles.values() for role in roles or ()),
                key=lambda role: (role.project_id or "", role.id),
            )
        ),
        groups=_in_order(
            [made.group(group, reading.members_of_groups.get(group.id)) for group in reading.groups]
        ),
        projects=_in_order(reading.projects),
        members=tuple(sorted(reading.members, key=lambda m: (m.project_id, m.user_id))),
        assignments=tuple(sorted(reading.assignments, key=_place)),
        service_accounts=_in_order(reading.accounts),
        keys=_in_order(reading.keys),
        admin_keys=_in_order(found_admin_keys(reading)),
        invites=_in_order(reading.invites),
        not_known=(*reading.reads.not_known, *not_read(reading.reads.unread)),
    )


def _in_order(things: Collection[T]) -> tuple[T, ...]:
    return tuple(sorted(things, key=lambda thing: thing.id))


def _place(given: Assignment) -> tuple[str, str, str, str]:
    return given.project_id or "", given.principal_type, given.principal_id, given.role_id
