"""Who owns the organization by another role than that of the membership."""

from __future__ import annotations

from collections.abc import Iterable

from .._declare.resource import Async
from .._transport.tasks import each
from .._tree import AdminResources
from ..resources.groups import Group
from ..resources.users.model import OrganizationUser
from .not_known import NotKnown
from .permissions import OWNER, makes_owner
from .reading import Reads

GROUPS, ROLES, MEMBERS = _OF_GROUPS = ("groups", "roles of groups", "members of groups")
ALL_ROLES, OWN_ROLES = _OF_PEOPLE = ("roles", "roles of people")
KINDS = (*_OF_GROUPS, *_OF_PEOPLE)
"""What is read for that."""

MOST_PEOPLE = 20
"""So many people at most are asked for their roles, each with a request."""

_LONG_PAGE = 1000  # the most items that a page of groups, their roles or users has


async def owners_by_role(
    client: AdminResources[Async],
    reads: Reads,
    users: Iterable[OrganizationUser],
    *,
    most: int | None = MOST_PEOPLE,
) -> dict[str, list[str]]:
    """The roles besides their memberships' by which people own the organization.

    It takes a request for the roles and one for each of these members who is not an owner by
    membership (`by_less`). Where these are more than `most`, they are not asked for; that is kept
    as not known where a role that is not OpenAI's own makes owners, which is there to be given.

    Args:
        client: an asynchronous client.
        reads: keeps what is refused or cannot be read.
        users: the members.
        most: how many people are asked for at most; ``None`` is all of them.

    Returns:
        the names of the roles, by the users' ids.
    """
    found: dict[str, list[str]] = {}

    async def look(user: OrganizationUser) -> None:
        given = await reads.all(
            OWN_ROLES, client.users.roles.list(user.id, limit=_LONG_PAGE), project_id=user.id
        )
        names = [
            role.name or role.id
            for role in given
            if makes_owner(
                role.id, role.name, role.permissions, is_predefined=bool(role.predefined_role)
            )
        ]
        if names:
            found[user.id] = names

    if not reads.wants(ALL_ROLES):
        return found
    roles = await reads.all(ALL_ROLES, client.roles.list(limit=_LONG_PAGE))
    is_given = any(
        not role.predefined_role
        and makes_owner(role.id, role.name, role.permissions, is_predefined=False)
        for role in roles
    )
    others = by_less(users)
    if most is None or len(others) <= most:
        await each(others if roles else (), look)
    elif is_given:
        reason = f"it would take a request for each of {len(others):,} people"
        reads.add([NotKnown(kind=OWN_ROLES, reason=reason)])
    return found


def by_less(users: Iterable[OrganizationUser]) -> list[OrganizationUser]:
    """The people whose membership does not make them owners."""
    return [user for user in users if user.role != OWNER and not user.is_service_account]


async def owners_by_group(client: AdminResources[Async], reads: Reads) -> dict[str, list[str]]:
    """The groups by whose role each of these users owns the organization.

    It takes a request for the groups, one for each group, and one for each whose role makes
    owners.

    Args:
        client: an asynchronous client.
        reads: keeps what is refused or cannot be read.

    Returns:
        the names of the groups, by the users' ids.
    """
    found: dict[str, list[str]] = {}

    async def look(group: Group) -> None:
        roles = await reads.all(
            ROLES, client.groups.roles.list(group.id, limit=_LONG_PAGE), project_id=group.id
        )
        if not any(
            makes_owner(r.id, r.name, r.permissions, is_predefined=bool(r.predefined_role))
            for r in roles
        ):
            return
        users = await reads.all(
            MEMBERS, client.groups.users.list(group.id, limit=_LONG_PAGE), project_id=group.id
        )
        for user in users:
            found.setdefault(user.id, []).append(group.name or group.id)

    if reads.wants(GROUPS):
        await each(await reads.all(GROUPS, client.groups.list(limit=_LONG_PAGE)), look)
        reads.without(GROUPS, (ROLES, MEMBERS))
    return found
