"""Which keys and people need attention."""

from __future__ import annotations

from ...directory.not_known import known
from ..defaults import NEVER_USED_DAYS, PENDING_DAYS, STALE_DAYS
from ..keys import KeyFinding
from ..naming import Named
from ..people import InactiveOwner, PendingInvite
from ..reviews import Review
from ..text import count
from .distribution import Distribution, by_age
from .finding import Column, Finding, Group, Threshold, Topic, days

_KEY_COLUMNS: tuple[Column[KeyFinding], ...] = (
    Column("key_id", "Key", "thing", lambda k: Named(k.key_id, k.name), name_field="name"),
    Column(
        "project_id",
        "Project",
        "thing",
        lambda k: Named(k.project_id),
        name_field="project_name",
        optional=True,
    ),
    Column(
        "owner_id",
        "Owner",
        "thing",
        lambda k: Named(k.owner_id, k.owner_name),
        name_field="owner_name",
        absent="not known",
    ),
    Column(
        "last_used_on",
        "Last used",
        "day",
        lambda k: k.last_used_at,
        importance="minor",
        absent=lambda k: "" if k.idle_days is None else "never",
    ),
    Column("idle_days", "Idle days", "number", lambda k: k.idle_days, judged=True),
    Column("created_on", "Created", "day", lambda k: k.created_at, importance="minor"),
)
_NON_EXPIRING_COLUMNS: tuple[Column[KeyFinding], ...] = (
    *(c for c in _KEY_COLUMNS if c.field in ("key_id", "owner_id")),
    Column("created_on", "Created", "day", lambda k: k.created_at, absent="not known", judged=True),
    *(c for c in _KEY_COLUMNS if c.field == "last_used_on"),
)

_BY_KEY: tuple[Distribution[KeyFinding], ...] = (
    by_age("by_idle_days", "Idle time", lambda k: k.idle_days),
    Distribution(
        "by_project",
        "Project",
        lambda k: None if k.project_id is None else Named(k.project_id),
    ),
    Distribution("by_owner", "Owner", lambda k: Named(k.owner_id, k.owner_name)),
)

KEYS_OF_FORMER_MEMBERS: Finding[KeyFinding] = Finding(
    key="keys_of_former_members",
    title="Keys of former members",
    rows=lambda review: known(review.keys_of_former_members),
    columns=_KEY_COLUMNS,
    distributions=_BY_KEY,
    noun=("key", "keys"),
    none="No key belongs to a former member.",
    some="{count} of former members.",
    tone=lambda _: "bad",
)

STALE_ADMIN_KEYS: Finding[KeyFinding] = Finding(
    key="stale_admin_keys",
    title="Admin keys not used for {days}",
    rows=lambda review: known(review.stale_admin_keys),
    columns=_KEY_COLUMNS,
    distributions=_BY_KEY,
    noun=("admin key", "admin keys"),
    none="Every admin key was used in the last {days}.",
    some="{count} not used for more than {days}, or never in {trial}.",
    tone=lambda _: "bad",
    thresholds={"days": days(STALE_DAYS), "trial": days(NEVER_USED_DAYS)},
)

NON_EXPIRING_ADMIN_KEYS: Finding[KeyFinding] = Finding(
    key="non_expiring_admin_keys",
    title="Admin keys that never expire",
    rows=lambda review: known(review.non_expiring_admin_keys),
    columns=_NON_EXPIRING_COLUMNS,
    distributions=_BY_KEY[-1:],
    noun=("admin key", "admin keys"),
    none="Every admin key has an expiry date.",
    some="{count} without an expiry date.",
    advice="One that leaks works until somebody deletes it: replace it by one that expires.",
    tone=lambda _: "warn",
)

STALE_KEYS: Finding[KeyFinding] = Finding(
    key="stale_keys",
    title="Keys not used for {days}",
    rows=lambda review: known(review.stale_keys),
    columns=_KEY_COLUMNS,
    distributions=_BY_KEY,
    noun=("key", "keys"),
    none="Every key that was ever used was used in the last {days}.",
    some="{count} not used for more than {days}.",
    tone=lambda _: "warn",
    thresholds={"days": days(STALE_DAYS)},
)

NEVER_USED_KEYS: Finding[KeyFinding] = Finding(
    key="never_used_keys",
    title="Keys older than {days} that were never used",
    rows=lambda review: known(review.never_used_keys),
    columns=_KEY_COLUMNS,
    distributions=_BY_KEY,
    noun=("key", "keys"),
    none="Every key older than {days} has been used.",
    some="{count} older than {days} and never used.",
    tone=lambda _: "warn",
    thresholds={"days": days(NEVER_USED_DAYS)},
)


def _owners_text(review: Review) -> tuple[str, ...]:
    if found := known(review.inactive_owners):
        return (INACTIVE_OWNERS.said(len(found)), INACTIVE_OWNERS.advice)
    if review.are_owners_asked:
        return (INACTIVE_OWNERS.said(0),)
    return (no_known_owner_is_inactive(days(STALE_DAYS)),)


def no_known_owner_is_inactive(within: Threshold) -> str:
    """That no inactive owner was found, where people were not asked for roles of their own."""
    return f"Every owner by membership or group was seen in the last {within}."


INACTIVE_OWNERS: Finding[InactiveOwner] = Finding(
    key="inactive_owners",
    title="Owners without a sign of activity for {days}",
    rows=lambda review: known(review.inactive_owners),
    columns=(
        Column(
            "user_id",
            "Owner",
            "thing",
            lambda o: Named(o.user_id, o.name or o.email),
            name_field="name",
        ),
        Column("email", "Address", "text", lambda o: o.email, importance="minor"),
        Column("added_on", "Joined", "day", lambda o: o.added_at, importance="detail"),
        Column(
            "last_seen_on",
            "Last seen",
            "day",
            lambda o: o.last_seen_at,
            importance="minor",
            absent="never",
        ),
        Column("inactive_days", "Inactive days", "number", lambda o: o.inactive_days, judged=True),
    ),
    distributions=(by_age("by_inactive_days", "Inactivity", lambda o: o.inactive_days),),
    noun=("owner", "owners"),
    none="Every owner of the organization was seen in the last {days}.",
    some="{count} without a sign of activity for more than {days}.",
    advice="The API does not report logins, so an owner may still be active: ask first.",
    text=_owners_text,
    tone=lambda _: "warn",
    thresholds={"days": days(STALE_DAYS)},
)

PENDING_INVITES: Finding[PendingInvite] = Finding(
    key="pending_invites",
    title="Invites pending for more than {days}",
    rows=lambda review: known(review.pending_invites),
    columns=(
        Column(
            "invite_id",
            "Sent to",
            "thing",
            lambda i: Named(i.invite_id, i.email),
            name_field="email",
        ),
        Column("role", "Role", "text", lambda i: i.role),
        Column("sent_on", "Sent", "day", lambda i: i.created_at, importance="minor"),
        Column("pending_days", "Pending days", "number", lambda i: i.pending_days, judged=True),
        Column(
            "expires_on",
            "Expires",
            "day",
            lambda i: i.expires_at,
            importance="minor",
            absent="unknown",
        ),
    ),
    distributions=(by_age("by_pending_days", "Waiting time", lambda i: i.pending_days),),
    noun=("invite", "invites"),
    none="No invite has been pending for more than {days}.",
    some="{count} pending for more than {days}.",
    advice="Until an invite expires, whoever reads its mailbox can join.",
    tone=lambda _: "warn",
    thresholds={"days": days(PENDING_DAYS)},
)

_KEYS = (
    *(KEYS_OF_FORMER_MEMBERS, STALE_ADMIN_KEYS, NON_EXPIRING_ADMIN_KEYS),
    *(STALE_KEYS, NEVER_USED_KEYS),
)

_UNUSED = (STALE_ADMIN_KEYS, STALE_KEYS, NEVER_USED_KEYS)


def _keys_text(review: Review) -> tuple[str, ...]:
    found = len({key.key_id for finding in _KEYS for key in finding.rows(review)})
    if not found:
        return ("Every key is in use, its owner is still a member, and every admin key expires.",)
    told = (f"{count(found, 'key')} to look at: each is listed under what was found.",)
    if not any(finding.rows(review) for finding in _UNUSED):
        return told
    return (*told, "A key that nobody uses is only a risk: delete it, or ask its owner.")


ACCESS = Topic(
    "Which keys and people need attention?",
    (
        Group("keys", "API keys", _KEYS, _keys_text),
        Group(
            "owners", "Owners of the organization without a sign of activity", (INACTIVE_OWNERS,)
        ),
        Group("invites", "Invites that nobody has accepted", (PENDING_INVITES,)),
    ),
    is_of_now=True,
)
