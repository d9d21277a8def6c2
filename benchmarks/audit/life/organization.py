"""An organization before its life is told: people, projects, keys, programs and habits."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs

from .characters import Character
from .devices import COMMON
from .log import DAY, HOUR, JSON, Log, new_id
from .people import Person, Sessions, Trip, city, person
from .places import CITIES, CLOUDS, EXITS, HOSTING, Network, fixed, network

HISTORY = 30
"""Days before the days that are looked at."""
_BEGIN = 1_767_225_600  # 2026-01-01
_YEAR = 300  # days over which lives begin, so that clocks change within some of them
_ABROAD = ("Lisbon", "Vienna", "Zurich", "New York", "Singapore", "Tokyo", "Dubai", "Istanbul")
_FIRST = (
    *("ada", "ben", "cora", "dev", "eli", "fay", "gus", "hana", "ivo", "jana", "kofi", "lena"),
    *("maya", "nils", "olga", "pia", "quin", "rosa", "sam", "tess", "uma", "vik", "wim", "yara"),
)
_LAST = (
    *("adler", "brandt", "costa", "diaz", "eriksen", "fischer", "gupta", "haas", "ito", "jensen"),
    *("khan", "lopez", "meyer", "novak", "okoro", "petit", "rossi", "silva", "tanaka", "weber"),
)


@attrs.define(eq=False)
class Account:
    """A service account, the cloud it runs in, and its key."""

    id: str
    key_id: str
    project: JSON
    network: Network


@attrs.define(eq=False)
class Organization:
    """What there is while a life goes on.

    Attributes:
        start: the first second of the history.
        days: how many days there are in all.
        domains: its own domains.
        partner: a foreign domain with which it works always.
        owners: who may do everything.
        makers: who make admin keys as a habit.
        terraform: the id of the admin key of a program, and whose it is.
        roles: roles of its own by what they can: ``powerful`` and ``reader``.
    """

    random: Random
    character: Character
    start: int
    days: int
    log: Log
    sessions: Sessions
    domains: tuple[str, ...]
    partner: str
    id: str
    people: list[Person] = attrs.field(factory=list)
    projects: list[JSON] = attrs.field(factory=list)
    accounts: list[Account] = attrs.field(factory=list)
    owners: tuple[Person, ...] = ()
    makers: tuple[Person, ...] = ()
    terraform: tuple[str, Person] | None = None
    roles: dict[str, str] = attrs.field(factory=dict)
    groups: list[str] = attrs.field(factory=list)
    limits: dict[tuple[str, str], dict[str, int]] = attrs.field(factory=dict)
    first_limits: dict[tuple[str, str], dict[str, int]] = attrs.field(factory=dict)
    budgets: dict[str, int] = attrs.field(factory=dict)
    admin_keys: dict[str, str] = attrs.field(factory=dict)
    offices: tuple[Network, ...] = ()
    exit: Network | None = None
    staying: set[str] = attrs.field(factory=set)
    """Whose leaving is planned already."""

    @property
    def begins(self) -> int:
        """The first second that is looked at."""
        return self.start + HISTORY * DAY

    @property
    def ends(self) -> int:
        """The end of the life."""
        return self.start + self.days * DAY

    def day(self, at: float) -> int:
        """The number of a time's day."""
        return int((at - self.start) // DAY)

    def at(self, someone: Person, at: float) -> JSON:
        """Somebody in their browser where they are then."""
        day = self.day(at)
        place, device = someone.place(day, at), someone.device(day, self.random)
        return self.sessions.actor(someone.user, place, device, at)

    def by_key(self, key_id: str, owner: Person) -> JSON:
        """A person's key as an actor."""
        key: JSON = {"id": key_id, "type": "user", "user": owner.user}
        return {"type": "api_key", "api_key": key}

    def by_account(self, account: Account, at: float, place: Network | None = None) -> JSON:
        """A service account's key as an actor, with its address where that is told."""
        key: JSON = {"id": account.key_id, "type": "service_account"}
        key["service_account"] = {"id": account.id}
        actor: JSON = {"type": "api_key", "api_key": key}
        if not self.character.key_addresses:
            return actor
        where = place or account.network
        address = where.address(int(at // HOUR) * 7 + self.random.randrange(4))
        origin = {"ip_address": address, "ip_address_details": self.sessions.details(where)}
        if account.id[-1] in "0123456789ABCDEFGHIJKLMNOPQRSTU":
            actor["session"] = origin
        else:
            key.update(origin)
        return actor

    def program(self, at: float) -> JSON:
        """The program that manages projects, or an owner where there is none."""
        if self.terraform is not None:
            return self.by_key(*self.terraform)
        return self.at(self.owner(at), at)

    def present(self, at: float) -> list[Person]:
        """Who is a member then."""
        return [someone for someone in self.people if someone.is_there(at)]

    def owner(self, at: float) -> Person:
        """An owner who is there then."""
        day = self.day(at)
        at_home = [owner for owner in self.owners if not owner.is_under_way(day)]
        return self.random.choice(at_home or self.owners[:1])

    def somebody(self, at: float) -> Person:
        """A member who is there then."""
        day, present = self.day(at), self.present(at)
        return self.random.choice([p for p in present if not p.is_under_way(day)] or present)

    def new_id(self, prefix: str) -> str:
        """An id in the API's style."""
        return new_id(self.random, prefix)

    def working(self, day: int) -> int:
        """A time of a day at which people of the headquarters work."""
        return self.start + day * DAY + self.random.randrange(9 * HOUR, 17 * HOUR)

    def times(self, monthly: float, *, first: int = 0) -> list[int]:
        """Working times at which something happens that has a rate by month."""
        rate = monthly / 30
        days = [d for d in range(first, self.days) if self.random.random() < rate]
        return [self.working(day) for day in days]


def found(seed: int, character: Character, days: int) -> Organization:
    """An organization of a character, as it is when the history begins."""
    random = Random(f"life/{seed}")
    start = _BEGIN + random.randrange(_YEAR) * DAY
    name = f"{random.choice(_LAST)}{random.choice(('works', 'labs', 'soft', 'ware', 'media'))}"
    domains = (f"{name}.com", f"{name}.io") if random.random() < 0.3 else (f"{name}.com",)
    made = Organization(
        random=random,
        character=character,
        start=start,
        days=HISTORY + days,
        log=Log(random),
        sessions=Sessions(random, random.random() < 0.4, random.random() < 0.8, start),
        domains=domains,
        partner=f"{random.choice(_LAST)}-consulting.example",
        id=new_id(random, "org-"),
    )
    made.offices = tuple(_office(random, each) for each in character.cities)
    if character.vpn:
        made.exit = network(random, random.choice(EXITS), CITIES[character.cities[0]])
    for _ in range(random.randint(*character.people)):
        add_person(made)
    _fill(made, random)
    return made


def _office(random: Random, name: str) -> Network:
    return network(random, fixed(random, CITIES[name]), CITIES[name])


def add_person(made: Organization, joined: float = 0.0) -> Person:
    """Somebody who has just come."""
    random, character = made.random, made.character
    remote = random.random() < character.remote
    office = None if remote else random.choice(made.offices)
    where = city(random, character.homes) if office is None else office.city
    number = len(made.people)
    first, last = _FIRST[number % len(_FIRST)], random.choice(_LAST)
    domain = made.domains[0] if random.random() < 0.75 else made.domains[-1]
    someone = person(
        random,
        made.new_id("user-"),
        f"{first}.{last}{number or ''}@{domain}",
        where,
        office=office,
        exit=made.exit if made.exit and random.random() < character.vpn else None,
        in_office=character.in_office,
        logins=character.logins,
        night=character.night and random.random() < 0.6,
    )
    someone.joined = joined
    _plan(made, someone)
    made.people.append(someone)
    return someone


def _plan(made: Organization, someone: Person) -> None:
    """Their trips, their next laptop, and where they move."""
    random = made.random
    day = random.expovariate(made.character.travels / 30)
    while day < made.days:
        # Offices and fairs mostly, now and then a place where nobody was before.
        names: Sequence[str] = (*made.character.cities, *made.character.homes)
        chance = random.random()
        if chance > 0.9:
            names = _ABROAD
        elif chance > 0.6:
            names = [*{p.city.name for p in made.people}, made.character.cities[0]]
        where = CITIES[random.choice(sorted(names))]
        if where.name != someone.city.name:
            someone.trips.append(Trip(int(day), int(day) + random.randint(2, 9), where))
        day += 10 + random.expovariate(made.character.travels / 30)
    if random.random() < 0.06:
        someone.renewed = (random.randrange(made.days), random.choice(COMMON))
    if random.random() < 0.05:
        number = fixed(random, someone.city)
        someone.moved = (random.randrange(made.days), network(random, number, someone.city))


def _fill(made: Organization, random: Random) -> None:
    people = made.people
    owners = max(2, min(5, len(people) // 20))
    made.owners = tuple(people[:owners])
    made.makers = made.owners[: random.choice((1, 1, 2))]
    for owner in made.owners:
        owner.role, owner.logins = "owner", max(owner.logins, 2.5)
        owner.renewed = owner.moved = None
    made.owners[0].trips.clear()
    if made.character.terraform:
        made.terraform = (made.new_id("key_"), made.owners[0])
        made.admin_keys[made.terraform[0]] = made.owners[0].id
    for _ in range(max(3, min(60, len(people) // 3))):
        add_project(made)
    for project in made.projects:
        if random.random() < 0.7:
            add_account(made, project)
    for someone in people:
        someone.keys += [made.new_id("key_") for _ in range(random.choice((0, 0, 1, 1, 2)))]
    made.roles = {kind: made.new_id("role-") for kind in ("powerful", "reader")}
    made.groups = [made.new_id("group-") for _ in range(max(2, len(people) // 25))]
    made.budgets = {made.id: random.choice((50_000, 200_000, 1_000_000))}
    made.budgets |= {p["id"]: random.choice((5_000, 20_000, 100_000)) for p in made.projects[:4]}


def add_project(made: Organization) -> JSON:
    """A project with the limits of two models."""
    name = f"{made.random.choice(_LAST)}-{len(made.projects) + 1}"
    project = {"id": made.new_id("proj_"), "name": name}
    made.projects.append(project)
    for model in ("gpt-5", "gpt-5-mini"):
        requests = made.random.choice((100, 500, 1000, 5000))
        made.limits[project["id"], f"rl-{model}"] = {
            "max_requests_per_1_minute": requests,
            "max_tokens_per_1_minute": requests * 200,
        }
    return project


def add_account(made: Organization, project: JSON) -> Account:
    """A service account of a project."""
    random = made.random
    region = CITIES[random.choice(("Dublin", "Seattle", "London", "New York"))]
    number = random.choice(CLOUDS) if random.random() < 0.9 else random.choice(HOSTING)
    account = Account(
        made.new_id("svc_acct_"),
        made.new_id("key_"),
        project,
        network(random, number, region),
    )
    made.accounts.append(account)
    return account
