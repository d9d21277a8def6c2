"""The organization as several offboardings need it: read once, around what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import attrs

from ..._declare.pagination import AsyncPager
from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.not_known import told
from ...directory.reading import PAGE, Reads
from ...insights.access.forecast import Forecast
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.groups import Group
from ...resources.groups.users import GroupUser
from ...resources.invites import Invite
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ...resources.projects.users import ProjectUser
from ...resources.roles import AssignedRole
from ...resources.users.model import OrganizationUser

_ARCHIVED = (400, 403, 404)
"""The statuses with which archived projects have refused what is scoped to them."""
_Place = TypeVar("_Place", Project, Group)
_NAMED = 15  # parts that are refused for a reason: more than there are kinds
_LONG = 1000
"""The most items that a page of a group's members has."""


@attrs.frozen(kw_only=True)
class Reading:
    """How far a long read is.

    Attributes:
        done: how many lists of projects and groups have been read.
        forecast: how many there are.
    """

    done: int
    forecast: Forecast


Told = Callable[[Reading], None]
"""Receives how far a long read is."""


@attrs.frozen(kw_only=True)
class Snapshot:
    """The members of the organization, and what people can hold in it.

    Attributes:
        users: the members.
        projects: the projects by id, archived ones too.
        members: the members of each active project, by its id; a project that is refused is not
            there.
        keys: the keys of each project, likewise.
        admin_keys: the admin keys.
        invites: the invites.
        groups: the groups by id.
        group_users: the members of each group, likewise.
        unlisted: the names of archived projects whose keys, which do not work, are not listed.
        lacks_people: whether members of the organization may be missing in `users`.
        not_known: what is missing, with the reason.
        lacks_projects: whether projects may be missing in `projects`.
        lacks_members: the ids of projects of which members may be missing in `members`.
    """

    users: Sequence[OrganizationUser]
    projects: Mapping[str, Project]
    members: Mapping[str, Sequence[ProjectUser]]
    keys: Mapping[str, Sequence[ProjectAPIKey]]
    admin_keys: Sequence[AdminAPIKey]
    invites: Sequence[Invite]
    groups: Mapping[str, Group]
    group_users: Mapping[str, Sequence[GroupUser]]
    unlisted: Sequence[str]
    lacks_people: bool
    not_known: tuple[str, ...]
    lacks_projects: bool = False
    lacks_members: frozenset[str] = frozenset()

    def project_name(self, id: str) -> str | None:
        """What a project is called."""
        project = self.projects.get(id)
        return project.name if project is not None else None

    def is_archived(self, id: str) -> bool:
        """Whether a project is archived."""
        return id in self.projects and self.projects[id].status == "archived"


@attrs.frozen(kw_only=True)
class Part:
    """The part of an organization where something was done, which is read again.

    Attributes:
        projects: the projects, by id.
        groups: the groups, likewise.
        admin_keys: whether admin keys are read.
        invites: whether invites are read.
        known: the ids of the projects and groups that there were: those that are new are read too.
    """

    projects: Mapping[str, Project]
    groups: Mapping[str, Group]
    admin_keys: bool
    invites: bool
    known: frozenset[str] = frozenset()


async def read_organization(client: AdminResources[Async], tell: Told | None = None) -> Snapshot:
    """Read the whole organization: four requests, two a project, one a group, and further pages.

    Args:
        client: an asynchronous client.
        tell: is told how far it is.

    Raises:
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    reads = Reads(client._caller)
    async with TaskGroup() as group:
        users = group.start(partial(reads.all, "people", client.users.list(limit=PAGE)))
        projects = group.start(
            partial(reads.all, "projects", client.projects.list(limit=PAGE, include_archived=True))
        )
        groups = group.start(partial(reads.all, "groups", client.groups.list(limit=PAGE)))
        admin_keys = group.start(
            partial(reads.all, "admin keys", client.admin_api_keys.list(limit=PAGE))
        )
        invites = group.start(partial(reads.all, "invites", client.invites.list(limit=PAGE)))
    reads.check()
    reads.without("projects", ["keys of projects", "members of projects"])
    reads.without("groups", ["members of groups"])
    inner = _Inner(client, reads, tell)
    await inner.read(projects.result, [found.id for found in groups.result])
    return Snapshot(
        users=users.result,
        projects={project.id: project for project in projects.result},
        members=inner.members,
        keys=inner.keys,
        admin_keys=admin_keys.result,
        invites=invites.result,
        groups={found.id: found for found in groups.result},
        group_users=inner.group_users,
        unlisted=inner.unlisted,
        lacks_people=_lacks(reads, "people"),
        lacks_projects=_lacks(reads, "projects"),
        lacks_members=frozenset(
            id for id in inner.members if ("members of projects", id) in reads.incomplete
        ),
        not_known=(
            *lacking(reads, _names([*projects.result, *groups.result])),
            *inner.lacks_of_archived,
        ),
    )


async def read_part(client: AdminResources[Async], part: Part) -> Snapshot:
    """Read a part of an organization again; the rest of the result is empty.

    Args:
        client: an asynchronous client.
        part: what is read.
    """
    reads = Reads(client._caller)
    async with TaskGroup() as group:
        admin_keys = group.start(
            partial(_asked, part.admin_keys, reads, "admin keys", client.admin_api_keys.list)
        )
        invites = group.start(partial(_asked, part.invites, reads, "invites", client.invites.list))
        projects = group.start(partial(reads.all, "projects", client.projects.list(limit=PAGE)))
        groups = group.start(partial(reads.all, "groups", client.groups.list(limit=PAGE)))
    read_projects = _with_new(part.projects, projects.result, part.known)
    read_groups = _with_new(part.groups, groups.result, part.known)
    inner = _Inner(client, reads, None)
    await inner.read([*read_projects.values()], [*read_groups])
    return Snapshot(
        users=[],
        projects=read_projects,
        members=inner.members,
        keys=inner.keys,
        admin_keys=admin_keys.result,
        invites=invites.result,
        groups=read_groups,
        group_users=inner.group_users,
        unlisted=(),
        lacks_people=True,
        not_known=lacking(reads, _names([*read_projects.values(), *read_groups.values()])),
    )


def _with_new(
    known: Mapping[str, _Place], listed: Sequence[_Place], ids: frozenset[str]
) -> dict[str, _Place]:
    return {**{place.id: place for place in listed if place.id not in ids}, **known}


async def _asked(
    is_asked: bool, reads: Reads, kind: str, list_: Callable[..., AsyncPager[Any]]
) -> list[Any]:
    return await reads.all(kind, list_(limit=PAGE)) if is_asked else []


def _names(things: Sequence[Project | Group]) -> dict[str, str]:
    return {thing.id: thing.name or thing.id for thing in things}


def lacking(reads: Reads, names: Mapping[str, str]) -> tuple[str, ...]:
    """What reads did not get, with the reason: one text for each."""
    unread = (
        f"{count:,} of the {kind} could not be read"
        for kind, count in reads.unread.items()
        if count
    )
    return (*told(reads.not_known, names, most=_NAMED), *unread)


def _lacks(reads: Reads, kind: str) -> bool:
    return reads.unread[kind] > 0 or any(part.kind == kind for part in reads.not_known)


@attrs.define
class _Inner:
    """What is listed for each project and each group."""

    client: AdminResources[Async]
    reads: Reads
    tell: Told | None
    members: dict[str, list[ProjectUser]] = attrs.field(factory=dict)
    keys: dict[str, list[ProjectAPIKey]] = attrs.field(factory=dict)
    group_users: dict[str, list[GroupUser]] = attrs.field(factory=dict)
    unlisted: list[str] = attrs.field(factory=list)
    lacks_of_archived: list[str] = attrs.field(factory=list)
    done: int = 0

    async def read(self, projects: Sequence[Project], groups: Sequence[str]) -> None:
        # Nobody is in an archived project any more.
        active = [project.id for project in projects if project.status != "archived"]
        works: list[Callable[[], Awaitable[None]]] = [
            *(partial(self._keys, id) for id in active),
            *(partial(self._members, id) for id in active),
            *(partial(self._keys_of_archived, p) for p in projects if p.id not in active),
            *(partial(self._group, id) for id in groups),
        ]

        forecast = Forecast.of(
            {"keys": len(projects), "members": len(active), "groups": len(groups)}
        )

        async def one(work: Callable[[], Awaitable[None]]) -> None:
            await work()
            self.done += 1
            tell()

        def tell() -> None:
            if self.tell is not None:
                self.tell(Reading(done=self.done, forecast=forecast))

        tell()
        await each(works, one)

    async def _keys(self, id: str) -> None:
        found = await self.reads.listing(
            "keys of projects",
            self.client.projects.api_keys.list(id, limit=PAGE, owner_project_access="any"),
            project_id=id,
        )
        if found is not None:
            self.keys[id] = found

    async def _keys_of_archived(self, project: Project) -> None:
        """The keys of an archived project, which does not list them by rule."""
        reads = Reads(self.client._caller)
        listed = self.client.projects.api_keys.list(
            project.id, limit=PAGE, owner_project_access="any"
        )
        found = await reads.listing("keys of projects", listed, project_id=project.id)
        if found is not None:
            self.keys[project.id] = found
        name = project.name or project.id
        if any(part.status in _ARCHIVED for part in reads.not_known):
            self.unlisted.append(name)
        else:
            self.lacks_of_archived += lacking(reads, {project.id: name})

    async def _members(self, id: str) -> None:
        found = await self.reads.listing(
            "members of projects",
            self.client.projects.users.list(id, limit=PAGE),
            project_id=id,
        )
        if found is not None:
            self.members[id] = found

    async def _group(self, id: str) -> None:
        found = await self.reads.listing(
            "members of groups", self.client.groups.users.list(id, limit=_LONG), project_id=id
        )
        if found is not None:
            self.group_users[id] = found


def is_open(invite: Invite) -> bool:
    """Whether an invite can be accepted, as far as is known."""
    return invite.status not in ("accepted", "expired")


def is_direct(role: AssignedRole) -> bool:
    """Whether a role was assigned to the person, and not only to a group."""
    sources = role.assignment_sources
    return not sources or any(source.principal_type == "user" for source in sources)
