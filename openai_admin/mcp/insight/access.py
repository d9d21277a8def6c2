"""The question of who should be asked whether they still need their access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import attrs
from annotated_types import Interval
from typing_extensions import Doc

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
from ...insights.people import InactiveOwner, PendingInvite
from ...insights.text import count
from ...insights.unread import hedged
from ..progress import say
from ..tool import Answer
from ..values import iso
from .question import AtMost, Detail, question
from .rows import facts, said
from .short import cut, unknown

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

_MORE = "who_can and find tell of one person"
_INACTIVE, _PENDING = FINDINGS["inactive_owners"], FINDINGS["pending_invites"]


@attrs.frozen(kw_only=True)
class Owner:
    """An owner of the organization, who may do everything.

    Attributes:
        user_id: their id.
        name: their name.
        email: their address.
        by_groups: groups that make them an owner.
        by_roles: roles of their own that do.
    """

    user_id: str
    name: str | None = None
    email: str | None = None
    by_groups: list[str] = attrs.field(factory=list)
    by_roles: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Inactive:
    """An owner without a sign of activity.

    Attributes:
        user_id: their id.
        name: their name.
        email: their address.
        last_seen_on: the day of the latest sign, if there was one.
        inactive_days: since then, or since they joined.
    """

    user_id: str
    name: str | None = None
    email: str | None = None
    last_seen_on: str | None = None
    inactive_days: int


@attrs.frozen(kw_only=True)
class Pending:
    """An invite through which somebody can still join.

    Attributes:
        invite_id: its id.
        email: whom it was sent to.
        role: the role it grants.
        pending_days: since it was sent.
        expires_on: the day, if known.
    """

    invite_id: str
    email: str | None = None
    role: str | None = None
    pending_days: int
    expires_on: str | None = None


@attrs.frozen(kw_only=True)
class AccessReview:
    """Who has access that should be looked at; null where that is not known.

    Attributes:
        people: how many members there are.
        owner_count: how many are known to own the organization.
        owners: who they are.
        are_all_owners_known: whether there are no others.
        people_not_asked: for roles of their own; thorough asks.
        inactive_owners: owners without a sign of activity.
        pending_invites: waiting for long.
        not_known: what could not be looked at, and why.
    """

    people: int | None
    owner_count: int | None
    owners: list[Owner] | None
    are_all_owners_known: bool
    people_not_asked: int
    inactive_owners: list[Inactive] | None
    pending_invites: list[Pending] | None
    not_known: list[str]


@question(AccessReview, toolsets=("assistant", "insight"))
async def access_review(
    client: AsyncOpenAIAdmin,
    *,
    days: InactiveDays = STALE_DAYS,
    invite_days: PendingDays = PENDING_DAYS,
    thorough: Thorough = False,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Whose access should be looked at: the organization's owners, owners who are inactive, and
    invites that nobody accepted. Example: days 60. Logins are not reported, so ask an inactive
    owner first.
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
    if inactive and (signs := unknown_signs(not_known, unread)):
        reads.add(signs)
        inactive = ()
    pending = pending_invites(invites, now=now, days=invite_days)
    owners = [user for user in users if user.role == OWNER or user.id in others]
    unlisted = any(part.kind == "people" for part in not_known)
    lost = {*(part.kind for part in not_known), *filter(unread.get, unread)}
    are_read = lost.isdisjoint(("people", *OF_OWNERS))
    quiet, more_quiet = cut(
        [_quiet(one) for one in inactive], limit, "inactive owners", detail, _MORE
    )
    waiting, more_waiting = cut([_waiting(one) for one in pending], limit, "invites", detail, _MORE)
    named = [
        Owner(
            user_id=user.id,
            name=user.name,
            email=user.email,
            by_groups=by_group.get(user.id, []),
            by_roles=by_role.get(user.id, []),
        )
        for user in owners
    ]
    shown, more_owners = cut(named, limit, "owners", detail, _MORE)
    answer = AccessReview(
        people=None if unlisted else len(users),
        owner_count=None if unlisted else len(owners),
        owners=None if unlisted else shown,
        are_all_owners_known=is_asked and are_read,
        people_not_asked=0 if is_asked else len(to_ask),
        inactive_owners=None if _INACTIVE.basis.refused(reads.not_known) else quiet,
        pending_invites=None if _PENDING.basis.refused(reads.not_known) else waiting,
        not_known=unknown(reads.not_known, {}, unread),
    )
    told = [
        *(() if unlisted else (_people(len(users), len(owners), answer),)),
        _inactive(len(inactive), reads, over(days), is_asked=is_asked),
        said(_PENDING, len(pending), reads, days=over(invite_days)),
    ]
    notes = [*more_owners, *more_quiet, *more_waiting]
    return Answer(facts(answer), " ".join(told), notes=notes)


def _quiet(one: InactiveOwner) -> Inactive:
    return Inactive(
        user_id=one.user_id,
        name=one.name,
        email=one.email,
        last_seen_on=_day(one.last_seen_at),
        inactive_days=one.inactive_days,
    )


def _waiting(one: PendingInvite) -> Pending:
    return Pending(
        invite_id=one.invite_id,
        email=one.email,
        role=one.role,
        pending_days=one.pending_days,
        expires_on=_day(one.expires_at),
    )


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment.astimezone(UTC).date())


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
