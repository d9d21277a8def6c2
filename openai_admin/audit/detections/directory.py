"""What detections may know of the organization beside its log, read in few requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup
from ..._tree import AdminResources
from ...directory.not_known import not_read, told
from ...directory.permissions import covers, makes_owner
from ...directory.reading import PAGE, Reads
from ...resources.roles import Role
from ...resources.users.model import OrganizationUser
from .domains import PUBLIC_DOMAINS
from .model import Directory
from .settings import Settings

_LONG_PAGE = 1000  # the most items that a page of roles has
_POWERFUL = ("api.management.write", "api.project.write", "api.mtls.write")
"""What changes access, keys and settings; a wildcard that covers one is as powerful."""

_SHARE = 0.1  # of the members, and
_MEMBERS = 3  # so many, have the address of a domain that is the organization's


@attrs.frozen(kw_only=True)
class Known:
    """What was read of the organization.

    Attributes:
        directory: what detections may know.
        users: its members; ``None`` where they are not known.
        notes: what was learned and decides something, a sentence each.
    """

    directory: Directory
    users: tuple[OrganizationUser, ...] | None = None
    notes: tuple[str, ...] = ()


async def read_directory(client: AdminResources[Async], settings: Settings) -> Known:
    """Read roles, members and admin keys: three listings, whatever the organization's size.

    Args:
        client: an asynchronous client.
        settings: has the organization's domains, where it says them.

    Raises:
        AuthenticationError: the key is wrong.
    """
    reads = Reads(client._caller)
    async with TaskGroup() as work:
        roles_read = work.start(lambda: reads.all("roles", client.roles.list(limit=_LONG_PAGE)))
        users_read = work.start(lambda: reads.listing("people", client.users.list(limit=PAGE)))
        keys_read = work.start(
            lambda: reads.all("admin keys", client.admin_api_keys.list(limit=PAGE))
        )
    roles, users, keys = roles_read.result, users_read.result, keys_read.result
    domains, notes = settings.domains, tuple[str, ...]()
    if not domains and users is not None:
        domains, notes = _learned(users)
    owners = {
        key.id: key.owner.id for key in keys if key.owner is not None and key.owner.id is not None
    }
    directory = Directory(
        domains=domains,
        owner_roles=frozenset(role.id for role in roles if _is_owner(role)),
        powerful_roles={role.id: can for role in roles if (can := _can(role))},
        emails={user.id: user.email for user in users or () if user.email},
        names={thing.id: thing.name for thing in (*roles, *keys, *(users or ())) if thing.name},
        key_owners=owners,
        not_known=told((*reads.not_known, *not_read(reads.unread)), {}),
    )
    return Known(directory=directory, users=None if users is None else tuple(users), notes=notes)


def _is_owner(role: Role) -> bool:
    return makes_owner(
        role.id, role.name, role.permissions, is_predefined=bool(role.predefined_role)
    )


def _can(role: Role) -> str:
    """What a role can change, in words; nothing where it changes nothing of weight."""
    can = [
        held
        for held in role.permissions or ()
        if any(covers(held, powerful) for powerful in _POWERFUL)
    ]
    return ", ".join(can) or ("everything" if _is_owner(role) else "")


def _learned(users: Iterable[OrganizationUser]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The domains that are the organization's, by its members' addresses."""
    count = Counter(
        user.email.rpartition("@")[2].strip().lower()
        for user in users
        if user.email and "@" in user.email and not user.is_service_account
    )
    if not count:
        return frozenset(), ()
    members = count.total()
    (first, _), *_ = count.most_common(1)
    own = {first} | {
        domain
        for domain, number in count.items()
        if number >= max(_MEMBERS, _SHARE * members) and domain not in PUBLIC_DOMAINS
    }
    covered = sum(count[domain] for domain in own)
    listed = ", ".join(sorted(own, key=lambda domain: -count[domain]))
    note = (
        f"Addresses of {listed} are taken for the organization's own, since {covered:,} of"
        f" {members:,} members have one; `domains` in the settings says it better."
    )
    return frozenset(own), (note,)
