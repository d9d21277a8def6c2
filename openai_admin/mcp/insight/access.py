"""The question who should be asked whether they still need their access."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import attrs
from typing_extensions import Doc

from ..._declare.arguments import Range
from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...errors import PermissionDeniedError
from ...insights import InactiveOwner, PendingInvite, inactive_owners, pending_invites
from ..progress import say
from ..texts import counted, quoted
from ..tool import Answer
from .keys import allowed
from .question import Most, question

InactiveDays = Annotated[
    int,
    Range(1, 3650),
    Doc("Days without a sign of activity after which an owner counts as inactive."),
]
PendingDays = Annotated[
    int, Range(1, 3650), Doc("Days after which an invite that nobody accepted counts as pending.")
]


@attrs.frozen(kw_only=True)
class Owner:
    """An owner of the organization, who may do everything."""

    user_id: str
    name: str | None
    email: str | None
    added_on: str


@attrs.frozen(kw_only=True)
class Quiet(Owner):
    """An owner without a sign of activity."""

    last_seen_on: str | None
    inactive_days: int


@attrs.frozen(kw_only=True)
class Pending:
    """An invite that nobody has accepted."""

    invite_id: str
    email: str
    role: str | None
    sent_on: str
    pending_days: int


@attrs.frozen(kw_only=True)
class AccessReview:
    """Who has access that should be looked at.

    Attributes:
        people: how many members there are.
        owners: those who may do everything.
        owner_count: how many they are.
        inactive_owners: owners who used no key and are not in the audit log.
        pending_invites: through which somebody can still join.
        not_looked_at: what the server's key may not read.
    """

    people: int
    owner_count: int
    owners: list[Owner]
    inactive_owners: list[Quiet]
    pending_invites: list[Pending]
    not_looked_at: list[str]


@question(AccessReview)
async def access_review(
    client: AsyncOpenAIAdmin,
    *,
    days: InactiveDays = 90,
    invite_days: PendingDays = 14,
    limit: Most = 25,
) -> Answer:
    """Whose access should be looked at: owners, owners without a sign of activity, and invites
    that hang. The API does not tell of logins, so a inactive owner may still be reading along.
    """
    now = datetime.now(UTC)
    missing: list[str] = []
    say("fetching people, invites and keys")
    users = [user async for user in client.users.list(limit=100)]
    invites = await allowed("invites", client.invites.list(limit=100), missing)
    admin_keys = await allowed("admin keys", client.admin_api_keys.list(limit=100), missing)
    inactive = inactive_owners(users, now=now, days=days, admin_keys=admin_keys)
    seen = await _last_seen(
        client, [o.user_id for o in inactive], now - timedelta(days=days), missing
    )
    inactive = inactive_owners(users, now=now, days=days, admin_keys=admin_keys, last_seen=seen)
    pending = pending_invites(invites, now=now, days=invite_days)
    owners = [user for user in users if user.role == "owner"]
    answer = AccessReview(
        people=len(users),
        owner_count=len(owners),
        owners=[
            Owner(user_id=o.id, name=o.name, email=o.email, added_on=_day(o.added_at))
            for o in owners[:limit]
        ],
        inactive_owners=[_inactive(owner) for owner in inactive[:limit]],
        pending_invites=[_pending(invite) for invite in pending[:limit]],
        not_looked_at=missing,
    )
    told = (
        f"{counted(len(users), 'person').replace('persons', 'people')},"
        f" {counted(len(owners), 'owner')}. {counted(len(inactive), 'owner')} without a sign of"
        f" activity for over {days} days; {counted(len(pending), 'invite')} pending for over"
        f" {invite_days} days."
    )
    if missing:
        told += f" Not looked at: {', '.join(missing)}."
    lines = [f"inactive owner: {quoted(o.name or o.email or o.user_id)}" for o in inactive[:10]]
    lines += [f"pending invite: {quoted(i.email)}" for i in pending[:10]]
    return Answer(to_dict(answer), told, "\n".join(lines))


async def _last_seen(
    client: AsyncOpenAIAdmin, user_ids: Sequence[str], since: datetime, missing: list[str]
) -> dict[str, datetime]:
    """When each of these users last did something that the audit log tells of."""
    seen: dict[str, datetime] = {}
    try:
        for user_id in user_ids:
            page = await client.audit_logs.list(
                limit=1, actor_ids=[user_id], effective_at={"gte": since}
            )
            if page.data:
                seen[user_id] = page.data[0].effective_at
    except PermissionDeniedError:
        missing.append("the audit log")
    return seen


def _inactive(owner: InactiveOwner) -> Quiet:
    return Quiet(
        user_id=owner.user_id,
        name=owner.name,
        email=owner.email,
        added_on=_day(owner.added_at),
        last_seen_on=None if owner.last_seen_at is None else _day(owner.last_seen_at),
        inactive_days=owner.inactive_days,
    )


def _pending(invite: PendingInvite) -> Pending:
    return Pending(
        invite_id=invite.invite_id,
        email=invite.email,
        role=invite.role,
        sent_on=_day(invite.created_at),
        pending_days=invite.pending_days,
    )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
