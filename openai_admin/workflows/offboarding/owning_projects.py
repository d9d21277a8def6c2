"""Who owns a project besides those who leave: by the membership, a role or through a group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.permissions import OWNER, makes_owner
from ...directory.reading import PAGE, Reads
from ...errors import APIError
from ...resources.projects.groups import ProjectGroup
from ...resources.projects.users import ProjectUser
from ...resources.roles import AssignedRole

_Client = AdminResources[Async]
_LONG = 1000
"""The most items that a page of roles or of a group's members has."""
_MOST_ASKED = 100
"""The most members of whom each is asked for the roles, where no other owner is found."""


@attrs.frozen(kw_only=True)
class ProjectOwners:
    """Who owns a project by the membership.

    Attributes:
        ids: the ids of its owners.
        unsure: the ids of members who may be.
        others: the ids of the other members.
        is_whole: whether there are surely no other members.
    """

    ids: frozenset[str]
    unsure: frozenset[str]
    others: frozenset[str]
    is_whole: bool

    @classmethod
    def of(cls, members: Iterable[ProjectUser], *, is_whole: bool) -> ProjectOwners:
        """The owners among the members of a project."""
        roles = {member.id: member.role for member in members}
        return cls(
            ids=frozenset(id for id, role in roles.items() if role == OWNER),
            unsure=frozenset(id for id, r in roles.items() if r != OWNER and not is_no_owner(r)),
            others=frozenset(id for id, role in roles.items() if is_no_owner(role)),
            is_whole=is_whole,
        )

    def stay(self, leaving: Collection[str], by_role: RoleOwners | None = None) -> bool | None:
        """Whether an owner stays without some; ``None`` where that is not known.

        Args:
            leaving: the ids of those who go.
            by_role: the owners by a role, where they were looked for.
        """
        if not self.ids <= {*leaving} or (by_role is not None and by_role.stay(leaving)):
            return True
        is_known = by_role is None or by_role.is_known
        return False if self.is_whole and is_known and self.unsure <= {*leaving} else None


@attrs.frozen(kw_only=True)
class RoleOwners:
    """Who owns a project by an assigned role, also through a group.

    Attributes:
        ids: their ids, as far as they had to be looked for: one who stays is enough.
        is_known: whether there are surely no others.
    """

    ids: frozenset[str]
    is_known: bool

    def stay(self, leaving: Collection[str]) -> bool:
        """Whether one is known who stays."""
        return not self.ids <= {*leaving}


def is_no_owner(role: str | None) -> bool:
    """Whether a role of a project's member is surely not its owner's."""
    return role in ("member", "viewer")


def makes_owner_of_project(role: AssignedRole) -> bool:
    """Whether an assigned role makes an owner of its project."""
    return makes_owner(
        role.id,
        role.name,
        role.permissions,
        is_predefined=bool(role.predefined_role),
        of_project=True,
    )


async def role_owners(
    client: _Client, project_id: str, members: Iterable[str], leaving: Collection[str]
) -> RoleOwners:
    """The owners of a project by an assigned role: through its groups, else of each member.

    It takes a request for the groups and one or two for each; where nobody is found that stays, one
    for each member.

    Args:
        client: an asynchronous client.
        project_id: the project.
        members: the ids of its members.
        leaving: the ids of those who go.
    """
    reads = Reads(client._caller)
    found: set[str] = set()

    async def look(group: ProjectGroup) -> None:
        id = group.group_id
        roles = await reads.all(
            "roles of groups",
            client.projects.groups.roles.list(project_id, id, limit=_LONG),
            project_id=id,
        )
        if any(map(makes_owner_of_project, roles)):
            users = client.groups.users.list(id, limit=_LONG)
            found.update(
                user.id for user in await reads.all("members of groups", users, project_id=id)
            )

    groups = client.projects.groups.list(project_id, limit=PAGE)
    await each(await reads.all("groups", groups), look)
    staying = sorted({*members} - {*leaving})
    is_asked = found <= {*leaving} and len(staying) <= _MOST_ASKED

    async def ask(id: str) -> None:
        roles = client.projects.users.roles.list(project_id, id, limit=_LONG)
        listed = await reads.all("roles of people", roles, project_id=id)
        if any(map(makes_owner_of_project, listed)):
            found.add(id)

    await each(staying if is_asked else (), ask)
    is_known = is_asked and not (reads.not_known or any(reads.unread.values()))
    return RoleOwners(ids=frozenset(found), is_known=is_known)


async def is_project_owned(
    client: _Client, project_id: str, person_id: str, role: str | None, leaving: Collection[str]
) -> bool | None:
    """Whether a project has an owner without a member, or none is lost; ``None``: not known.

    Args:
        client: an asynchronous client.
        project_id: the project.
        person_id: the member who goes.
        role: the role of the membership, as it was; ``None`` where that is not known.
        leaving: the ids of all who go.
    """
    try:
        members, is_whole = await _members(client, project_id)
        found = ProjectOwners.of(members, is_whole=is_whole)
        own = next((member for member in members if member.id == person_id), None)
        if (own is None and is_whole) or found.stay(leaving):
            return True
        owns = await _owns(client, project_id, person_id, role if own is None else own.role)
        if owns is False:
            return True
        stays = await _stays(client, project_id, found, leaving)
    except APIError:
        return None
    return stays if stays or owns else None


async def stays_owned(client: _Client, project_id: str, leaving: Collection[str]) -> bool | None:
    """Whether a project has an owner now who stays; ``None`` where that is not known.

    Args:
        client: an asynchronous client.
        project_id: the project.
        leaving: the ids of all who go.
    """
    try:
        members, is_whole = await _members(client, project_id)
        found = ProjectOwners.of(members, is_whole=is_whole)
        return await _stays(client, project_id, found, leaving)
    except APIError:
        return None


async def _members(client: _Client, project_id: str) -> tuple[Sequence[ProjectUser], bool]:
    """The members of a project, and whether there are surely no others."""
    reads = Reads(client._caller)
    members = await reads.listing(
        "members of projects", client.projects.users.list(project_id, limit=PAGE)
    )
    is_whole = members is not None and not (reads.not_known or any(reads.unread.values()))
    return members or (), is_whole


async def _stays(
    client: _Client, project_id: str, found: ProjectOwners, leaving: Collection[str]
) -> bool | None:
    if found.stay(leaving):
        return True
    by_role = await role_owners(client, project_id, found.others | found.unsure, leaving)
    return found.stay(leaving, by_role)


async def _owns(client: _Client, project_id: str, person_id: str, role: str | None) -> bool | None:
    """Whether a member owns a project; ``None`` where that is not known."""
    if role == OWNER:
        return True
    reads = Reads(client._caller)
    roles = client.projects.users.roles.list(project_id, person_id, limit=_LONG)
    listed = await reads.all("roles of people", roles)
    if any(map(makes_owner_of_project, listed)):
        return True
    is_known = not (reads.not_known or any(reads.unread.values())) and is_no_owner(role)
    return False if is_known else None
