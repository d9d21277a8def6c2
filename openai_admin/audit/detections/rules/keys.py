"""Keys that were made: admin keys by somebody new to it, and keys that may do everything."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from datetime import timedelta

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .memory import Recent, Span, Told
from .payloads import objects, split, target
from .wording import named, where, who

_KEPT = 5_000

_ADMIN = frozenset({"tenant.admin_api_key.created", "tenant.admin_api_key.deleted"})
_PLAIN = frozenset({"api_key.created", "api_key.deleted"})
_MADE = frozenset({"api_key.created", "tenant.admin_api_key.created"})
_SCOPED = frozenset(
    {
        *("api_key.created", "api_key.updated", "tenant.project_api_key.created"),
        *("tenant.admin_api_key.created", "tenant.admin_api_key.updated"),
    }
)
_EVERYTHING = frozenset(
    {
        *("*", "*.*", "all", "all.*", "api.all", "api.all.*", "api.*", "api.*.*", "any"),
        *("full", "full_access", "full-access", "everything", "unrestricted", "api.all.write"),
    }
)


@attrs.define
class Makers:
    """Who makes or deletes admin keys.

    Attributes:
        usual: how many admin keys somebody made or deleted, by the one who did.
        told: the keys that were told.
        span: how long the log has been looked at.
    """

    usual: Recent[str, int] = attrs.field(factory=lambda: Recent(_KEPT))
    told: Told = attrs.field(factory=Told)
    span: Span = attrs.field(factory=Span)


_ALL = frozenset(
    {
        *("api.audit_logs.read", "api.management.read", "api.management.write"),
        *("api.mtls.read", "api.mtls.write", "api.usage.read"),
    }
)
"""What an admin key can be given; one that has each of them may do everything."""


@attrs.define
class Scoped:
    """Who made keys with all scopes.

    Attributes:
        programs: how many a program made, by the key it used.
        made: who made the last keys of projects with scopes of their own in a browser, and
            whether with all of them.
        told: the keys that were told, and that it is usual.
        span: how long the log has been looked at.
    """

    made: deque[tuple[str, bool]] = attrs.field(factory=lambda: deque(maxlen=50))
    programs: Recent[str, int] = attrs.field(factory=lambda: Recent(_KEPT))
    told: Told = attrs.field(factory=Told)
    span: Span = attrs.field(factory=Span)


def look_for_admin_keys(event: AuditEvent, state: Makers, context: Context) -> Iterator[Hit]:
    """Find an admin key made by somebody who never made or deleted one before.

    Whose work it usually is takes some days of the log to know: until then it is only learned.
    """
    days = state.span.days(event.at)
    # Keys of projects come with their project; an admin key is the organization's.
    if event.type not in _ADMIN and (event.type not in _PLAIN or event.project_id is not None):
        return
    maker, key = event.actor.identity or "", target(event) or ""
    same = timedelta(hours=context.thresholds["once_hours"])
    is_made = event.type in _MADE
    if is_made and key and state.told.again(key, event.at, same):
        return  # the same key, by the event of the organization and by the tenant's
    before = state.usual.get(maker) or 0
    state.usual.set(maker, before + 1)
    is_usual = before >= context.thresholds["usual_after"]
    if not is_made or is_usual or days < context.thresholds["history_days"]:
        return
    yield Hit(
        about=maker or key,
        summary=f"{who(event, context)} made the admin key {named(key or None, context)}, and "
        "never made one before.",
        evidence=(event,),
        learned=None
        if days == math.inf
        else f"Who made or deleted admin keys in the {days:.0f} days of the log before: "
        f"{len(state.usual) - 1 or 'nobody'}.",
    )


def look_for_all_scopes(event: AuditEvent, state: Scoped, context: Context) -> Iterator[Hit]:
    """Find a key that was made or changed so that it may do everything.

    No scopes in a creation are the API's default, which most keys have, and say nothing. In a
    change they lift every restriction that the key had. What programs do is learned for some days.
    """
    days, scopes = state.span.days(event.at), _scopes(event)
    if scopes is None:
        return
    lifted = not scopes and (event.type or "").endswith(".updated")
    every = next((scope for scope in scopes if scope.lower() in _EVERYTHING), None)
    if every is None and scopes and _ALL.issubset(scope.lower() for scope in scopes):
        every = ", ".join(scopes)
    is_by_people = event.type == "api_key.created" and bool(event.project_id)
    is_by_people = is_by_people and event.actor.via != "api_key" and bool(scopes)
    usual = _usual(state, context) if is_by_people else None
    if is_by_people:
        state.made.append((event.actor.identity or "", every is not None))
    if every is None and not lifted:
        return
    key, actor, limits = target(event) or "", event.actor, context.thresholds
    if key and state.told.again(key, event.at, timedelta(hours=limits["once_hours"])):
        return
    if usual and state.told.again("usual", event.at, timedelta(days=limits["usual_days"])):
        return
    if actor.via == "api_key":
        program = actor.key_id or actor.identity or ""
        before = state.programs.get(program) or 0
        state.programs.set(program, before + 1)
        if before >= limits["usual_after"] or days < limits["history_days"]:
            return
    done = "lifted every restriction of" if lifted else f"gave all scopes (“{every}”) to"
    yield Hit(
        about=key or actor.identity or "key",
        summary=f"{who(event, context)} {done} the key {named(key or None, context)} "
        f"{where(event, context)}.",
        evidence=(event,),
        learned=usual,
    )


def _usual(state: Scoped, context: Context) -> str | None:
    """That keys of projects are made with all scopes here, if several people do so."""
    limits = context.thresholds
    every = [maker for maker, has_all in state.made if has_all]
    if len(set(every)) < limits["usual_people"]:
        return None
    if len(every) < limits["usual_share"] * len(state.made):
        return None
    return (
        f"{len(every)} of the last {len(state.made)} keys of projects with scopes were made so, by "
        f"{len(set(every))} people: it is usual here, and told once in "
        f"{limits['usual_days']:g} days."
    )


def _scopes(event: AuditEvent) -> tuple[str, ...] | None:
    """The scopes that were asked for; ``None`` where nothing is said of them."""
    for part in objects(event):
        for name in ("scopes", "permissions"):
            if part.get(name) is not None:
                return split(part[name])
    return None


DETECTIONS = (
    Detection(
        key="admin_key_created",
        title="Admin key made by somebody new to it",
        severity="high",
        techniques=(attack.ADDITIONAL_CREDENTIALS,),
        why="An admin key manages the whole organization, from anywhere and without a login, and "
        "outlives the session or the account that made it.",
        what_to_do="Ask the one who made it what for. If nobody knows, delete it "
        "(`openai-admin admin-api-keys delete ID`), end the maker's sessions, and look at what was "
        "done with it: `openai-admin audit-logs search --key ID`.",
        state=Makers,
        look=look_for_admin_keys,
        thresholds={"usual_after": 1, "history_days": 7.0, "once_hours": 24.0},
    ),
    Detection(
        key="key_with_all_scopes",
        title="Key with all scopes",
        severity="medium",
        techniques=(attack.ADDITIONAL_CREDENTIALS,),
        why="A key that may do everything gives whoever finds it everything; most programs need "
        "one or two scopes.",
        what_to_do="Ask its owner what it is for, and give it only the scopes for that "
        "(`openai-admin projects api-keys update`), or replace it by one that has them "
        "(`openai-admin rotate KEY`).",
        state=Scoped,
        look=look_for_all_scopes,
        thresholds={
            "usual_after": 1,
            "usual_people": 3,
            "usual_share": 0.25,
            "usual_days": 30.0,
            "history_days": 7.0,
            "once_hours": 24.0,
        },
        types=_SCOPED,
    ),
)
