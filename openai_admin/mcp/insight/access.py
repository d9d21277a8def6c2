"""The question of who should be asked whether they still need their access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...directory.owners import owners_by_group, owners_by_role
from ...directory.permissions import OWNER
from ...directory.reading import PAGE, Reads
from ...insights import PENDING_DAYS, STALE_DAYS, inactive_owners, pending_invites
from ...insights.basis import unknown_signs
from ...insights.fetch import latest_events
from ...insights.findings import FINDINGS
from ...insights.findings import days as over
from ...insights.text import count, day
from ...insights.unread import amounts, sentences
from ..progress import say
from ..tool import Answer
from .question import Most, question
from .rows import (
    Gap,
    Row,
    answer_schema,
    gaps,
    lines,
    not_looked_at,
    refused_words,
    rows_known,
    rows_schema,
    said,
)

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

_MOST_ASKED = 10  # people, for their roles: an answer takes few requests
_INACTIVE, _PENDING = FINDINGS["inactive_owners"], FINDINGS["pending_invites"]


@attrs.frozen(kw_only=True)
class Owner:
    """An owner of the organization, who may do everything.

    Attributes:
        user_id: the owner's id.
        name: the owner's name.
        email: the owner's address.
        added_on: when the owner joined.
        by_groups: the groups whose role makes them an owner.
        by_roles: the roles of their own, besides their membership's, that do.
    """

    user_id: str
    name: str | None
    email: str | None
    added_on: str | None
    by_groups: list[str]
    by_roles: list[str]


@attrs.frozen(kw_only=True)
class AccessReview:
    """Who has access that should be looked at.

    Attributes:
        people: how many members there are; ``None`` where that is not known.
        owners: those who may do everything; ``None`` likewise.
        owner_count: how many they are; ``None`` likewise.
        inactive_owners: owners who used no key and are not in the audit log; ``None`` where
            not all of that is known.
        pending_invites: invites through which somebody can still join; ``None`` likewise.
        not_looked_at: what the API refuses, in words: what is based on it alone is not known.
        not_known: the same in parts.
        could_not_be_read: how much came and could not be read, so that it is in no count.
    """

    people: int | None
    owner_count: int | None
    owners: list[Owner] | None
    inactive_owners: list[Row] | None
    pending_invites: list[Row] | None
    not_looked_at: list[str]
    not_known: list[Gap]
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
    reads = Reads(client._caller)
    say("fetching people, invites and keys")
    users = await reads.all("people", client.users.list(limit=PAGE))
    invites = await reads.all("invites", client.invites.list(limit=PAGE))
    admin_keys = await reads.all("admin keys", client.admin_api_keys.list(limit=PAGE))
    reads.check()
    by_group = await owners_by_group(client, reads)
    by_role = await owners_by_role(client, reads, users, most=_MOST_ASKED)
    others = {*by_group, *by_role}
    inactive = inactive_owners(users, now=now, days=days, admin_keys=admin_keys, owners=others)
    seen = await latest_events(
        client,
        [owner.user_id for owner in inactive],
        since=now - timedelta(days=days),
        now=now,
        reads=reads,
    )
    unread, not_known = reads.unread, reads.not_known
    inactive = inactive_owners(
        users,
        now=now,
        days=days,
        admin_keys=admin_keys,
        last_seen=seen,
        owners=others,
    )
    if inactive and (unknown := unknown_signs(not_known, unread)):
        reads.add(unknown)
        inactive = ()
    pending = pending_invites(invites, now=now, days=invite_days)
    owners = [user for user in users if user.role == OWNER or user.id in others]
    unlisted = any(part.kind == "people" for part in not_known)
    answer = AccessReview(
        people=None if unlisted else len(users),
        owner_count=None if unlisted else len(owners),
        owners=None
        if unlisted
        else [
            Owner(
                user_id=o.id,
                name=o.name,
                email=o.email,
                added_on=day(o.added_at) if o.added_at is not None else None,
                by_groups=by_group.get(o.id, []),
                by_roles=by_role.get(o.id, []),
            )
            for o in owners[:limit]
        ],
        inactive_owners=rows_known(_INACTIVE, inactive, reads, limit),
        pending_invites=rows_known(_PENDING, pending, reads, limit),
        not_looked_at=list(refused_words(not_known)),
        not_known=gaps(not_known),
        could_not_be_read=list(amounts(unread)),
    )
    people = f"{count(len(users), 'person', 'people')}, {count(len(owners), 'owner')}."
    told = [
        *(() if unlisted else (people,)),
        said(_INACTIVE, len(inactive), reads, days=over(days)),
        said(_PENDING, len(pending), reads, days=over(invite_days)),
        *sentences(unread),
        *not_looked_at(not_known),
    ]
    named = [f"inactive owner: {line}" for line in lines(_INACTIVE, inactive, {})]
    named += [f"pending invite: {line}" for line in lines(_PENDING, pending, {})]
    return Answer(to_dict(answer), " ".join(told), "\n".join(named))
