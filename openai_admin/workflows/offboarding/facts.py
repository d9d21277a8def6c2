"""What one person holds, found in the organization and asked for where that does not tell it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from ...resources.admin_api_keys import AdminAPIKey
from ...resources.audit_logs.model import AuditLog
from ...resources.invites import Invite
from ...resources.projects.api_keys import ProjectAPIKey
from ...resources.projects.service_accounts import ProjectServiceAccount
from ...resources.roles import AssignedRole
from .model import KINDS, Holding, Person, fold
from .snapshot import Snapshot, lacking

SCIM = "the identity provider manages it: remove them there"
ARCHIVED = "the project is archived: the key does not work, and cannot be deleted"
_IMPLIED = {"owner": {"owner", "reader", "member"}, None: {"owner", "reader", "member", "viewer"}}
"""The predefined roles that are a membership's own, by its role."""


@attrs.frozen(kw_only=True)
class Traces:
    """What the audit log knows that somebody made.

    Attributes:
        accounts: service accounts that are still there, each with its project: ``"etl" in Data``.
        certificates: certificates that are still there, by name or id.
    """

    accounts: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Facts:
    """Everything that a plan is made of.

    Attributes:
        person: who is offboarded.
        holdings: what the person holds.
        traces: what the person made.
        not_known: what could not be looked at.
    """

    person: Person
    holdings: tuple[Holding, ...]
    traces: Traces
    not_known: tuple[str, ...]


async def facts_of(client: AdminResources[Async], snapshot: Snapshot, person: Person) -> Facts:
    """What a person holds: two requests, two for each of the person's projects, and a few more.

    Args:
        client: an asynchronous client.
        snapshot: the organization.
        person: who is offboarded.
    """
    reads = Reads(client._caller)
    asked = _Asked(client, reads, snapshot, person)
    async with TaskGroup() as group:
        roles = group.start(asked.roles)
        traces = group.start(asked.traces)
    held = [*_listed(snapshot, person), *roles.result]
    names = {p.id: p.name or p.id for p in snapshot.projects.values()}
    return Facts(
        person=person,
        holdings=tuple(sorted(held, key=lambda thing: KINDS.index(thing.kind))),
        traces=traces.result,
        not_known=(*snapshot.not_known, *lacking(reads, names)),
    )


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
        owner = key.owner.id if key.owner is not None else None
        if owner in person.ids and key.is_admin_key(of_projects) is not False:
            yield _key_held("admin_key", key)


def project_keys_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's keys in all projects."""
    for project_id, keys in snapshot.keys.items():
        archived = snapshot.is_archived(project_id)
        for key in keys:
            if _is_owner(person, key):
                held = _key_held("project_key", key)
                yield attrs.evolve(
                    held,
                    project_id=project_id,
                    project_name=snapshot.project_name(project_id),
                    stays=ARCHIVED if archived else None,
                )


def _is_owner(person: Person, key: ProjectAPIKey) -> bool:
    owner = key.owner.user if key.owner is not None else None
    return owner is not None and owner.id in person.ids


def _key_held(kind: str, key: AdminAPIKey | ProjectAPIKey) -> Holding:
    return Holding(
        kind=kind,  # type: ignore[arg-type]
        id=key.id,
        name=key.name,
        redacted_value=key.redacted_value,
        last_used_at=key.last_used_at,
    )


def invites_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """The invites to a person's address that can still be accepted."""
    address = person.email
    if address is None or _is_of_another(snapshot, person, address):
        return
    for invite in snapshot.invites:
        if invite.email and fold(invite.email, address) and is_open(invite):
            yield Holding(kind="invite", id=invite.id, name=invite.email, role=invite.role)


def _is_of_another(snapshot: Snapshot, person: Person, address: str) -> bool:
    """Whether somebody else has a person's address now."""
    return any(
        user.email and fold(user.email, address) and user.id not in person.ids
        for user in snapshot.users
    )


def is_open(invite: Invite) -> bool:
    """Whether an invite can be accepted, as far as is known."""
    return invite.status not in ("accepted", "expired")


def memberships_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's memberships in projects."""
    for project_id, members in snapshot.members.items():
        for member in members:
            if member.id in person.ids:
                yield Holding(
                    kind="project_membership",
                    id=member.id,
                    project_id=project_id,
                    project_name=snapshot.project_name(project_id),
                    role=member.role,
                )


def groups_of(snapshot: Snapshot, person: Person) -> Iterator[Holding]:
    """A person's groups."""
    for group_id, users in snapshot.group_users.items():
        if any(user.id in person.ids for user in users):
            group = snapshot.groups[group_id]
            stays = SCIM if group.is_scim_managed else None
            yield Holding(kind="group", id=group_id, name=group.name, stays=stays)


def other_owners(snapshot: Snapshot, leaving: Collection[str]) -> int | None:
    """How many owners the organization keeps; ``None`` where none is known, but may be there.

    Args:
        snapshot: the organization.
        leaving: the ids of those who go.
    """
    count = sum(
        user.role == "owner"
        and user.id not in leaving
        and not user.is_service_account
        and not (user.user is not None and (user.user.banned or user.user.enabled is False))
        for user in snapshot.users
    )
    return None if not count and snapshot.lacks_people else count


def owned_alone(
    snapshot: Snapshot, person: Person, leaving: Collection[str]
) -> list[tuple[str, str | None]]:
    """The projects, by id and name, that would have no owner without those who go."""
    found = []
    for project_id, members in snapshot.members.items():
        owners = {member.id for member in members if member.role == "owner"}
        if not owners.isdisjoint(person.ids) and owners <= {*leaving, *person.ids}:
            found.append((project_id, snapshot.project_name(project_id)))
    return found


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


@attrs.frozen
class _Asked:
    """What is asked for one person alone."""

    client: AdminResources[Async]
    reads: Reads
    snapshot: Snapshot
    person: Person

    async def roles(self) -> list[Holding]:
        """The roles that were assigned to the person directly, those that grant most first."""
        person = self.person
        if person.id is None or not person.is_member:
            return []
        memberships = list(memberships_of(self.snapshot, person))
        found = await each(memberships, self._project_roles)
        listed = await self.reads.all(
            "roles of the person", self.client.users.roles.list(person.id)
        )
        held = [role for roles in found for role in roles]
        held += _assigned(listed, person.role, Holding(kind="organization_role", id=""))
        return sorted(held, key=lambda role: -role.permissions)

    async def _project_roles(self, membership: Holding) -> list[Holding]:
        project_id = membership.project_id or ""
        listed = await self.reads.all(
            "roles of the person in projects",
            self.client.projects.users.roles.list(project_id, membership.id),
            project_id=project_id,
        )
        return list(
            _assigned(
                listed, membership.role, attrs.evolve(membership, kind="project_role", role=None)
            )
        )

    async def traces(self) -> Traces:
        """What the audit log says that the person made, and is still there."""
        ids = sorted(self.person.ids)
        if not ids:
            return Traces()
        events = await self.reads.all(
            "the audit log, for service accounts and certificates that they made",
            self.client.audit_logs.list(
                actor_ids=ids,
                event_types=["service_account.created", "certificate.created"],
                limit=PAGE,
            ),
        )
        made = {id: event for event in events if (id := _made(event)) is not None}
        return Traces(
            accounts=tuple(await self._accounts(made)),
            certificates=tuple(await self._certificates(made)),
        )

    async def _accounts(self, made: dict[str, AuditLog]) -> list[str]:
        of: dict[str, list[str]] = {}
        for id, event in made.items():
            project = event.project.id if event.project is not None else None
            if event.type == "service_account.created" and project is not None:
                of.setdefault(project, []).append(id)
        active = [id for id in of if not self.snapshot.is_archived(id)]
        listed = await each(active, self._accounts_of)
        found = []
        for project_id, accounts in zip(active, listed, strict=True):
            where = self.snapshot.project_name(project_id) or project_id
            names = {account.id: account.name or account.id for account in accounts or ()}
            for id in of[project_id]:
                if accounts is None:
                    found.append(f"{id} in {where} (if it is still there)")
                elif id in names:
                    found.append(f'"{names[id]}" in {where}')
        return found

    async def _accounts_of(self, project_id: str) -> Sequence[ProjectServiceAccount] | None:
        return await self.reads.listing(
            "service accounts",
            self.client.projects.service_accounts.list(project_id, limit=PAGE),
            project_id=project_id,
        )

    async def _certificates(self, made: dict[str, AuditLog]) -> list[str]:
        ids = {id for id, event in made.items() if event.type == "certificate.created"}
        if not ids:
            return []
        listed = await self.reads.all("certificates", self.client.certificates.list(limit=PAGE))
        return [f'"{c.name}"' if c.name else c.id for c in listed if c.id in ids]


def _made(event: AuditLog) -> str | None:
    id = getattr(event.payload, "id", None)
    return id if isinstance(id, str) else None


def _assigned(roles: Iterable[AssignedRole], own: str | None, like: Holding) -> Iterator[Holding]:
    """The roles that are neither inherited from a group nor the membership's own."""
    implied = {own, *(_IMPLIED.get(own, ()))}
    for role in roles:
        if role.assignment_sources or (role.predefined_role and role.name in implied):
            continue
        yield attrs.evolve(
            like, id=role.id, name=role.name, permissions=len(role.permissions or ())
        )
