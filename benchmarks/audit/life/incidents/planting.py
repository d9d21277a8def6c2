"""What an incident is, and which variants there are of each."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import attrs

from ..devices import Device, strange
from ..log import DAY, JSON
from ..organization import Organization
from ..people import Person
from ..places import CITIES, HOSTING, City, Network, fixed, network

_FAR = (
    *("Lagos", "Hanoi", "Bucharest", "Kyiv", "Jakarta", "Moscow", "Cape Town", "Istanbul"),
    *("Dubai", "São Paulo", "Mexico City", "Sydney", "Tokyo"),
)


@attrs.frozen(kw_only=True)
class Incident:
    """Something that is to be found.

    Attributes:
        detection: by which detection.
        variant: which kind of it.
        events: the ids of the events that show it; a finding's evidence has one of them.
        at: when it happened.
        actor: the id of who did it, or of what did it; ``None`` where nothing says so.
        may: other detections that tell the truth when they tell of the same events.
        instead: other detections that find it as well as its own: it is found by either.
        most: how many findings of it are not too many.
    """

    detection: str
    variant: str
    events: tuple[str, ...]
    at: float
    actor: str | None = None
    may: frozenset[str] = frozenset()
    instead: frozenset[str] = frozenset()
    most: int = 1

    def is_found_by(self, detection: str) -> bool:
        """Whether a finding of a detection finds it."""
        return detection == self.detection or detection in self.instead


@attrs.define(eq=False)
class Planting:
    """An organization in which something is planted, and who and what was taken for it already."""

    made: Organization
    random: Random
    taken: set[str] = attrs.field(factory=set)
    countries: set[str] = attrs.field(factory=set)
    rented: set[int] = attrs.field(factory=set)

    def note(self, at: float, type: str, payload: Any, **fields: Any) -> str:
        """Add an event and return its id."""
        return self.made.log.note(at, type, payload, **fields)

    def time(self) -> float:
        """A time of the days that are looked at, by day or by night."""
        made = self.made
        return float(self.random.randrange(made.begins + DAY, made.ends - 2 * DAY))

    def insider(self, at: float) -> tuple[JSON, str]:
        """A member in their browser where they always are, and their id."""
        day = self.made.day(at)
        someone = self.random.choice([p for p in self.made.present(at) if p.trip(day) is None])
        return self.made.at(someone, at), someone.id

    def owner(self, at: float) -> tuple[JSON, str]:
        """An owner in their browser, and their id."""
        owner = self.made.owner(at)
        return self.made.at(owner, at), owner.id

    def anyone(self, at: float) -> tuple[Any, str | None]:
        """An owner in a browser or by a key, or nobody that the log names."""
        chance = self.random.random()
        if chance < 0.6:
            return self.owner(at)
        if chance < 0.85:
            owner = self.made.owner(at)
            return self.made.by_key(self.made.new_id("key_"), owner), owner.id
        return self.random.choice((None, "system")), None

    def victim(self, at: float, *, logins: int = 6) -> Person | None:
        """Somebody with habits: so many logins before, nothing within a day, and no trip.

        An account is taken once, and none of an owner: they act in other incidents.
        """
        made, known = self.made, self.made.log.logins
        day = made.day(at)
        able = [
            p
            for p in made.present(at)
            if p.id not in self.taken
            and p not in made.owners
            and not any(abs(t - at) < DAY for t in made.log.seen.get(p.id, ()))
            and p.exit is None
            and len([t for t in known.get(p.id, ()) if t < at - DAY]) >= logins
            and not any(trip.first - 3 <= day <= trip.last + 3 for trip in p.trips)
            and (p.renewed is None or abs(p.renewed[0] - day) > 4)
        ]
        if not able:
            return None
        chosen = self.random.choice(able)
        self.taken.add(chosen.id)
        return chosen

    def far(self) -> City | None:
        """A city in a country where nobody of the organization ever was."""
        seen = {p.city.country for p in self.made.people} | self.countries
        seen |= {trip.city.country for p in self.made.people for trip in p.trips}
        seen |= {office.city.country for office in self.made.offices}
        cities = [CITIES[name] for name in _FAR if CITIES[name].country not in seen]
        if not cities:
            return None
        chosen = self.random.choice(cities)
        self.countries.add(chosen.country)
        return chosen

    def foothold(self, city: City, *, hidden: bool | None = None) -> Network:
        """A network of an attacker in a city: rented machines, or a line into a house.

        Machines are of an operator whom nobody else came from: no program, no attacker.
        """
        hidden = self.random.random() < 0.6 if hidden is None else hidden
        own = {account.network.asn for account in self.made.accounts}
        unused = [number for number in HOSTING if number not in own | self.rented]
        number = self.random.choice(unused or HOSTING) if hidden else fixed(self.random, city)
        self.rented.add(number)
        return network(self.random, number, city)

    def device(self, someone: Person) -> Device:
        """What an attacker uses."""
        own = someone.devices if someone.renewed is None else (*someone.devices, someone.renewed[1])
        return strange(self.random, own)


Plan = Callable[[Planting, float], Incident | None]
"""Plants an incident at a time; ``None`` where the organization has no place for it."""

PLANS: dict[str, list[Plan]] = {}
"""The variants of each detection's incidents."""


def plants(detection: str) -> Callable[[Plan], Plan]:
    """Mark a variant of a detection's incidents."""

    def add(plan: Plan) -> Plan:
        PLANS.setdefault(detection, []).append(plan)
        return plan

    return add
