"""Many things that somebody deletes or archives within a short time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs

from ....resources.audit_logs.event_types import EVENT_TYPES
from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .memory import Recent, is_near
from .payloads import target
from .wording import who

_WORDS = ("deleted", "archived", "removed")
_NO_LOSS = frozenset(
    {
        # Nobody misses these: they are renewed, or were not in use yet.
        *("invite.deleted", "tenant.api_organization_invite.deleted", "role.assignment.deleted"),
        *("tenant.role_assignment.deleted", "tenant.resource_role_assignment.deleted"),
        *("tenant.resource_access.deleted", "tenant.resource_share_grant.deleted"),
        *("tenant.group.member.removed", "tenant.policy.deleted", "tenant.session_policy.deleted"),
        "checkpoint.permission.deleted",
    }
)
_TYPES = frozenset(t for t in EVENT_TYPES if t.rpartition(".")[2] in _WORDS) - _NO_LOSS
_KEYS = (["api_key"], ["admin_api_key"], ["project_api_key"])
_MOST = 512  # removals of one actor that are remembered
_FAR = 32
_PEAKS = 3


@attrs.define
class Remover:
    """What one actor removed.

    Attributes:
        lately: the removals that were seen last: when, what, and the event.
        peaks: the most within a window on the days that had the most, the most first, each with
            its day; after them the day that was seen last.
        told: when it was told last, or the last removal since that is of the same burst.
    """

    lately: deque[tuple[datetime, str, AuditEvent]] = attrs.field(
        factory=lambda: deque(maxlen=_MOST)
    )
    peaks: list[tuple[int, int]] = attrs.field(factory=list)
    told: datetime | None = None


@attrs.define
class Removals:
    """What was removed, by the one who did it."""

    actors: Recent[str, Remover] = attrs.field(factory=lambda: Recent(2_000))


def look_for_removals(event: AuditEvent, state: Removals, context: Context) -> Iterator[Hit]:
    """Find somebody who removes far more in a window than is usual for them."""
    if event.at is None:
        return
    at, limits = event.at, context.thresholds
    # A program's nightly work with somebody's key says nothing of what they do themselves.
    actor = event.actor.key_id or event.actor.identity or event.actor.via or ""
    remover = state.actors.get(actor) or Remover()
    state.actors.set(actor, remover)
    window = timedelta(minutes=limits["minutes"])
    kind = (event.type or "").rpartition(".")[0].removeprefix("tenant.")
    thing = f"{kind} {target(event) or event.id}"
    remover.lately.append((at, thing, event))
    if remover.told is not None and is_near(remover.told, at, window):
        remover.told = at
        return
    burst = _burst(remover, at, window)
    usual = _usual(remover, at)
    kinds = sorted({thing.split(" ")[0] for thing in burst})
    # Keys are rotated, a handful at once; nothing else is.
    constant = limits["least_keys" if kinds in _KEYS else "least"]
    least = max(constant, limits["times_usual"] * usual)
    if len(burst) < least:
        _learn(remover, at, len(burst))
        return
    remover.told = at
    yield Hit(
        about=event.actor.identity or actor or "unknown",
        summary=f"{who(event, context)} deleted or archived at least {len(burst)} things within "
        f"{limits['minutes']:g} minutes: {', '.join(kinds)}.",
        evidence=(*(e for e in burst.values() if e is not event), event),
        learned=f"On the busiest days before it was {usual} in such a time; the least that is told "
        f"is {least:g}.",
    )


def _burst(remover: Remover, at: datetime, window: timedelta) -> dict[str, AuditEvent]:
    """What was removed around a time, by what it was, the oldest first.

    Events come nearly in their order: a few that are further away end the search.
    """
    found: dict[str, AuditEvent] = {}
    far = 0
    for when, thing, event in reversed(remover.lately):
        if is_near(when, at, window):
            found.setdefault(thing, event)
        elif (far := far + 1) == _FAR:
            break
    return dict(reversed(found.items()))


def _usual(remover: Remover, at: datetime) -> int:
    """The most in a window that is usual: what was reached on several days before this one, so
    that one cleaning up does not make the next one usual.
    """
    earlier = [number for number, day in remover.peaks if day != at.toordinal()]
    return min(sorted(earlier, reverse=True)[:_PEAKS]) if len(earlier) >= _PEAKS else 0


def _learn(remover: Remover, at: datetime, number: int) -> None:
    day = at.toordinal()
    peaks = {d: n for n, d in remover.peaks}
    peaks[day] = max(number, peaks.get(day, 0))
    highest = sorted(((n, d) for d, n in peaks.items() if d != day), reverse=True)[:_PEAKS]
    remover.peaks = [*highest, (peaks[day], day)]


DETECTIONS = (
    Detection(
        key="many_removals",
        title="Many things deleted or archived in a short time",
        severity="high",
        techniques=(attack.DATA_DESTRUCTION, attack.ACCESS_REMOVAL),
        why="Deleted keys stop products and archived projects cannot be brought back by the API: "
        "this is what sabotage looks like, and a program that runs wild.",
        what_to_do="Ask the one who does it at once. If they do not know of it, end their access "
        "(`openai-admin offboard ADDRESS`) or delete the key that was used, then see what is gone: "
        "`openai-admin audit-logs search --person ADDRESS --around TIME --window 2h`.",
        state=Removals,
        look=look_for_removals,
        thresholds={"least": 8, "least_keys": 10, "minutes": 60.0, "times_usual": 2.0},
        types=_TYPES,
    ),
)
