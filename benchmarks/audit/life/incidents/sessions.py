"""Logins that are somebody else's: new countries and networks, journeys nobody makes, guessing."""

from __future__ import annotations

from random import Random

from ..devices import Device
from ..log import JSON
from ..people import Person
from ..places import CITIES, City, Network
from .planting import Incident, Planting, plants

_WRONG = {"error_code": "invalid_credentials", "error_message": "The password is wrong."}
_NEW = frozenset({"new_country", "new_network", "impossible_travel"})


def _session(
    planting: Planting, someone: Person, place: Network, device: Device | None, at: float
) -> JSON:
    return planting.made.sessions.actor(someone.user, place, device, at, always=True)


def _login(
    planting: Planting, someone: Person, place: Network, device: Device | None, at: float
) -> str:
    by = _session(planting, someone, place, device, at)
    return planting.note(at, "login.succeeded", None, by=by, shape="bare")


def _own(planting: Planting, someone: Person, at: float) -> None:
    """The person's own login, at home."""
    place = someone.home if someone.moved is None else someone.moved[1]
    _login(planting, someone, place, someone.device(planting.made.day(at), planting.random), at)


@plants("new_country")
def far_away(planting: Planting, at: float) -> Incident | None:
    """From a country where nobody of the organization was, with another device."""
    someone, city = planting.victim(at), planting.far()
    if someone is None or city is None:
        return None
    id = _login(planting, someone, planting.foothold(city), planting.device(someone), at)
    return Incident(
        detection="new_country",
        variant="far away",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("new_country")
def without_device(planting: Planting, at: float) -> Incident | None:
    """The same, where nothing is told of the device."""
    someone, city = planting.victim(at), planting.far()
    if someone is None or city is None:
        return None
    id = _login(planting, someone, planting.foothold(city), None, at)
    return Incident(
        detection="new_country",
        variant="without device",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("new_country")
def where_colleagues_are(planting: Planting, at: float) -> Incident | None:
    """From a country where colleagues live, but this person never was; rented, another device."""
    someone = planting.victim(at, logins=8)
    if someone is None:
        return None
    homes = {p.city.name: p.city for p in planting.made.people}
    been = {someone.city.country, *(trip.city.country for trip in someone.trips)}
    if someone.office is not None:
        been.add(someone.office.city.country)
    cities = [c for c in homes.values() if c.country not in been]
    if not cities:
        return far_away(planting, at)
    place = planting.foothold(planting.random.choice(cities), hidden=True)
    id = _login(planting, someone, place, planting.device(someone), at)
    return Incident(
        detection="new_country",
        variant="where colleagues are",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
        instead=frozenset({"new_network"}),  # the country is new to the person alone
    )


@plants("new_network")
def rented(planting: Planting, at: float) -> Incident | None:
    """From a rented machine in the person's own country, with another device."""
    someone = planting.victim(at, logins=8)
    if someone is None:
        return None
    place = planting.foothold(_near(planting.random, someone.city), hidden=True)
    id = _login(planting, someone, place, planting.device(someone), at)
    return Incident(
        detection="new_network",
        variant="rented",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("new_network")
def a_script(planting: Planting, at: float) -> Incident | None:
    """A script logs in from a rented machine in the person's own city."""
    someone = planting.victim(at, logins=8)
    if someone is None:
        return None
    place = planting.foothold(someone.city, hidden=True)
    id = _login(planting, someone, place, Device("Linux", "curl"), at)
    return Incident(
        detection="new_network",
        variant="a script",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("impossible_travel")
def within_the_hour(planting: Planting, at: float) -> Incident | None:
    """Forty minutes after the person's own login, from another continent."""
    someone, city = planting.victim(at), planting.far()
    if someone is None or city is None:
        return None
    _own(planting, someone, at - planting.random.uniform(900, 2400))
    id = _login(planting, someone, planting.foothold(city), planting.device(someone), at)
    return Incident(
        detection="impossible_travel",
        variant="within the hour",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("impossible_travel")
def across_the_country(planting: Planting, at: float) -> Incident | None:
    """Within the hour from far away, where colleagues live: no new country for the organization."""
    someone = planting.victim(at)
    if someone is None:
        return None
    cities = {p.city.name: p.city for p in planting.made.people}
    far = [c for c in cities.values() if _kilometers(c, someone.city) > 2500]
    if not far:
        return within_the_hour(planting, at)
    _own(planting, someone, at - planting.random.uniform(900, 2400))
    place = planting.foothold(planting.random.choice(far), hidden=True)
    id = _login(planting, someone, place, planting.device(someone), at)
    return Incident(
        detection="impossible_travel",
        variant="where colleagues are",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("impossible_travel")
def stolen_session(planting: Planting, at: float) -> Incident | None:
    """No login: the person's session acts from far away, twenty minutes after they logged in."""
    someone, city = planting.victim(at), planting.far()
    if someone is None or city is None:
        return None
    _own(planting, someone, at - planting.random.uniform(600, 1500))
    device = someone.device(planting.made.day(at), planting.random)  # the cookie, and its browser
    by = _session(planting, someone, planting.foothold(city), device, at)
    project = planting.random.choice(planting.made.projects)
    payload = {"id": planting.made.new_id("key_"), "data": {"scopes": ["api.model.request"]}}
    id = planting.note(at, "api_key.created", payload, by=by, project=project)
    return Incident(
        detection="impossible_travel",
        variant="stolen session",
        events=(id,),
        at=at,
        actor=someone.id,
        may=_NEW,
    )


@plants("failed_logins_then_success")
def guessed(planting: Planting, at: float) -> Incident | None:
    """A dozen wrong passwords within minutes, then the right one, from one place."""
    return _guess(planting, at, "guessed", count=(8, 30), pause=(2, 20))


@plants("failed_logins_then_success")
def slowly_guessed(planting: Planting, at: float) -> Incident | None:
    """Twenty wrong ones over hours."""
    return _guess(planting, at, "slowly", count=(16, 24), pause=(500, 900))


@plants("failed_logins_then_success")
def guessed_from_many_places(planting: Planting, at: float) -> Incident | None:
    """Each from another address, and the failures name the person by address alone."""
    return _guess(planting, at, "many addresses", count=(10, 24), pause=(5, 60), spread=True)


@plants("failed_logins_then_success")
def sprayed(planting: Planting, at: float) -> Incident | None:
    """One address tries a few passwords with each of many people, and gets in as one of them."""
    made, random = planting.made, planting.random
    someone = planting.victim(at)
    if someone is None:
        return None
    place = planting.foothold(_near(random, someone.city), hidden=True)
    others = [p for p in made.present(at) if p is not someone]
    events, moment = [], at - 1500
    for tried in (*random.sample(others, min(len(others), 14)), someone):
        for _ in range(2):
            moment += random.uniform(10, 40)
            by = _session(planting, tried, place, Device("Linux", "curl"), moment)
            events.append(planting.note(moment, "login.failed", _WRONG, by=by))
    moment += random.uniform(10, 40)
    events.append(_login(planting, someone, place, Device("Linux", "curl"), moment))
    return Incident(
        detection="failed_logins_then_success",
        variant="sprayed",
        events=tuple(events),
        at=moment,
        actor=someone.id,
        may=_NEW,
    )


def _guess(
    planting: Planting,
    at: float,
    variant: str,
    *,
    count: tuple[int, int],
    pause: tuple[float, float],
    spread: bool = False,
) -> Incident | None:
    random = planting.random
    someone = planting.victim(at)
    if someone is None:
        return None
    city, device = _near(random, someone.city), planting.device(someone)
    place = planting.foothold(city, hidden=True)
    others = [planting.foothold(city, hidden=False) for _ in range(6 if spread else 0)]
    events, moment = [], at
    for _ in range(random.randint(*count)):
        moment += random.uniform(*pause)
        where = random.choice(others) if spread else place
        user = {"email": someone.email} if spread else someone.user
        by = planting.made.sessions.actor(user, where, device, moment, always=True)
        events.append(planting.note(moment, "login.failed", _WRONG, by=by))
    moment += random.uniform(*pause)
    events.append(_login(planting, someone, place, device, moment))
    return Incident(
        detection="failed_logins_then_success",
        variant=variant,
        events=tuple(events),
        at=moment,
        actor=someone.id,
        may=_NEW,
    )


def _near(random: Random, city: City) -> City:
    """A city of the same country."""
    return random.choice([c for c in CITIES.values() if c.country == city.country])


def _kilometers(one: City, other: City) -> float:
    """About how far it is: good enough for far or near."""
    across = abs(one.longitude - other.longitude)
    return 111 * (abs(one.latitude - other.latitude) + 0.65 * min(across, 360 - across))
