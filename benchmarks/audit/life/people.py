"""People: where they are at a time, what they use, and how the log names them."""

from __future__ import annotations

from random import Random
from typing import Any

import attrs

from .devices import COMMON, PHONES, Device
from .log import DAY, HOUR, JSON
from .places import CITIES, RELAYS, City, Network, fixed, mobile, network

_STAYS = 4 * HOUR


@attrs.frozen
class Trip:
    """A stay elsewhere: days from the first until before the last."""

    first: int
    last: int
    city: City


@attrs.define(eq=False)
class Person:
    """Somebody with an account.

    Attributes:
        left: when they left, in Unix seconds; ``None`` for who stays.
        joined: when they came; those of before came long ago.
        in_office: the share of days in the office.
        relay: what their browser hides them behind, half of the time at home.
        vpn: the share of logins through the organization's VPN.
        logins: in a week.
        begins: the hour at which their day begins, by their own clock.
    """

    id: str
    email: str
    city: City
    home: Network
    carrier: Network
    office: Network | None
    exit: Network | None
    relay: Network | None
    devices: tuple[Device, ...]
    in_office: float
    vpn: float
    logins: float
    begins: int
    weekends: bool
    role: str = "reader"
    joined: float = 0.0
    left: float | None = None
    keys: list[str] = attrs.field(factory=list)
    trips: list[Trip] = attrs.field(factory=list)
    renewed: tuple[int, Device] | None = None
    """From which day on they have another device in place of the first."""
    moved: tuple[int, Network] | None = None
    """From which day on they have another home, or another operator there."""

    @property
    def user(self) -> JSON:
        """How events name them."""
        return {"id": self.id, "email": self.email}

    def is_there(self, at: float) -> bool:
        """Whether they are a member then."""
        return self.joined <= at and (self.left is None or at < self.left)

    def trip(self, day: int) -> Trip | None:
        """Where they are away to on a day."""
        return next((trip for trip in self.trips if trip.first < day < trip.last), None)

    def is_under_way(self, day: int) -> bool:
        """Whether they travel on a day, to somewhere or back, and do nothing else."""
        return any(day in (trip.first, trip.last) for trip in self.trips)

    def place(self, day: int, at: float) -> Network:
        """The network they come from, the same for some hours."""
        random, trip = Random(f"{self.id}/{int(at // _STAYS)}"), self.trip(day)
        if self.exit is not None and random.random() < self.vpn:
            return self.exit
        if trip is not None:
            return away(trip, random)
        if self.office is not None and random.random() < self.in_office:
            return self.office
        if random.random() < 0.07:
            return self.carrier
        if self.relay is not None and random.random() < 0.5:
            return self.relay
        return self.moved[1] if self.moved is not None and day >= self.moved[0] else self.home

    def device(self, day: int, random: Random) -> Device:
        """What they use: the first mostly, or the one that replaces it from a day on."""
        first = self.devices[0]
        if self.renewed is not None and day >= self.renewed[0]:
            first = self.renewed[1]
        return first if random.random() < 0.9 else random.choice((first, *self.devices[1:]))


def away(trip: Trip, random: Random) -> Network:
    """A hotel's network, or the mobile one there; the same for the whole of a stay."""
    chosen = Random(f"{trip.city.name}/{trip.first}/{random.random() < 0.7}")
    number = mobile(chosen, trip.city) if chosen.random() < 0.3 else fixed(chosen, trip.city)
    return network(chosen, number, trip.city)


def person(
    random: Random,
    id: str,
    email: str,
    city: City,
    *,
    office: Network | None,
    exit: Network | None,
    in_office: float,
    logins: float,
    night: bool,
) -> Person:
    """Somebody who lives in a city."""
    first = random.choice(COMMON)
    devices = (first,) if random.random() < 0.5 else (first, random.choice(PHONES))
    is_v6 = random.random() < 0.35
    # Where a mobile network's addresses are is often a place of its operator's.
    country = [c for c in CITIES.values() if c.country == city.country]
    hub = random.choice(country) if random.random() < 0.3 else city
    relay = None
    if any(device.browser == "Safari" for device in devices) and random.random() < 0.3:
        relay = network(random, random.choice(RELAYS), random.choice(country), is_v6=True)
    begins = random.choice((6, 14, 22)) if night else random.choice((7, 8, 8, 9, 9, 10))
    return Person(
        id=id,
        email=email,
        city=city,
        home=network(random, fixed(random, city), city, is_v6=is_v6),
        carrier=network(random, mobile(random, city), hub, is_v6=random.random() < 0.5),
        office=office,
        exit=exit,
        relay=relay,
        devices=devices,
        in_office=in_office if office is not None else 0.0,
        vpn=random.choice((0.2, 0.6, 1.0)) if exit is not None else 0.0,
        logins=max(0.2, random.gammavariate(2.0, logins / 2)),
        begins=begins,
        weekends=night,
    )


@attrs.frozen
class Sessions:
    """How the API tells of sessions in one organization.

    Attributes:
        as_text: whether numbers come as text.
        with_ja3: whether fingerprints are told.
        start: when the life begins, in Unix seconds.
    """

    random: Random
    as_text: bool
    with_ja3: bool
    start: int

    def actor(
        self,
        user: JSON | None,
        place: Network,
        device: Device | None,
        at: float,
        *,
        address: str | None = None,
        always: bool = False,
    ) -> JSON:
        """An actor in a browser; one in a hundred comes without details unless they must be."""
        random = self.random
        day = int((at - self.start) // DAY)
        session: JSON = {"ip_address": address or place.address(day)}
        if user is not None:
            session["user"] = dict(user)
        if device is not None:
            session["user_agent"] = device.user_agent(day)
            if self.with_ja3:
                session["ja3"], session["ja4"] = device.ja3(random), device.ja4
        if always or random.random() < 0.99:
            session["ip_address_details"] = self.details(place)
        return {"type": "session", "session": session}

    def details(self, place: Network) -> JSON:
        """What is known of an address."""
        city = place.city

        def number(value: float) -> Any:
            return str(value) if self.as_text else value

        return {
            "country": city.country,
            "city": city.name,
            "region": city.region,
            "region_code": city.code,
            "asn": number(place.asn),
            "latitude": number(city.latitude),
            "longitude": number(city.longitude),
        }


def city(random: Random, names: tuple[str, ...]) -> City:
    """One of some cities."""
    return CITIES[random.choice(names)]
