"""The question of who should be asked whether they still need their access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...directory.owners import KINDS as OF_OWNERS
from ...directory.owners import MOST_PEOPLE, by_less, owners_by_group, owners_by_role
from ...directory.permissions import OWNER
from ...directory.reading import PAGE, Reads
from ...insights import PENDING_DAYS, STALE_DAYS, inactive_owners, pending_invites
from ...insights.basis import unknown_signs
from ...insights.fetch import latest_events
from ...insights.findings import FINDINGS, Threshold
from ...insights.findings import days as over
from ...insights.findings.access import no_known_owner_is_inactive
from ...insights.text import count, day
from ...insights.unread import amounts, hedged, sentences
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

Thorough = Annotated[
    bool,
    Doc(
        "Ask each member for roles of their own that make an owner, a request for each. Otherwise"
        f" that is done only where there are at most {MOST_PEOPLE} to ask."
    ),
]

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
        owners: those who are known to own the organization, and may do everything; ``None``
            likewise.
        owner_count: how many they are; ``None`` likewise.
        are_all_owners_known: whether there are no others. Otherwise somebody may own it by a role
            that could not be read, or was not asked for.
        people_not_asked: how many members were not asked for roles of their own that may make them
            owners; ``thorough`` asks.
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
    are_all_owners_known: bool
    people_not_asked: int
    inactive_owners: list[Row] | None
    pending_invites: list[Row] | None
    not_looked_at: list[str]
    not_known: list[Gap]
    could_not_be_read: list[str]


@question(
    answer_schema(AccessReview, {each.key: rows_schema(each) for each in (_INACTIVE, _PENDING)}),
    toolsets=("assistant", "insight"),
)
async def access_review(
    client: AsyncOpenAIAdmin,
    *,
    days: InactiveDays = STALE_DAYS,
    invite_days: PendingDays = PENDING_DAYS,
    thorough: Thorough = False,
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
    to_ask = by_less(users)
    is_asked = thorough or len(to_ask) <= MOST_PEOPLE
    if is_asked and to_ask:
        say(f"asking for the roles of {count(len(to_ask), 'person', 'people')}")
    by_role = await owners_by_role(client, reads, users, most=None if thorough else MOST_PEOPLE)
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
    lost = {*(part.kind for part in not_known), *filter(unread.get, unread)}
    are_read = lost.isdisjoint(("people", *OF_OWNERS))
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
        are_all_owners_known=is_asked and are_read,
        people_not_asked=0 if is_asked else len(to_ask),
        inactive_owners=rows_known(_INACTIVE, inactive, reads, limit),
        pending_invites=rows_known(_PENDING, pending, reads, limit),
        not_looked_at=list(refused_words(not_known)),
        not_known=gaps(not_known),
        could_not_be_read=list(amounts(unread)),
    )
    told = [
        *(() if unlisted else (_people(len(users), len(owners), answer),)),
        _inactive(len(inactive), reads, over(days), is_asked=is_asked),
        said(_PENDING, len(pending), reads, days=over(invite_days)),
        *sentences(unread),
        *not_looked_at(not_known),
    ]
    named = [f"inactive owner: {line}" for line in lines(_INACTIVE, inactive, {})]
    named += [f"pending invite: {line}" for line in lines(_PENDING, pending, {})]
    return Answer(to_dict(answer), " ".join(told), "\n".join(named))


def _inactive(number: int, reads: Reads, within: Threshold, *, is_asked: bool) -> str:
    """How many owners are inactive, of those that are known where not everybody was asked."""
    if number or is_asked or _INACTIVE.basis.refused(reads.not_known):
        return said(_INACTIVE, number, reads, days=within)
    doubts = _INACTIVE.doubts(reads.unread, reads.not_known, {})
    return hedged(no_known_owner_is_inactive(within), doubtful=bool(doubts))


def _people(people: int, owners: int, answer: AccessReview) -> str:
    """How many members and owners there are, and how more owners could be known."""
    least = "" if answer.are_all_owners_known else "at least "
    told = f"{count(people, 'person', 'people')}, {least}{count(owners, 'owner')}."
    if answer.people_not_asked:
        told += (
            f" Whether any of {count(answer.people_not_asked, 'other', 'others')} is an owner by a"
            " role of their own was not asked: thorough asks."
        )
    return told


QUESTIONS = (access_review,)
