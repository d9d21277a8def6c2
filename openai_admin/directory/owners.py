"""Who owns the organization through a group, whose role makes its users owners."""

from __future__ import annotations

from .._declare.resource import Async
from .._transport.tasks import each
from .._tree import AdminResources
from ..resources.groups import Group
from .permissions import makes_owner
from .reading import Reads

GROUPS, ROLES, MEMBERS = KINDS = ("groups", "roles of groups", "members of groups")
"""What is read for that."""

_LONG_PAGE = 1000  # the most items that a page of groups, their roles or users has


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
