"""Organizations of different kinds: how large they are, and what is usual in them."""

from __future__ import annotations

import attrs

EUROPE = ("Berlin", "Munich", "Hamburg", "Amsterdam", "London", "Paris", "Madrid", "Warsaw")
WORLD = (
    *EUROPE,
    *("Lisbon", "Stockholm", "Dublin", "Vienna", "Milan", "New York", "Boston", "Austin"),
    *("Denver", "San Francisco", "Seattle", "Toronto", "Vancouver", "Mexico City", "São Paulo"),
    *("Bengaluru", "Mumbai", "Singapore", "Tokyo", "Sydney", "Tel Aviv"),
)


@attrs.frozen(kw_only=True)
class Character:
    """What an organization is like; shares are 0 to 1, rates by month.

    Attributes:
        people: the fewest and the most it has.
        cities: where its offices are, the first the headquarters.
        homes: where people live who are remote.
        remote: the share who are.
        in_office: the share of the others' days in the office.
        vpn: the share who come by the organization's VPN, always or now and then.
        travels: trips abroad of a person.
        hires: new people, for each hundred.
        logins: of a person in a week, on average.
        night: whether many work at night and on weekends.
        scim: whether a directory adds and removes people.
        sso: whether people log in by it, so that nobody mistypes a password here.
        foreign_invites: invites to foreign domains as usual business.
        partner: whether one foreign domain is usual.
        terraform: whether a program manages projects, in bursts.
        previews: whether a program makes and removes projects' keys each working day.
        careless: whether keys are usually made with all scopes.
        key_addresses: whether what keys do comes with an address.
        roles: whether roles of its own are given as part of the work.
    """

    name: str
    people: tuple[int, int]
    cities: tuple[str, ...]
    homes: tuple[str, ...] = EUROPE
    remote: float = 0.1
    in_office: float = 0.6
    vpn: float = 0.0
    travels: float = 0.02
    hires: float = 1.5
    logins: float = 1.6
    night: bool = False
    scim: bool = False
    sso: bool = False
    foreign_invites: float = 0.0
    partner: bool = False
    terraform: bool = False
    previews: bool = False
    careless: bool = False
    key_addresses: bool = True
    roles: bool = False


CHARACTERS = (
    Character(name="start-up", people=(5, 14), cities=("Berlin",), remote=0.3, hires=4, logins=3),
    Character(
        name="scale-up",
        people=(40, 110),
        cities=("Amsterdam", "London"),
        hires=4,
        logins=2,
        terraform=True,
        partner=True,
        roles=True,
    ),
    Character(
        name="enterprise",
        people=(250, 500),
        cities=("Munich", "New York", "Bengaluru"),
        homes=WORLD,
        vpn=0.35,
        logins=0.9,
        scim=True,
        sso=True,
        terraform=True,
        roles=True,
        partner=True,
    ),
    Character(
        name="agency",
        people=(15, 60),
        cities=("London",),
        foreign_invites=9,
        hires=3,
        logins=2,
        remote=0.2,
    ),
    Character(
        name="night shift",
        people=(40, 120),
        cities=("Warsaw", "Singapore"),
        night=True,
        logins=3,
        key_addresses=False,
    ),
    Character(
        name="travelling sales",
        people=(40, 120),
        cities=("Paris", "New York"),
        travels=0.12,
        vpn=0.15,
        logins=1.8,
        partner=True,
    ),
    Character(
        name="remote",
        people=(20, 80),
        cities=("San Francisco",),
        homes=WORLD,
        remote=0.9,
        travels=0.05,
        logins=2.2,
        hires=3,
        terraform=True,
        previews=True,
    ),
    Character(
        name="platform team",
        people=(12, 40),
        cities=("Stockholm",),
        logins=2.5,
        terraform=True,
        previews=True,
        roles=True,
        scim=True,
    ),
    Character(
        name="careless start-up",
        people=(8, 25),
        cities=("Austin",),
        homes=("Austin", "Denver", "New York"),
        remote=0.4,
        logins=3,
        careless=True,
        hires=4,
    ),
    Character(
        name="shared office",
        people=(10, 45),
        cities=("Toronto",),
        homes=("Toronto", "Boston", "New York"),
        in_office=0.95,
        vpn=0.5,
        logins=2,
        key_addresses=False,
    ),
)
