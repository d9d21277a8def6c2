"""Keys that go on working after the one they belong to has left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .memory import Recent, is_near
from .payloads import target, text
from .wording import named

_LEFT = frozenset(
    {
        *("user.deleted", "tenant.user.removed", "service_account.deleted"),
        *("tenant.service_account.deleted", "tenant.membership.revoked"),
    }
)
_CAME = frozenset(
    {
        *("user.added", "tenant.user.added", "invite.accepted", "tenant.membership.accepted"),
        "service_account.created",
    }
)
_MADE = frozenset({"api_key.created", "tenant.project_api_key.created"})
_NOTHING_DONE = frozenset({"login.failed", "logout.succeeded", "logout.failed"})
_WITH_ACCOUNT = timedelta(minutes=1)


@attrs.define
class Leavers:
    """Who left.

    Attributes:
        left: when, by the id of a person or a service account; with the event.
        ids: the id of a person by their address.
        emails: the address of a person by their id.
        owners: whose a key is, by key, as the log told.
        makers: who made a key for themselves in a browser, by key.
        accounts: when a service account was last made in a project: its first key comes with it.
        came: those who were seen to join, or in a browser.
        told: the keys that were told, with whose they are.
    """

    left: Recent[str, tuple[datetime | None, AuditEvent]] = attrs.field(
        factory=lambda: Recent(20_000)
    )
    ids: Recent[str, str] = attrs.field(factory=lambda: Recent(20_000))
    emails: Recent[str, str] = attrs.field(factory=lambda: Recent(20_000))
    owners: Recent[str, str] = attrs.field(factory=lambda: Recent(50_000))
    makers: Recent[str, str] = attrs.field(factory=lambda: Recent(50_000))
    accounts: Recent[str, datetime | str] = attrs.field(factory=lambda: Recent(5_000))
    came: Recent[str, bool] = attrs.field(factory=lambda: Recent(20_000))
    told: Recent[tuple[str, str], bool] = attrs.field(factory=lambda: Recent(5_000))


def look_for_leavers(event: AuditEvent, state: Leavers, context: Context) -> Iterator[Hit]:
    """Find what is done with the key, or in the name, of somebody who was deleted before."""
    actor = event.actor
    if event.type in _CAME:
        _came(event, state)
    if actor.via == "session" and actor.user_id and actor.user_id not in state.came:
        state.came.set(actor.user_id, True)  # a session is a member's
    _learn_makers(event, state)
    owner = _owner(event, state, context)
    if owner is not None and event.type not in _NOTHING_DONE:
        gone = state.left.get(owner)
        key = actor.key_id or "session"
        if (owner, key) in state.told:
            pass
        elif gone is not None and _is_later(event, gone[0], context):
            state.told.set((owner, key), True)
            yield _hit(event, owner, gone[1], state, context)
        elif gone is None and _is_nobody(event, owner, state, context):
            state.told.set((owner, key), True)
            yield _hit(event, owner, None, state, context)
    if event.type in _LEFT and _is_of_organization(event):
        for id in _who_left(event, state):
            state.left.set(id, (event.at, event))


def _owner(event: AuditEvent, state: Leavers, context: Context) -> str | None:
    """The id of the one in whose name it was done, as far as the log or the directory tells."""
    actor = event.actor
    email = (actor.email or "").lower()
    if actor.user_id and email and state.emails.get(actor.user_id) != email:
        state.ids.set(email, actor.user_id)
        state.emails.set(actor.user_id, email)
    owner = actor.user_id or (state.ids.get(email) or email) or actor.service_account_id
    if actor.key_id is not None:
        if owner:
            if actor.key_id not in state.owners:
                state.owners.set(actor.key_id, owner)
        else:
            owner = (
                state.owners.get(actor.key_id)
                or context.directory.key_owners.get(actor.key_id)
                or state.makers.get(actor.key_id)
            )
    return owner or None


def _learn_makers(event: AuditEvent, state: Leavers) -> None:
    """Take in who made a key for themselves: in a browser, and not with a service account."""
    project = event.project_id or ""
    if event.type == "service_account.created":
        state.accounts.set(project, event.at or "no time")
        return
    key, actor = target(event), event.actor
    if event.type not in _MADE or not key or actor.via != "session" or not actor.user_id:
        return
    account = state.accounts.get(project)
    if account is None or not is_near(account, event.at, _WITH_ACCOUNT):
        state.makers.set(key, actor.user_id)


def _came(event: AuditEvent, state: Leavers) -> None:
    for id in (target(event), event.actor.user_id, (event.actor.email or "").lower()):
        if id and (event.project_id is None or event.type == "service_account.created"):
            state.came.set(id, True)
            gone = state.left.get(id)
            if gone is not None and not (gone[0] and event.at and event.at < gone[0]):
                state.left.drop(id)


def _who_left(event: AuditEvent, state: Leavers) -> Iterator[str]:
    id = text(event, "user_id", "principal_id") or target(event)
    email = text(event, "email", "user_email")
    for one in (id, email and email.lower()):
        if one:
            yield one
            yield from (other for other in (state.ids.get(one), state.emails.get(one)) if other)


def _is_of_organization(event: AuditEvent) -> bool:
    """A person who is removed from a project stays in the organization."""
    return event.project_id is None or "service_account" in (event.type or "")


def _is_later(event: AuditEvent, left_at: datetime | None, context: Context) -> bool:
    if event.at is None or left_at is None:
        return True
    return event.at - left_at > timedelta(minutes=context.thresholds["grace_minutes"])


def _is_nobody(event: AuditEvent, owner: str, state: Leavers, context: Context) -> bool:
    """Whether a key is of a person whom neither the directory nor the log knows: they left before
    the log begins. Only where the directory knows nearly all the others that the log names.
    """
    actor, known = event.actor, context.directory.emails
    if actor.via != "api_key" or not known or owner != actor.user_id:
        return False
    if owner in known or owner in state.came or owner in context.directory.left:
        return False
    others = [id in known for id, _ in state.emails.items() if id != owner]
    limits = context.thresholds
    return len(others) >= limits["people"] and sum(others) >= limits["known_share"] * len(others)


def _hit(
    event: AuditEvent, owner: str, left: AuditEvent | None, state: Leavers, context: Context
) -> Hit:
    email = event.actor.email or state.emails.get(owner) or context.directory.emails.get(owner)
    name = named(owner, context) if email is None else f"{email} ({owner})"
    is_account = left is not None and "service_account" in (left.type or "")
    on = f" on {left.at:%Y-%m-%d}" if left is not None and left.at is not None else ""
    since = "who is not in the organization" if left is None else f"who left the organization{on}"
    since = f"which was deleted{on}" if is_account else since
    key = event.actor.key_id
    what = f"the key {named(key, context)} of" if key else "a session of"
    if key and event.actor.identity == key and state.makers.get(key) == owner:
        what = f"the key {named(key, context)} that was made by"
    return Hit(
        about=event.actor.key_id or owner,
        summary=f"{event.type} was done with {what} {name}, {since}.",
        evidence=(event,) if left is None else (left, event),
        severity="medium" if left is None else None,
    )


DETECTIONS = (
    Detection(
        key="former_members_key_used",
        title="Key of a former member used",
        severity="high",
        techniques=(attack.CLOUD_ACCOUNTS, attack.ACCESS_TOKEN),
        why="Nobody answers for a key whose owner has left, and the one who left may still have "
        "it.",
        what_to_do="Find out which program uses it (`openai-admin find KEY`), give that a key of "
        "its own from a service account, and delete this one (`openai-admin projects api-keys "
        "delete`, or `admin-api-keys delete`). `openai-admin offboard ADDRESS` finds what else "
        "they left behind.",
        state=Leavers,
        look=look_for_leavers,
        thresholds={"grace_minutes": 5.0, "people": 5, "known_share": 0.9},
    ),
)
