"""The question of who should be asked whether they still need their access."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated

import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...insights import PENDING_DAYS, STALE_DAYS, inactive_owners, pending_invites
from ...insights.fetch import PAGE, allowed, every, latest_events
from ...insights.findings import FINDINGS
from ...insights.findings import days as over
from ...insights.text import count, day
from ...insights.unread import amounts, sentences
from ..progress import say
from ..tool import Answer
from .question import Most, question
from .rows import Row, answer_schema, lines, rows, rows_schema

InactiveDays = Annotated[
    int,
    Interval(ge=1, le=3650),
    Doc("Days without a sign of activity after which an owner counts as inactive."),
]
PendingDays = Annotated[
    int,
    Interval(ge=1, le=3650),
    Doc("Days after which an invite that nobody accepted counts as pending."),
]

_INACTIVE, _PENDING = FINDINGS["inactive_owners"], FINDINGS["pending_invites"]


@attrs.frozen(kw_only=True)
class Owner:
    """An owner of the organization, who may do everything."""

    user_id: str
    name: str | None
    email: str | None
    added_on: str | None


@attrs.frozen(kw_only=True)
class AccessReview:
    """Who has access that should be looked at.

    Attributes:
        people: how many members there are.
        owners: those who may do everything.
        owner_count: how many they are.
        inactive_owners: owners who used no key and are not in the audit log.
        pending_invites: invites through which somebody can still join.
        not_looked_at: what the server's key may not read.
        could_not_be_read: how much came and could not be read, so that it is in no count.
    """

    people: int
    owner_count: int
    owners: list[Owner]
    inactive_owners: list[Row]
    pending_invites: list[Row]
    not_looked_at: list[str]
    could_not_be_read: list[str]


@question(
    answer_schema(AccessReview, {each.key: rows_schema(each) for each in (_INACTIVE, _PENDING)})
)
async def access_review(
    client: AsyncOpenAIAdmin,
    *,
    days: InactiveDays = STALE_DAYS,
    invite_days: PendingDays = PENDING_DAYS,
    limit: Most = 25,
) -> Answer:
    """Whose access should be looked at: owners, owners without a sign of activity, and pending
    invites. The API does not report logins, so an inactive owner may still be active there.
    """
    now = datetime.now(UTC)
    missing: list[str] = []
    unread: Counter[str] = Counter()
    say("fetching people, invites and keys")
    users = await every("people", client.users.list(limit=PAGE), unread)
    invites = await allowed("invites", client.invites.list(limit=PAGE), missing, unread)
    admin_keys = await allowed(
        "admin keys", client.admin_api_keys.list(limit=PAGE), missing, unread
    )
    inactive = inactive_owners(users, now=now, days=days, admin_keys=admin_keys)
    seen = await latest_events(
        client,
        [owner.user_id for owner in inactive],
        since=now - timedelta(days=days),
        now=now,
        missing=missing,
        unread=unread,
    )
    inactive = inactive_owners(users, now=now, days=days, admin_keys=admin_keys, last_seen=seen)
    pending = pending_invites(invites, now=now, days=invite_days)
    owners = [user for user in users if user.role == "owner"]
    missing = sorted(set(missing))
    answer = AccessReview(
        people=len(users),
        owner_count=len(owners),
        owners=[
            Owner(
                user_id=o.id,
                name=o.name,
                email=o.email,
                added_on=day(o.added_at) if o.added_at is not None else None,
            )
            for o in owners[:limit]
        ],
        inactive_owners=rows(_INACTIVE, inactive, {}, limit),
        pending_invites=rows(_PENDING, pending, {}, limit),
        not_looked_at=missing,
        could_not_be_read=list(amounts(unread)),
    )
    told = [
        f"{count(len(users), 'person', 'people')}, {count(len(owners), 'owner')}.",
        _INACTIVE.said(
            len(inactive), doubtful=bool(sentences(unread, _INACTIVE.based_on)), days=over(days)
        ),
        _PENDING.said(
            len(pending),
            doubtful=bool(sentences(unread, _PENDING.based_on)),
            days=over(invite_days),
        ),
        *sentences(unread),
    ]
    if missing:
        told.append(f"Not looked at: {', '.join(missing)}.")
    named = [f"inactive owner: {line}" for line in lines(_INACTIVE, inactive, {})]
    named += [f"pending invite: {line}" for line in lines(_PENDING, pending, {})]
    return Answer(to_dict(answer), " ".join(told), "\n".join(named))
