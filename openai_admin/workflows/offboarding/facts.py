"""What one person holds, found in the organization and asked for where that does not tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.reading import Reads
from ...errors import APIError, NotFoundError
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.projects import Project
from ...resources.projects.api_keys import ProjectAPIKey
from ...resources.projects.users import ProjectUser
from ...resources.roles import AssignedRole
from .holders import of_admin_key, of_project_key, unattributed
from .model import KINDS, Holding, Person, fold, fold_key
from .owning import makes_owners
from .owning_projects import is_no_owner, makes_owner_of_project
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
        may_own: the projects, by id, of which the person may be an owner by a role: which they
            have could not be read.
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
    may_own: frozenset[str] = frozenset()
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
        may_own=frozenset(asked.may_own),
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
    may_own: set[str] = attrs.field(factory=set)
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
        kind = "roles of the person in projects"
        read = await self.reads.listing(
            kind,
            self.client.projects.users.roles.list(project_id, membership.id),
            project_id=project_id,
        )
        if read is None or (kind, project_id) in self.reads.incomplete:
            self.may_own.add(project_id)
        listed = read or []
        where = membership.project_name or project_id
        self._note_inherited(listed, where)
        for role in listed:
            if makes_owner_of_project(role):
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


def _assigned(roles: Iterable[AssignedRole], own: str | None, like: Holding) -> Iterator[Holding]:
    """The roles that are neither inherited from a group nor the membership's own."""
    of_project = like.kind == "project_role"
    implied = {own, *(_IMPLIED.get(own, ()))}
    for role in roles:
        if not is_direct(role) or (role.predefined_role and role.name in implied):
            continue
        yield attrs.evolve(
            like,
            id=role.id,
            name=role.name,
            permissions=len(role.permissions or ()),
            manages=makes_owner_of_project(role) if of_project else makes_owners([role]),
        )
