"""Where the people of an organization usually act from, learned from the log."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Literal

import attrs

from ...event import AuditEvent, Origin
from .addresses import network_of
from .devices import device_of
from .memory import Days, Recent, Told, is_near

Kind = Literal["travel", "country", "network", "known", "unknown"]
"""What is most striking about where somebody acts from; ``unknown`` where too little is known."""

_PEOPLE = 10_000
_NETWORKS = 50_000
_COUNTRIES = 300
_KEPT = 32  # networks, countries and devices of a person
_NAMES = 8  # people of a network or a country that are told apart


@attrs.frozen
class Seen:
    """Where somebody acted from, when, and the event that shows it."""

    at: datetime
    origin: Origin
    event: AuditEvent


@attrs.define
class Person:
    """Where one person acts from.

    Attributes:
        seen: how many of their events were seen.
        days: on how many days.
        countries: the countries they acted from.
        networks: the networks, with how often.
        devices: the devices, by the browser and its system.
        last: where they were last.
    """

    seen: int = 0
    days: Days = attrs.field(factory=Days)
    countries: dict[str, int] = attrs.field(factory=dict)
    networks: dict[str, int] = attrs.field(factory=dict)
    devices: dict[str, int] = attrs.field(factory=dict)
    last: Seen | None = None

    def is_steady(self, share: float) -> bool:
        """Whether a new network is rare for them: of so many of their events, at the most one was
        from a network that they used once. (That share estimates how likely the next is new.)
        """
        once = sum(number == 1 for number in self.networks.values())
        return once * share <= self.seen

    def is_strange(self, origin: Origin) -> bool | None:
        """Whether a device is none of theirs; ``None`` where the log tells nothing of devices."""
        if not self.devices:
            return None
        return device_of(origin) not in self.devices

    def is_nowhere(self, origin: Origin) -> bool:
        """Whether an event tells an address and no more, where others of theirs tell its place."""
        return origin.asn is None and origin.country is None and bool(self.countries)

    def see(self, event: AuditEvent, network: str | None) -> None:
        """Take in what an event tells of where it came from, and the network that this is."""
        origin = event.actor.origin
        self.seen += 1
        self.days.see(event.at)
        _count(self.devices, device_of(origin))
        if self.is_nowhere(origin):
            return
        _count(self.networks, network)
        _count(self.countries, origin.country)
        if event.at is not None and origin.latitude is not None:
            self.last = Seen(event.at, origin, event)


@attrs.define
class Place:
    """Who uses a network or is in a country: some of them, and on how many days."""

    people: dict[str, int] = attrs.field(factory=dict)
    days: Days = attrs.field(factory=Days)

    def see(self, person: str, at: datetime | None) -> None:
        """Take in that somebody was there."""
        self.days.see(at)
        if person in self.people or len(self.people) < _NAMES:
            self.people[person] = 1


@attrs.define
class Habits:
    """Where everybody acts from.

    Attributes:
        people: by id or address.
        networks: who uses each network.
        countries: who is in each country.
        addresses: the parts of addresses that stay, of everybody.
        new: when a network or a country was new to everybody, of people whose habits were known.
        told: what was told lately.
        days: on how many days something was seen.
    """

    people: Recent[str, Person] = attrs.field(factory=lambda: Recent(_PEOPLE))
    networks: Recent[str, Place] = attrs.field(factory=lambda: Recent(_NETWORKS))
    countries: Recent[str, Place] = attrs.field(factory=lambda: Recent(_COUNTRIES))
    addresses: Recent[str, bool] = attrs.field(factory=lambda: Recent(_NETWORKS))
    new: deque[tuple[Kind, str, datetime]] = attrs.field(factory=lambda: deque(maxlen=64))
    told: Told = attrs.field(factory=Told)
    days: Days = attrs.field(factory=Days)

    def person(self, name: str) -> Person:
        """What is known of a person."""
        person = self.people.get(name)
        if person is None:
            person = Person()
            self.people.set(name, person)
        return person

    def is_shared(self, network: str, name: str, colleagues: float) -> bool:
        """Whether so many colleagues used a network, or one of them on several days."""
        place = self.networks.get(network)
        if place is None:
            return False
        others = len(place.people.keys() - {name})
        return others >= colleagues or (others > 0 and place.days.number > 1)

    def people_in(self, country: str, name: str) -> int:
        """How many colleagues were in a country, up to a few."""
        place = self.countries.get(country)
        return 0 if place is None else len(place.people.keys() - {name})

    def new_near(self, kind: Kind, at: datetime | None, within: timedelta) -> int:
        """How many networks, or countries, were new to everybody around that time."""
        return sum(of == kind and is_near(when, at, within) for of, _, when in self.new)

    def saw_new(self, kind: Kind, name: str, at: datetime | None) -> None:
        """Count a network, or a country, as one that was new to everybody."""
        if at is not None and all((kind, name) != known[:2] for known in self.new):
            self.new.append((kind, name, at))

    def learn(self, event: AuditEvent, name: str, network: str | None, kind: Kind) -> None:
        """Take in where an event came from, unless the person cannot have been there.

        What is striking says nothing of where colleagues are: it may be somebody else.
        """
        self.days.see(event.at)
        if kind == "travel":
            return
        person, origin = self.person(name), event.actor.origin
        person.see(event, network)
        part = None if origin.ip is None else network_of(origin.ip)
        if part is not None:
            self.addresses.set(part, True)
        if kind in ("known", "unknown") and not person.is_nowhere(origin):
            _use(self.networks, network, name, event.at)
            _use(self.countries, origin.country, name, event.at)


def network_of_origin(origin: Origin) -> str | None:
    """What somebody's network is recognized by: its operator's number, which stays while addresses
    change, else the part of the address that does.
    """
    if origin.asn is not None:
        return f"AS{origin.asn}"
    return None if origin.ip is None else network_of(origin.ip)


def network_in_country(origin: Origin) -> str | None:
    """Likewise in one country: who rents machines of an operator here need not be there."""
    network = network_of_origin(origin)
    if network is None or origin.asn is None or origin.country is None:
        return network
    return f"{network} {origin.country}"


def _count(known: dict[str, int], name: str | None) -> None:
    if name is None:
        return
    if name in known or len(known) < _KEPT:
        known[name] = known.get(name, 0) + 1
        return
    del known[min(known, key=lambda one: known[one])]
    known[name] = 1


def _use(places: Recent[str, Place], name: str | None, person: str, at: datetime | None) -> None:
    if name is None:
        return
    place = places.get(name)
    if place is None:
        place = Place()
        places.set(name, place)
    place.see(person, at)
