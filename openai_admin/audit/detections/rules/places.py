"""Where people act from: a country or a network that is new for them, or too far to have got to.

A login that is all three is told once, as the one that says the most: impossible travel before a
new country, a new country before a new network.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ...event import AuditEvent, Origin
from ..model import Context, Detection, Hit
from . import attack
from .distance import kilometers
from .habits import Habits, Kind, Person, network_in_country
from .operators import RENTED
from .wording import who

_NO_LOGIN = frozenset({"login.failed", "logout.failed", "logout.succeeded"})


def look_for_travel(event: AuditEvent, state: Habits, context: Context) -> Iterator[Hit]:
    """Find somebody who acts from a place that they cannot have got to since they last acted."""
    for _, person, kind in _judged(event, state, context):
        if kind == "travel":
            yield from _travel(event, person, context)


def look_for_countries(event: AuditEvent, state: Habits, context: Context) -> Iterator[Hit]:
    """Find somebody who acts from a country that neither they nor colleagues ever did."""
    for name, person, kind in _judged(event, state, context):
        if kind == "country":
            usual = ", ".join(sorted(person.countries)[:5])
            there = event.actor.origin.country or ""
            yield Hit(
                about=event.actor.identity or "",
                summary=f"{who(event, context)} acted from {_place(event.actor.origin)} for the "
                f"first time ({event.type}).",
                evidence=(event,),
                learned=f"In {person.seen} events over {person.days.number} days they were in "
                f"{usual}; of their colleagues, {state.people_in(there, name) or 'nobody'} was "
                f"ever in {there}.",
            )


def look_for_networks(event: AuditEvent, state: Habits, context: Context) -> Iterator[Hit]:
    """Find somebody who acts from a network that neither they nor colleagues ever did."""
    for _, person, kind in _judged(event, state, context):
        if kind == "network":
            limits = context.thresholds
            yield Hit(
                about=event.actor.identity or "",
                summary=f"{who(event, context)} acted from a new network, "
                f"{_network(event.actor.origin)} ({event.type}).",
                evidence=(event,),
                learned=f"In {person.seen} events over {person.days.number} days they used "
                f"{_networks(len(person.networks))}. In {limits['usual_days']:g} days it is told "
                f"of up to {limits['usual_networks']:g} networks that are new to everybody.",
            )


def _judged(
    event: AuditEvent, state: Habits, context: Context
) -> Iterator[tuple[str, Person, Kind]]:
    """What is striking about where an event came from; the habits learn from it afterwards."""
    actor, origin = event.actor, event.actor.origin
    if actor.kind != "user" or actor.via == "api_key" or event.type in _NO_LOGIN:
        return
    network = network_in_country(origin)
    if network is None and origin.country is None:
        return
    name = actor.user_id or (actor.email or "").lower()
    person = state.person(name)
    kind = _kind(event, name, person, network, state, context)
    place = (name, origin.country or network)
    if kind == "travel" and state.told.again(
        place, event.at, timedelta(hours=context.thresholds["once_hours"])
    ):
        kind = "known"  # told already; from then on it is a place of theirs
    yield name, person, kind
    state.learn(event, name, network, kind)


def _kind(
    event: AuditEvent,
    name: str,
    person: Person,
    network: str | None,
    state: Habits,
    context: Context,
) -> Kind:
    origin, limits = event.actor.origin, context.thresholds
    if person.seen < limits["least_events"] or person.days.number < limits["least_days"]:
        return "unknown"
    colleagues = 1 if len(state.people) < limits["small"] else limits["colleagues"]
    if network is not None and (
        network in person.networks or state.is_shared(network, name, colleagues)
    ):
        return "known"
    is_learned = state.days.number >= limits["history_days"]
    if is_learned and _is_impossible(event, person, context):
        return "travel"
    place = (name, origin.country or network)
    if state.told.was(place, event.at, timedelta(hours=limits["once_hours"])):
        return "known"  # the same one who could not have got there
    kind: Kind
    if origin.country is not None and origin.country not in person.countries:
        there = state.people_in(origin.country, name)
        kind = _new_country(event, person, origin.country, there >= colleagues, state, context)
    else:
        kind = _new_network(event, person, network, state, context)
    return kind if is_learned else "known"


def _new_country(
    event: AuditEvent,
    person: Person,
    country: str,
    has_colleagues: bool,
    state: Habits,
    context: Context,
) -> Kind:
    """Whether a country that is new to the person says anything.

    With a computer of their own people go to where colleagues are, and to others too where that is
    usual; with another computer, or from a rented machine, it may be somebody else.
    """
    origin, limits = event.actor.origin, context.thresholds
    if not person.countries:
        return "known"
    if person.is_strange(origin) or origin.asn in RENTED:
        return "country"
    if has_colleagues:
        return "known"
    usual = state.new_near("country", event.at, timedelta(days=limits["usual_days"]))
    state.saw_new("country", country, event.at)
    is_own = person.is_strange(origin) is False
    return "known" if is_own and usual >= limits["usual_countries"] else "country"


def _new_network(
    event: AuditEvent, person: Person, network: str | None, state: Habits, context: Context
) -> Kind:
    """Whether a network that is new to everybody says anything.

    With their own computer people come from cafés, hotels and new flats: that says nothing. With
    another one, or from a rented machine, it may be somebody else. Where the log tells nothing of
    devices, it is told as long as it is rare.
    """
    origin, limits = event.actor.origin, context.thresholds
    if network is None or not person.networks:
        return "known"
    is_strange = person.is_strange(origin)
    if person.is_nowhere(origin):
        return "network" if is_strange and network not in state.addresses else "known"
    if is_strange or origin.asn in RENTED:
        return "network"
    usual = state.new_near("network", event.at, timedelta(days=limits["usual_days"]))
    state.saw_new("network", network, event.at)
    is_rare = usual < limits["usual_networks"] and person.is_steady(limits["steady_share"])
    is_known_well = person.seen >= limits["least_events_for_networks"]
    return "network" if is_strange is None and is_rare and is_known_well else "known"


def _is_impossible(event: AuditEvent, person: Person, context: Context) -> bool:
    last, origin, limits = person.last, event.actor.origin, context.thresholds
    if last is None or event.at is None:
        return False
    far = kilometers(last.origin, origin)
    if far is None:
        return False
    same = origin.country is not None and origin.country == last.origin.country
    if far < limits["least_km_within_a_country" if same else "least_km"]:
        return False
    return far / max(_hours(event.at, last.at), 1 / 60) > limits["fastest_kmh"]


def _travel(event: AuditEvent, person: Person, context: Context) -> Iterator[Hit]:
    last, origin = person.last, event.actor.origin
    if last is None or event.at is None:
        return
    far = kilometers(last.origin, origin) or 0
    hours = _hours(event.at, last.at)
    yield Hit(
        about=event.actor.identity or "",
        summary=f"{who(event, context)} acted from {_place(last.origin)} and then from "
        f"{_place(origin)}, {far:,.0f} km away, {hours * 60:,.0f} minutes later.",
        evidence=(last.event, event),
    )


def _hours(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds()) / 3600


def _place(origin: Origin) -> str:
    named = ", ".join(part for part in (origin.city, origin.country) if part)
    if origin.ip is None:
        return named or "somewhere"
    return f"{named} ({origin.ip})" if named else origin.ip


def _networks(number: int) -> str:
    return "1 network" if number == 1 else f"{number:,} networks"


def _network(origin: Origin) -> str:
    number = f"AS{origin.asn}, " if origin.asn else ""
    return f"{number}{_place(origin)}"


_LEARNED = {
    "least_events": 4,
    "least_days": 3,
    "colleagues": 2,
    "small": 20,
    "least_km": 500.0,
    "least_km_within_a_country": 2_000.0,
    "fastest_kmh": 1_000.0,
    "once_hours": 168.0,
    "usual_days": 30.0,
    "usual_networks": 2,
    "usual_countries": 2,
    "least_events_for_networks": 6,
    "steady_share": 5.0,
    "history_days": 7.0,
}
_ASK = (
    "Ask the person, by another way than e-mail, whether they are there. If not, have their "
    "password and second factor changed at the identity provider and end their sessions, delete "
    "the keys they made since (`openai-admin find ADDRESS`), and look at what was done: "
    "`openai-admin audit-logs search --person ADDRESS`."
)

DETECTIONS = (
    Detection(
        key="new_country",
        title="Login from a new country",
        severity="medium",
        techniques=(attack.CLOUD_ACCOUNTS,),
        why="A stolen password or session is mostly used from where its owner never was.",
        what_to_do=_ASK,
        state=Habits,
        look=look_for_countries,
        thresholds=_LEARNED,
    ),
    Detection(
        key="new_network",
        title="Login from a new network",
        severity="low",
        techniques=(attack.CLOUD_ACCOUNTS,),
        why="A stolen password or session is used from the thief's network, which may well be in "
        "the owner's country.",
        what_to_do=_ASK,
        state=Habits,
        look=look_for_networks,
        thresholds=_LEARNED,
    ),
    Detection(
        key="impossible_travel",
        title="Impossible travel",
        severity="high",
        techniques=(attack.CLOUD_ACCOUNTS,),
        why="Nobody is in two places that far apart at once: one of the two is somebody else.",
        what_to_do=_ASK,
        state=Habits,
        look=look_for_travel,
        thresholds=_LEARNED,
    ),
)
