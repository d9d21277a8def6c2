"""What one person holds, found in the organization and asked for where that does not tell it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.permissions import makes_owner
from ...directory.reading import Reads
from ...errors import APIError, NotFoundError
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ...resources.projects.users import ProjectUser
from ...resources.roles import AssignedRole
from .holders import of_admin_key, of_project_key, unattributed
from .model import KINDS, Holding, Person, fold, fold_key
from .owning import ProjectOwners, is_no_owner, makes_owners
from .snapshot import Snapshot, is_direct, is_open, lacking
from .traces import Traces, traces_of

SCIM = "the identity provider manages it: remove them there"
ARCHIVED = "the project is archived: the key does not work, and cannot be deleted"
_IMPLIED = {"owner": {"owner", "reader", "member"}, None: {"owner", "reader", "member", "viewer"}}
"""The predefined roles that are a membership's own, by its role."""


@attrs.frozen(kw_only=True)
class Facts:
    """Everything that a plan is made of.

    Attributes:
        person: who is offboarded.
        holdings: what the person holds.
        traces: what the person made.
        not_known: what could not be looked at.
        owns: whether a role makes the person an owner of the organization.
        owned_by_role: the roles that make the person an owner of projects, by the projects' ids.
        unsure: the projects, by id, of which it is not known whether the person owns them alone;
            ``None`` stands for all, where projects could not be listed.
        inherited: the roles that the person has through something that stays, a text each.
    """

    person: Person
    holdings: tuple[Holding, ...]
    traces: Traces
    not_known: tuple[str, ...]
    owns: bool = False
    owned_by_role: Mapping[str, str] = attrs.field(factory=dict)
    unsure: frozenset[str | None] = frozenset()
    inherited: tuple[str, ...] = ()


async def facts_of(client: AdminResources[Async], snapshot: Snapshot, person: Person) -> Facts:
    """What a person holds: two requests, two for each of the person's projects, and a few more.

    Args:
        client: an asynchronous client.
        snapshot: the organization.
        person: who is offboarded.
    """
    reads = Reads(client._caller)
    asked = _Asked(client, reads, snapshot, person)
    await asked.memberships()
    async with TaskGroup() as group:
        roles = group.start(asked.roles)
        traces = group.start(partial(traces_of, client, reads, snapshot, person))
    held = [*_listed(snapshot, person), *asked.unlisted, *roles.result]
    names = {p.id: p.name or p.id for p in snapshot.projects.values()}
    return Facts(
        person=person,
        holdings=tuple(sorted(held, key=_place)),
        traces=traces.result,
        not_known=(
            *_membership_not_known(person),
            *snapshot.not_known,
            *unattributed(snapshot),
            *lacking(reads, names),
        ),
        owns=asked.owns,
        owned_by_role=asked.owned_by_role,
        unsure=frozenset(asked.unsure),
        inherited=tuple(dict.fromkeys(asked.inherited)),
    )


def _place(held: Holding) -> tuple[int, int, str, str, str]:
    """The place of a thing among all: the API's order differs from one read to the next."""
    name = held.name or held.project_name or ""
    most = -held.permissions
    return KINDS.index(held.kind), most, fold_key(name), held.id, held.project_id or ""


def _listed(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """What the organization's listings say that a person holds."""
    yield from admin_keys_of(snapshot, person)
    yield from project_keys_of(snapshot, person)
    yield from invites_of(snapshot, person)
    yield from memberships_of(snapshot, person)
    yield from groups_of(snapshot, person)
    if person.is_member and person.id is not None:
        stays = SCIM if person.is_scim_managed else None
        yield Holding(kind="membership", id=person.id, role=person.role, stays=stays)


def _membership_not_known(person: Person) -> Iterator[str]:
    if person.is_member is None:
        yield f"whether {person} is a member of the organization: that could not be looked up"


def listed_again(snapshot: Snapshot, person: Person) -> list[Holding]:
    """What a part of the organization, read again, says that a person holds."""
    return [
        *admin_keys_of(snapshot, person),
        *project_keys_of(snapshot, person),
        *invites_of(snapshot, person),
        *memberships_of(snapshot, person),
        *groups_of(snapshot, person),
    ]


def admin_keys_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's admin keys; the listing may have projects' keys too, which are found there."""
    of_projects = {key.id for keys in snapshot.keys.values() for key in keys}
    for key in snapshot.admin_keys:
        holder = of_admin_key(key)
        is_theirs = holder is not None and holder.is_person(person)
        if is_theirs and key.is_admin_key(of_projects) is not False:
            yield _key_held("admin_key", key)


def project_keys_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's keys in all projects."""
    for project_id, keys in snapshot.keys.items():
        archived = snapshot.is_archived(project_id)
        for key in keys:
            holder = of_project_key(key)
            if holder is not None and holder.is_person(person):
                held = _key_held("project_key", key)
                yield attrs.evolve(
                    held,
                    project_id=project_id,
                    project_name=snapshot.project_name(project_id),
                    stays=ARCHIVED if archived else None,
                )


def _key_held(kind: str, key: AdminAPIKey | ProjectAPIKey) -> Holding:
    return Holding(
        kind=kind,  # type: ignore[arg-type]
        id=key.id,
        name=key.name,
        redacted_value=key.redacted_value,
        last_used_at=key.last_used_at,
    )


def invites_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """The invites to a person's addresses that can still be accepted."""
    for invite in snapshot.invites:
        if (
            invite.email
            and person.has_address(invite.email)
            and is_open(invite)
            and not _is_of_another(snapshot, person, invite.email)
        ):
            yield Holding(kind="invite", id=invite.id, name=invite.email, role=invite.role)


def _is_of_another(snapshot: Snapshot, person: Person, address: str) -> bool:
    """Whether somebody else has a person's address now."""
    return any(
        user.email and fold(user.email, address) and user.id not in person.ids
        for user in snapshot.users
    )


def memberships_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's memberships in projects."""
    for project_id, members in snapshot.members.items():
        for member in members:
            if member.id in person.ids:
                yield _membership_held(member, project_id, snapshot.project_name(project_id))


def _membership_held(member: ProjectUser, project_id: str, name: str | None) -> Holding:
    return Holding(
        kind="project_membership",
        id=member.id,
        project_id=project_id,
        project_name=name,
        role=member.role,
    )


def groups_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's groups."""
    for group_id, users in snapshot.group_users.items():
        if any(user.id in person.ids for user in users):
            group = snapshot.groups[group_id]
            stays = SCIM if group.is_scim_managed else None
            yield Holding(kind="group", id=group_id, name=group.name, stays=stays)


@attrs.frozen(kw_only=True)
class Alone:
    """A project that would have no owner without those who go.

    Attributes:
        id: its id.
        name: its name.
        is_shared: whether others who own it go too.
        role: the role by which the person owns it; ``None`` where it is the membership's own.
        is_sure: whether there is surely no other owner.
    """

    id: str
    name: str | None
    is_shared: bool = False
    role: str | None = None
    is_sure: bool = True


def owned_alone(
    snapshot: Snapshot, person: Person, leaving: Collection[str], by_role: Mapping[str, str]
) -> list[Alone]:
    """The projects that would have no owner, or may have none, without those who go.

    Args:
        snapshot: the organization.
        person: who is offboarded.
        leaving: the ids of all who go.
        by_role: the roles by which the person owns projects, by the projects' ids.
    """
    found = []
    for project_id, members in snapshot.members.items():
        owners = _owners_of(snapshot, project_id, members)
        is_own = not owners.ids.isdisjoint(person.ids)
        stays = owners.stay({*leaving, *person.ids})
        if (is_own or project_id in by_role) and not stays:
            alone = Alone(
                id=project_id,
                name=snapshot.project_name(project_id),
                is_shared=not owners.ids <= person.ids,
                role=None if is_own else by_role[project_id],
                is_sure=stays is False,
            )
            found.append(alone)
    return sorted(found, key=lambda alone: (fold_key(alone.name or ""), alone.id))


def perhaps_owned(snapshot: Snapshot, person: Person, leaving: Collection[str]) -> Iterator[str]:
    """The projects that may have no owner without those who go, if the person's role makes one.

    Args:
        snapshot: the organization.
        person: who is offboarded.
        leaving: the ids of all who go.
    """
    for project_id, members in snapshot.members.items():
        owners = _owners_of(snapshot, project_id, members)
        may_be_own = not owners.unsure.isdisjoint(person.ids)
        if may_be_own and not owners.stay({*leaving, *person.ids}):
            yield project_id


def _owners_of(
    snapshot: Snapshot, project_id: str, members: Iterable[ProjectUser]
) -> ProjectOwners:
    return ProjectOwners.of(members, is_whole=project_id not in snapshot.lacks_members)


def keys_of_accounts(snapshot: Snapshot, projects: Iterable[str]) -> dict[str, list[str]]:
    """The service accounts that have keys in some projects, by project; each by its name or id."""
    found: dict[str, list[str]] = {}
    for project_id in projects:
        for key in snapshot.keys.get(project_id, ()):
            account = key.owner.service_account if key.owner is not None else None
            if account is not None:
                names = found.setdefault(project_id, [])
                if (name := account.name or account.id) not in names:
                    names.append(name)
    return found


@attrs.define
class _Asked:
    """What is asked for one person alone."""

    client: AdminResources[Async]
    reads: Reads
    snapshot: Snapshot
    person: Person
    unlisted: list[Holding] = attrs.field(factory=list)
    owns: bool = False
    owned_by_role: dict[str, str] = attrs.field(factory=dict)
    unsure: set[str | None] = attrs.field(factory=set)
    inherited: list[str] = attrs.field(factory=list)

    async def memberships(self) -> None:
        """Ask for the person in each project whose members could not all be listed."""
        if self.person.id is None or not self.person.is_member:
            return
        if self.snapshot.lacks_projects:
            self.unsure.add(None)
        active = [p for p in self.snapshot.projects.values() if p.status != "archived"]
        listed = {held.project_id for held in memberships_of(self.snapshot, self.person)}
        whole = self.snapshot.members.keys() - self.snapshot.lacks_members
        await each([p for p in active if p.id not in whole | listed], self._membership)

    async def _membership(self, project: Project) -> None:
        try:
            member = await self.client.projects.users.retrieve(project.id, self.person.id or "")
        except NotFoundError:
            return
        except APIError:  # why is told by the listing
            self.unsure.add(project.id)
            return
        self.unlisted.append(_membership_held(member, project.id, project.name))
        if not is_no_owner(member.role):
            self.unsure.add(project.id)

    async def roles(self) -> list[Holding]:
        """The roles that were assigned to the person directly."""
        person = self.person
        if person.id is None or not person.is_member:
            return []
        memberships = [*memberships_of(self.snapshot, person), *self.unlisted]
        found = await each(memberships, self._project_roles)
        listed = await self.reads.all(
            "roles of the person", self.client.users.roles.list(person.id)
        )
        self.owns = makes_owners(listed)
        self._note_inherited(listed, "the organization")
        held = [role for roles in found for role in roles]
        return [
            *held,
            *_assigned(listed, person.role, Holding(kind="organization_role", id="")),
        ]

    async def _project_roles(self, membership: Holding) -> list[Holding]:
        project_id = membership.project_id or ""
        listed = await self.reads.all(
            "roles of the person in projects",
            self.client.projects.users.roles.list(project_id, membership.id),
            project_id=project_id,
        )
        where = membership.project_name or project_id
        self._note_inherited(listed, where)
        for role in listed:
            if _makes_owner_of_project(role):
                self.owned_by_role.setdefault(project_id, role.name or role.id)
                if membership in self.unlisted:
                    self.unsure.add(project_id)
        return list(
            _assigned(
                listed, membership.role, attrs.evolve(membership, kind="project_role", role=None)
            )
        )

    def _note_inherited(self, roles: Iterable[AssignedRole], where: str) -> None:
        """Keep the roles that the person has through a group which stays."""
        for role in roles:
            sources = role.assignment_sources or ()
            groups = [self.snapshot.groups.get(source.principal_id or "") for source in sources]
            for group in groups:
                if group is not None and group.is_scim_managed:
                    self.inherited.append(
                        f'"{role.name or role.id}" in {where} through the group'
                        f' "{group.name or group.id}"'
                    )


def _makes_owner_of_project(role: AssignedRole) -> bool:
    return makes_owner(
        role.id,
        role.name,
        role.permissions,
        is_predefined=bool(role.predefined_role),
        of_project=True,
    )


def _assigned(roles: Iterable[AssignedRole], own: str | None, like: Holding) -> Iterator[Holding]:
    """The roles that are neither inherited from a group nor the membership's own."""
    implied = {own, *(_IMPLIED.get(own, ()))}
    for role in roles:
        if not is_direct(role) or (role.predefined_role and role.name in implied):
            continue
        yield attrs.evolve(
            like,
            id=role.id,
            name=role.name,
            permissions=len(role.permissions or ()),
            manages=makes_owners([role]),
        )
