"""Who owns the organization besides those who leave: directly, by a role or through a group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.owners import owners_by_group
from ...directory.permissions import OWNER, makes_owner
from ...directory.reading import PAGE, Reads
from ...errors import APIError, NotFoundError
from ...resources.roles import AssignedRole
from ...resources.users.model import OrganizationUser
from .model import Person

_Client = AdminResources[Async]
_MOST_ASKED = 100
"""The most members of whom each is asked for the roles, where no other owner is found."""
_MOST_LOOKED_UP = 5
"""The most owners who are looked up one by one before all members are listed again."""


@attrs.frozen(kw_only=True)
class Owners:
    """Who owns the organization.

    Attributes:
        direct: the ids of those who stay and are owners by their own role.
        indirect: the ids of those who stay and own it through a group or an assigned role, as far
            as they had to be looked for.
        leaving: the ids of those who leave and own it through a group.
        is_direct_known: whether there are surely no others of the first.
        is_known: whether there are surely no others of either.
    """

    direct: tuple[str, ...] = ()
    indirect: tuple[str, ...] = ()
    leaving: frozenset[str] = frozenset()
    is_direct_known: bool = True
    is_known: bool = True

    def stay(self, *, directly: bool) -> bool | None:
        """Whether an owner stays; ``None`` where that is not known.

        Args:
            directly: whether only one by the own role counts, as the API wants one such: it is so
                where somebody leaves who is one.
        """
        if self.direct or (self.indirect and not directly):
            return True
        return False if (self.is_direct_known if directly else self.is_known) else None


def direct_owners(
    users: Iterable[OrganizationUser], leaving: Collection[str], *, lacks_people: bool
) -> Owners:
    """The owners by their own role who stay.

    Args:
        users: the members.
        leaving: the ids of those who go.
        lacks_people: whether members may be missing.
    """
    staying = [user for user in users if user.id not in leaving and _can_act(user)]
    is_known = not lacks_people and all(user.role is not None for user in staying)
    return Owners(
        direct=tuple(user.id for user in staying if user.role == OWNER),
        is_direct_known=is_known,
        is_known=is_known,
    )


async def owners(
    client: _Client,
    users: Sequence[OrganizationUser],
    leaving: Collection[str],
    *,
    lacks_people: bool,
) -> Owners:
    """The owners who stay; those by a group or an assigned role where there are no others.

    Args:
        client: an asynchronous client.
        users: the members.
        leaving: the ids of those who go.
        lacks_people: whether members may be missing.
    """
    direct = direct_owners(users, leaving, lacks_people=lacks_people)
    if direct.direct:
        return direct
    reads = Reads(client._caller)
    by_group = await owners_by_group(client, reads)
    staying = {user.id for user in users if user.id not in leaving and _can_act(user)}
    found = tuple(id for id in by_group if id in staying)
    is_known = direct.is_known
    if not found and len(staying) <= _MOST_ASKED:
        ids = sorted(staying)

        async def is_owner(id: str) -> bool:
            return makes_owners(
                await reads.all("roles of people", client.users.roles.list(id), project_id=id)
            )

        found = tuple(id for id, owns in zip(ids, await each(ids, is_owner), strict=True) if owns)
    elif not found:
        is_known = False
    return attrs.evolve(
        direct,
        indirect=found,
        leaving=frozenset(by_group).intersection(leaving),
        is_known=is_known and not reads.not_known and not any(reads.unread.values()),
    )


async def is_owned(
    client: _Client, known: Sequence[str], leaving: Collection[str], *, directly: bool
) -> bool | None:
    """Whether the organization has an owner now who stays; ``None`` where that is not known.

    Args:
        client: an asynchronous client.
        known: the ids of owners who were to stay; one request, where one of them still is one.
        leaving: the ids of those who go.
        directly: as of `Owners.stay`.
    """
    for id in known[:_MOST_LOOKED_UP]:
        try:
            user = await client.users.retrieve(id)
        except APIError:
            continue
        if user.role == OWNER and _can_act(user):
            return True
    reads = Reads(client._caller)
    try:
        users = await reads.listing("people", client.users.list(limit=PAGE))
        lacks = users is None or bool(reads.not_known) or reads.unread["people"] > 0
        if directly:
            found = direct_owners(users or (), leaving, lacks_people=lacks)
        else:
            found = await owners(client, users or (), leaving, lacks_people=lacks)
        return found.stay(directly=directly)
    except APIError:
        return None


@attrs.frozen(kw_only=True)
class Now:
    """What a member is by now; a plan may be old.

    Attributes:
        may_be_owner: whether it is an owner of the organization by the own role, or may be.
        is_scim_managed: whether an identity provider manages the membership.
    """

    may_be_owner: bool
    is_scim_managed: bool = False


async def read_now(client: _Client, id: str) -> Now:
    """What a member is by now."""
    try:
        user = await client.users.retrieve(id)
    except NotFoundError:
        return Now(may_be_owner=False)
    except APIError:
        return Now(may_be_owner=True)
    may_be_owner = user.role in (OWNER, None)
    return Now(may_be_owner=may_be_owner, is_scim_managed=bool(user.is_scim_managed))


def owns_directly(person: Person) -> bool:
    """Whether somebody is an owner by the own role, or may be."""
    return person.role in (OWNER, None)


def makes_owners(roles: Iterable[AssignedRole]) -> bool:
    """Whether some roles make an owner of the organization."""
    return any(
        makes_owner(r.id, r.name, r.permissions, is_predefined=bool(r.predefined_role))
        for r in roles
    )


def _can_act(user: OrganizationUser) -> bool:
    """Whether a member is a person who can use the account."""
    is_off = user.user is not None and (user.user.banned or user.user.enabled is False)
    return not (user.is_service_account or is_off)
