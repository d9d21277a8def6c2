"""Guessed passwords: logins that failed again and again, and then one that did not."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .devices import device_of
from .habits import Person, network_of_origin
from .memory import Recent
from .payloads import text
from .wording import who

_MOST = 256  # failures of one person or one address that are remembered

Failure = tuple[datetime, str, AuditEvent]
"""When a login failed, whose it was, and the event."""

Failures = deque[Failure]


@attrs.define
class Attempts:
    """The failed logins that no success has followed yet.

    Attributes:
        people: by the person: their address, or else their id.
        addresses: by the address they came from.
        known: the addresses that somebody logged in from before.
        habits: the networks and devices that people logged in with before.
    """

    people: Recent[str, Failures] = attrs.field(factory=lambda: Recent(10_000))
    addresses: Recent[str, Failures] = attrs.field(factory=lambda: Recent(10_000))
    known: Recent[str, bool] = attrs.field(factory=lambda: Recent(50_000))
    habits: Recent[str, Person] = attrs.field(factory=lambda: Recent(10_000))


def look_for_guessed(event: AuditEvent, state: Attempts, context: Context) -> Iterator[Hit]:
    """Find a success after failures of the same person, or of many from the same address."""
    at, ip = event.at, event.actor.origin.ip
    if at is None:
        return
    names = _names(event)
    if event.type == "login.failed":
        failure = (at, names[0] if names else "", event)
        for name in names:
            _keep(state.people, name, failure)
        if ip is not None and ip not in state.known:
            _keep(state.addresses, ip, failure)
        return
    limits = context.thresholds
    is_own = _is_own(event, names, state)
    failures = [f for name in names for f in state.people.get(name) or ()]
    if ip is not None:
        state.known.set(ip, True)
    if not failures and (ip is None or ip not in state.addresses):
        return
    within = _within(failures, at, timedelta(minutes=limits["minutes"]))
    long = _within(failures, at, timedelta(hours=limits["slow_hours"]))
    sprayed = _within(
        state.addresses.get(ip or "") or (), at, timedelta(minutes=limits["spray_minutes"])
    )
    for name in names:
        state.people.drop(name)
    if ip is not None:
        state.addresses.drop(ip)
    whose = {name for _, name, _ in sprayed}
    person = names[0] if names else ip or "unknown"
    own = all(_is_like(failed, event) for _, _, failed in within) and is_own
    if len(within) >= limits["own_failures" if own else "failures"]:
        found, how = within, f"within {limits['minutes']:g} minutes"
    elif len(long) >= limits["slow_failures"]:
        found, how = long, f"within {limits['slow_hours']:g} hours"
    elif len(sprayed) >= limits["spray_failures"] and len(whose) >= limits["spray_people"]:
        found, how = sprayed, f"of {len(whose)} people, all from {ip},"
    else:
        return
    yield Hit(
        about=event.actor.identity or person,
        summary=f"{who(event, context)} logged in after {len(found)} failed logins {how}"
        f"{'' if ip is None else f' from {ip}'}.".replace(f", from {ip}.", "."),
        evidence=(*(failed for _, _, failed in found), event),
    )


def _is_own(event: AuditEvent, names: tuple[str, ...], state: Attempts) -> bool:
    """Whether somebody logged in as they did before: from a network and with a device of theirs."""
    origin, name = event.actor.origin, names[-1] if names else ""
    person = state.habits.get(name)
    if person is None:
        person = Person()
        state.habits.set(name, person)
    network = network_of_origin(origin)
    is_known = network in person.networks or person.is_nowhere(origin)
    is_own = is_known and person.is_strange(origin) is False
    person.see(event, network)
    return is_own


def _is_like(failed: AuditEvent, event: AuditEvent) -> bool:
    """Whether a login failed from the network and the device from which one then succeeded."""
    one, other = failed.actor.origin, event.actor.origin
    is_same = network_of_origin(one) == network_of_origin(other) or one.ip == other.ip
    return device_of(one) == device_of(other) and is_same


def _names(event: AuditEvent) -> tuple[str, ...]:
    """What the same person is recognized by: a failed login may tell only one of these."""
    actor = event.actor
    email = actor.email or text(event, "email", "user_email", "username")
    user_id = actor.user_id or text(event, "user_id")
    return tuple(name for name in (email and email.lower(), user_id) if name)


def _keep(kept: Recent[str, Failures], key: str, failure: Failure) -> None:
    failures = kept.get(key)
    if failures is None:
        failures = deque(maxlen=_MOST)
        kept.set(key, failures)
    failures.append(failure)


def _within(failures: Iterable[Failure], at: datetime, window: timedelta) -> list[Failure]:
    """The failures within a time before, each once, the oldest first."""
    found = {id(event): (when, name, event) for when, name, event in failures}
    return sorted(
        (one for one in found.values() if timedelta(0) <= at - one[0] <= window),
        key=lambda one: one[0],
    )


DETECTIONS = (
    Detection(
        key="failed_logins_then_success",
        title="Failed logins and then a success",
        severity="high",
        techniques=(attack.BRUTE_FORCE, attack.CLOUD_ACCOUNTS),
        why="This is what a guessed password looks like.",
        what_to_do="Ask the person whether it was them, by another way than e-mail. If not, have "
        "their password and second factor changed at the identity provider, end their sessions, "
        "and look at what was done since: `openai-admin audit-logs search --person ADDRESS`.",
        state=Attempts,
        look=look_for_guessed,
        thresholds={
            "failures": 5,
            "own_failures": 10,
            "minutes": 30.0,
            "slow_failures": 10,
            "slow_hours": 24.0,
            "spray_failures": 10,
            "spray_people": 5,
            "spray_minutes": 60.0,
        },
        types=frozenset({"login.failed", "login.succeeded"}),
    ),
)
