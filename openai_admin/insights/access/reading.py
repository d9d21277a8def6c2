"""Reading what says who can do what: in few requests, of which one that is refused costs itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.owners import MOST_PEOPLE
from ...directory.reading import PAGE, Reads
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.groups import Group
from ...resources.groups.users import GroupUser
from ...resources.projects.users import ProjectUser
from . import made
from .facts import (
    Assignment,
    InviteFact,
    KeyFact,
    Person,
    ProjectFact,
    ProjectMember,
    RoleFact,
    ServiceAccountFact,
)
from .forecast import Forecast, OnForecast
from .roles import covers_membership, is_usual, role_of

LONG_PAGE = 1000
"""The most items that a page of roles, groups or their users has."""


Works = list[Callable[[], Awaitable[None]]]


@attrs.define
class Reading:
    """One reading under way. Its steps fill it; `assembling` makes facts of what came.

    Attributes:
        client: an asynchronous client.
        reads: keeps what is refused or cannot be read.
        project_ids: the projects to read; ``None`` for all.
        matters: whether a role can matter to what is asked, so that it must be known who has it.
        is_whole: whether all is asked for, also what no role gives.
        is_thorough: whether people are asked for each role that may matter, also for OpenAI's own.
        on_forecast: receives what is about to be sent.
    """

    client: AdminResources[Async]
    reads: Reads
    project_ids: Sequence[str] | None
    matters: Callable[[RoleFact], bool]
    is_whole: bool
    is_thorough: bool = False
    on_forecast: OnForecast | None = None
    assumed_in: set[str | None] = attrs.field(factory=set)
    people: list[Person] = attrs.field(factory=list)
    are_people_known: bool = False
    elsewhere: dict[str, GroupUser | ProjectUser] = attrs.field(factory=dict)
    roles: dict[str | None, list[RoleFact] | None] = attrs.field(factory=dict)
    groups: list[Group] = attrs.field(factory=list)
    members_of_groups: dict[str, list[GroupUser]] = attrs.field(factory=dict)
    groups_of_projects: dict[str, list[str]] = attrs.field(factory=dict)
    projects: list[ProjectFact] = attrs.field(factory=list)
    are_projects_read: bool = False
    members: list[ProjectMember] = attrs.field(factory=list)
    assignments: list[Assignment] = attrs.field(factory=list)
    accounts: list[ServiceAccountFact] = attrs.field(factory=list)
    keys: list[KeyFact] = attrs.field(factory=list)
    key_ids: dict[str, set[str]] = attrs.field(factory=dict)
    admin_keys: list[AdminAPIKey] = attrs.field(factory=list)
    invites: list[InviteFact] = attrs.field(factory=list)

    async def all(self) -> None:
        """Read all that is asked for.

        Raises:
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        await self.organization()
        self.reads.check()
        self._foretell(self._counted())
        ids = [project.id for project in self.projects]
        of_roles: Works = [partial(self.roles_of_project, id) for id in ids]
        of_roles += (partial(self.roles_of_group, group.id) for group in self.groups)
        await _all(of_roles)
        of_projects = [part for id in ids for part in self._parts_of(id)]
        await _all([*of_projects, *self._roles_of_people()])
        in_projects = self._roles_in_projects()
        if in_projects:
            self._foretell({"roles in projects": len(in_projects)})
        await _all(in_projects)
        await _all([partial(self.users_of_group, id) for id in self._groups_to_open()])

    async def organization(self) -> None:
        """Read the listings of the organization."""
        client, reads = self.client, self.reads
        async with TaskGroup() as work:
            people = work.start(
                lambda: reads.listing("people", client.users.list(limit=PAGE), completely=False)
            )
            groups = work.start(lambda: reads.all("groups", client.groups.list(limit=LONG_PAGE)))
            work.start(self.roles_of_organization)
            work.start(self.listed_projects)
            keys = work.start(
                lambda: reads.all("admin keys", client.admin_api_keys.list(limit=PAGE))
            )
            if self.is_whole and self.project_ids is None:
                work.start(self._invites)
        self.are_people_known = people.result is not None
        self.people = [made.person(user) for user in people.result or ()]
        self.groups = groups.result
        self.admin_keys = keys.result

    async def roles_of_organization(self) -> None:
        """Read the roles of the organization."""
        listed = await self.reads.listing("roles", self.client.roles.list(limit=LONG_PAGE))
        self.roles[None] = None if listed is None else [made.role(of, None) for of in listed]

    async def listed_projects(self) -> None:
        """Read the projects that are not archived, of those that are asked for."""
        if self.project_ids == ():
            return
        listed = await self.reads.all("projects", self.client.projects.list(limit=PAGE))
        self.are_projects_read = True
        wanted = self.project_ids
        self.projects = [made.project(p) for p in listed if wanted is None or p.id in wanted]
        there = {project.id for project in self.projects}
        # Where the listing is refused, what is asked for by its id can be read nevertheless.
        self.projects += (
            ProjectFact(id=id)
            for id in wanted or ()
            if id not in there and any(p.kind == "projects" for p in self.reads.not_known)
        )

    async def roles_of_project(self, id: str) -> None:
        """Read the roles of a project."""
        listed = await self.reads.listing(
            "roles of projects",
            self.client.projects.roles.list(id, limit=LONG_PAGE),
            project_id=id,
        )
        self.roles[id] = None if listed is None else [made.role(of, id) for of in listed]

    async def roles_of_group(self, id: str) -> None:
        """Read the roles that a group has in the organization."""
        listed = await self.reads.all(
            "roles of groups", self.client.groups.roles.list(id, limit=LONG_PAGE), project_id=id
        )
        self.assignments += (made.assignment(of, "group", id, None) for of in listed)

    async def users_of_group(self, id: str) -> None:
        """Read the users of a group."""
        listed = await self.reads.listing(
            "members of groups", self.client.groups.users.list(id, limit=LONG_PAGE), project_id=id
        )
        if listed is not None:
            self.members_of_groups[id] = listed
            self.elsewhere.update((user.id, user) for user in listed)

    async def roles_of_person(self, person: Person) -> None:
        """Read the roles that a person has in the organization."""
        listed = await self.reads.all(
            "roles of people",
            self.client.users.roles.list(person.id, limit=LONG_PAGE),
            project_id=person.id,
        )
        self.assignments += (
            given
            for given in (made.assignment(of, "user", person.id, None) for of in listed)
            if not covers_membership(person.role, given)
        )

    async def members_of(self, id: str) -> None:
        """Read the members of a project."""
        listed = await self.reads.all(
            "members of projects", self.client.projects.users.list(id, limit=PAGE), project_id=id
        )
        self.members += (made.member(of, id) for of in listed)
        self.elsewhere.update((user.id, user) for user in listed)

    async def groups_of(self, id: str) -> None:
        """Read the groups that have access to a project."""
        listed = await self.reads.all(
            "groups of projects", self.client.projects.groups.list(id, limit=PAGE), project_id=id
        )
        self.groups_of_projects[id] = [of.group_id for of in listed]

    async def accounts_of(self, id: str) -> None:
        """Read the service accounts of a project."""
        listed = await self.reads.all(
            "service accounts",
            self.client.projects.service_accounts.list(id, limit=PAGE),
            project_id=id,
        )
        self.accounts += (made.service_account(of, id) for of in listed)

    async def personal_keys_of(self, id: str) -> None:
        """Read the keys of a project without those of service accounts."""
        await self.keys_of(id)
        self.keys = [
            key for key in self.keys if key.project_id != id or key.owner_type != "service_account"
        ]

    async def keys_of(self, id: str) -> None:
        """Read the keys of a project, also those of people who are not in it any more."""
        listed = await self.reads.all(
            "keys of projects",
            self.client.projects.api_keys.list(id, limit=PAGE, owner_project_access="any"),
            project_id=id,
        )
        self.key_ids[id] = {key.id for key in listed}
        self.keys += (made.key(of, id) for of in listed)

    async def roles_of_group_in(self, project_id: str, group_id: str) -> None:
        """Read the roles that a group has in a project."""
        listed = await self.reads.all(
            "roles of groups in projects",
            self.client.projects.groups.roles.list(project_id, group_id, limit=LONG_PAGE),
            project_id=project_id,
        )
        self.assignments += (made.assignment(of, "group", group_id, project_id) for of in listed)

    async def roles_of_member(self, member: ProjectMember) -> None:
        """Read the roles that a member of a project has in it."""
        listed = await self.reads.all(
            "roles of people in projects",
            self.client.projects.users.roles.list(
                member.project_id, member.user_id, limit=LONG_PAGE
            ),
            project_id=member.project_id,
        )
        given = (made.assignment(of, "user", member.user_id, member.project_id) for of in listed)
        self.assignments += (each for each in given if not covers_membership(member.role, each))

    async def _invites(self) -> None:
        listed = await self.reads.all("invites", self.client.invites.list(limit=PAGE))
        self.invites += (made.invite(of) for of in listed if of.status == "pending")

    def _is_open(self, place: str | None) -> bool:
        """Whether each person must be asked for, since a role there may matter of which membership
        does not say who has it.
        """
        roles = self.roles.get(place)
        if roles is None:
            return True
        matter = [role for role in roles if self.matters(role)]
        is_cheap = place is None and len(self.people) <= MOST_PEOPLE
        is_open = self.is_thorough or is_cheap or not all(map(is_usual, matter))
        if matter and not is_open:
            self.assumed_in.add(place)
        return bool(matter) and is_open

    def _can_matter(self, place: str) -> bool:
        """Whether any role of a project may matter."""
        roles = self.roles.get(place)
        return self.is_whole or roles is None or any(map(self.matters, roles))

    def _parts_of(self, id: str) -> Works:
        """What is read of a project besides its roles."""
        if self._can_matter(id):
            steps = (self.members_of, self.groups_of, self.accounts_of, self.keys_of)
            return [partial(step, id) for step in steps]
        return [partial(self.personal_keys_of, id)]  # those of who has left may do anything

    def _roles_of_people(self) -> Works:
        if not self._is_open(None):
            return []
        return [partial(self.roles_of_person, person) for person in self.people]

    def _roles_in_projects(self) -> Works:
        works: Works = [
            partial(self.roles_of_group_in, id, group_id)
            for id, groups in self.groups_of_projects.items()
            for group_id in groups
        ]
        are_open = {id: self._is_open(id) for id in {m.project_id for m in self.members}}
        works += (
            partial(self.roles_of_member, member)
            for member in self.members
            if are_open[member.project_id]
        )
        return works

    def _groups_to_open(self) -> list[str]:
        """The groups whose users must be known."""
        listed = [group.id for group in self.groups]
        if self.is_whole:
            return listed
        matter = {
            (role.project_id, role.id)
            for roles in self.roles.values()
            for role in roles or ()
            if self.matters(role)
        }
        having = {
            given.principal_id
            for given in self.assignments
            if given.principal_type == "group"
            and ((given.project_id, given.role_id) in matter or self.matters(role_of(given)))
        }
        return [id for id in dict.fromkeys([*listed, *sorted(having)]) if id in having]

    def _counted(self) -> Counter[str]:
        """About how many requests the listings of the organization lead to."""
        projects, groups = len(self.projects), len(self.groups)
        parts = ("roles", "members", "groups", "service accounts", "keys")
        counted = Counter({f"{part} of projects": projects for part in parts})
        counted.update({"roles of groups": groups, "users of groups": groups})
        counted["roles of people"] = len(self._roles_of_people())
        return counted

    def _foretell(self, counted: dict[str, int]) -> None:
        if self.on_forecast is not None:
            self.on_forecast(Forecast.of(counted))


async def _all(works: Sequence[Callable[[], Awaitable[None]]]) -> None:
    await each(works, lambda work: work())
