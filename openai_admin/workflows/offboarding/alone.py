"""The projects that would have no owner, or may have none, without those who go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from .facts import Facts
from .model import fold_key
from .owning_projects import ProjectOwners, RoleOwners, role_owners
from .snapshot import Snapshot


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


async def others_by_role(
    client: AdminResources[Async],
    snapshot: Snapshot,
    facts: Collection[Facts],
    leaving: Collection[str],
) -> dict[str, RoleOwners]:
    """Who owns projects by a role, of those that nobody who stays owns by the membership.

    Args:
        client: an asynchronous client.
        snapshot: the organization.
        facts: what those hold who go: of other projects nobody is looked for.
        leaving: the ids of all who go.
    """
    asked = sorted(
        id
        for id in snapshot.members
        if any(_may_own(snapshot, found, id) for found in facts)
        and not _owners_of(snapshot, id).stay(leaving)
    )

    async def ask(id: str) -> RoleOwners:
        owners = _owners_of(snapshot, id)
        return await role_owners(client, id, owners.others | owners.unsure, leaving)

    return dict(zip(asked, await each(asked, ask), strict=True))


def owned_alone(
    snapshot: Snapshot,
    facts: Facts,
    leaving: Collection[str],
    by_role: Mapping[str, RoleOwners],
) -> list[Alone]:
    """The projects that somebody owns and that would have no owner, or may have none.

    Args:
        snapshot: the organization.
        facts: what the person holds.
        leaving: the ids of all who go.
        by_role: the owners by a role, by the projects' ids, where they were looked for.
    """
    found = []
    ids = facts.person.ids
    for project_id in snapshot.members:
        owners = _owners_of(snapshot, project_id)
        is_own = not owners.ids.isdisjoint(ids)
        stays = owners.stay({*leaving, *ids}, by_role.get(project_id))
        if (is_own or project_id in facts.owned_by_role) and not stays:
            given = by_role.get(project_id)
            alone = Alone(
                id=project_id,
                name=snapshot.project_name(project_id),
                is_shared=not owners.ids | (given.ids if given else frozenset()) <= ids,
                role=None if is_own else facts.owned_by_role[project_id],
                is_sure=stays is False,
            )
            found.append(alone)
    return sorted(found, key=lambda alone: (fold_key(alone.name or ""), alone.id))


def perhaps_owned(
    snapshot: Snapshot,
    facts: Facts,
    leaving: Collection[str],
    by_role: Mapping[str, RoleOwners],
) -> Iterator[str]:
    """The projects that somebody may own and that may have no owner then; args as above."""
    for project_id in snapshot.members:
        owners = _owners_of(snapshot, project_id)
        is_own = not owners.ids.isdisjoint(facts.person.ids) or project_id in facts.owned_by_role
        stays = owners.stay({*leaving, *facts.person.ids}, by_role.get(project_id))
        if not is_own and _may_own(snapshot, facts, project_id) and not stays:
            yield project_id


def _may_own(snapshot: Snapshot, facts: Facts, project_id: str) -> bool:
    """Whether somebody owns a project, or may."""
    owners = _owners_of(snapshot, project_id)
    is_own = not (owners.ids | owners.unsure).isdisjoint(facts.person.ids)
    return is_own or project_id in facts.owned_by_role or project_id in facts.may_own


def _owners_of(snapshot: Snapshot, project_id: str) -> ProjectOwners:
    is_whole = project_id not in snapshot.lacks_members
    return ProjectOwners.of(snapshot.members[project_id], is_whole=is_whole)
