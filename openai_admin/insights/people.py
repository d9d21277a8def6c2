"""Who should be asked whether they still need their access."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta

import attrs

from .._wire.portable import Portable
from ..directory.permissions import OWNER
from ..resources.admin_api_keys import AdminAPIKey
from ..resources.invites import Invite
from ..resources.users.model import OrganizationUser
from .defaults import PENDING_DAYS, STALE_DAYS
from .periods import utc


@attrs.frozen(kw_only=True)
class InactiveOwner(Portable):
    """An owner of the organization who shows no sign of activity.

    Attributes:
        user_id: the owner's id.
        name: the owner's name.
        email: the owner's address.
        added_at: when the owner joined; ``None`` where the API does not say.
        last_seen_at: the latest sign of activity; ``None`` if there never was one.
        inactive_days: whole days since then, or since the owner joined.
    """

    user_id: str
    name: str | None
    email: str | None
    added_at: datetime | None
    last_seen_at: datetime | None
    inactive_days: int


def inactive_owners(
    users: Iterable[OrganizationUser],
    *,
    now: datetime,
    days: int = STALE_DAYS,
    admin_keys: Iterable[AdminAPIKey] = (),
    last_seen: Mapping[str, datetime] | None = None,
    owners: Container[str] = (),
) -> tuple[InactiveOwner, ...]:
    """Owners without a sign of activity for more than so many days, the longest inactive first.

    A sign is the use of a key (`api_key_last_used_at`, or one listed with the admin keys) or
    whatever `last_seen` contains, such as the owner's latest event in the audit log. The API does
    not report logins or visits to the dashboard unless the audit log is switched on, so an owner
    found here may still be active: ask before you remove a role. One who joined
    less than so many days ago is not found, nor is one of whom too little is known to say: neither
    when they joined nor any sign, or a sign that cannot be read.
    """
    limit = utc(now) - timedelta(days=days)
    signs: dict[str, datetime] = dict(last_seen or {})
    unclear = {user.id for user in users if user.is_unread("api_key_last_used_at")}
    for key in admin_keys:
        owner = key.owner.id if key.owner is not None else None
        if owner is not None and key.last_used_at is not None:
            signs[owner] = max(key.last_used_at, signs.get(owner, key.last_used_at))
        elif owner is not None and key.is_unknown("last_used_at"):
            unclear.add(owner)
    found = []
    for user in users:
        seen = [s for s in (user.api_key_last_used_at, signs.get(user.id)) if s is not None]
        latest = max([*seen, *([user.added_at] if user.added_at else [])], default=None)
        if (user.role != OWNER and user.id not in owners) or user.id in unclear:
            continue
        if latest is not None and latest < limit:
            found.append(
                InactiveOwner(
                    user_id=user.id,
                    name=user.name,
                    email=user.email,
                    added_at=user.added_at,
                    last_seen_at=max(seen, default=None),
                    inactive_days=(now - latest).days,
                )
            )
    return tuple(sorted(found, key=lambda owner: (-owner.inactive_days, owner.user_id)))


@attrs.frozen(kw_only=True)
class PendingInvite(Portable):
    """An invite that has been pending for a long time.

    Attributes:
        invite_id: its id.
        email: the address it was sent to; ``None`` where the API does not say.
        role: the role in the organization that it would grant.
        created_at: when it was sent.
        expires_at: when it can no longer be accepted; ``None`` where the API does not say.
        pending_days: whole days since it was sent.
    """

    invite_id: str
    email: str | None
    role: str | None
    created_at: datetime
    expires_at: datetime | None
    pending_days: int


def pending_invites(
    invites: Iterable[Invite], *, now: datetime, days: int = PENDING_DAYS
) -> tuple[PendingInvite, ...]:
    """Invites that have been ``pending`` for more than so many days, the oldest first.

    Until it expires, whoever can read that mailbox can still join; accepted and expired invites
    are not found.
    """
    limit = utc(now) - timedelta(days=days)
    found = [
        PendingInvite(
            invite_id=invite.id,
            email=invite.email,
            role=invite.role,
            created_at=invite.created_at,
            expires_at=invite.expires_at,
            pending_days=(now - invite.created_at).days,
        )
        for invite in invites
        if invite.status == "pending"
        and invite.created_at is not None
        and invite.created_at < limit
    ]
    return tuple(sorted(found, key=lambda invite: (invite.created_at, invite.invite_id)))
