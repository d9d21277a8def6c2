"""Who logs in when and from where, mistyped passwords, and what people change in between.

Near misses: people who travel with their own laptop, change their operator, phone or browser, come
by the organization's VPN and from home in the same hour, from hotels, mobile networks and IPv6
addresses that are others each day; four wrong passwords after holidays; single sign-on that fails
for many at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..devices import Device
from ..log import DAY, HOUR
from ..organization import Organization
from ..people import Person
from ..places import Network

_WRONG = {"error_code": "invalid_credentials", "error_message": "The password is wrong."}
_SSO = {"error_code": "sso_error", "error_message": "The identity provider did not answer."}
_HOLIDAYS = ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1), (5, 1), (7, 4), (10, 3))


def tell_of_logins(made: Organization) -> None:
    """The logins of everybody, day by day."""
    for someone in made.people:
        for day in range(made.days):
            _day(made, someone, day)
    if made.character.sso and made.random.random() < 0.7:
        _outage(made, made.random.randrange(made.days))


def _day(made: Organization, someone: Person, day: int) -> None:
    random = made.random
    date = datetime.fromtimestamp(made.start + day * DAY, someone.city.clock).date()
    free = date.weekday() >= 5 and not someone.weekends
    holiday = (date.month, date.day) in _HOLIDAYS
    chance = someone.logins / (7 if someone.weekends else 5)
    if free or holiday:
        chance *= 0.04
    if random.random() >= min(chance, 0.95):
        return
    trip = someone.trip(day)
    clock = (trip.city if trip else someone.city).clock
    begin = datetime(date.year, date.month, date.day, someone.begins, tzinfo=clock)
    at = (begin + timedelta(seconds=random.gauss(1.5 * HOUR, HOUR))).timestamp()
    _log_in(made, someone, at)
    if random.random() < 0.12:  # again, perhaps from elsewhere or by the VPN
        _log_in(made, someone, at + random.uniform(900, 9 * HOUR))


def _log_in(made: Organization, someone: Person, at: float) -> None:
    random, log = made.random, made.log
    if not someone.is_there(at) or not made.start <= at < made.ends:
        return
    day = made.day(at)
    if someone.is_under_way(day):
        return
    place, device = someone.place(day, at), someone.device(day, random)
    if not made.character.sso and random.random() < 0.04:
        for number in range(random.choices((1, 2, 3, 4), (70, 20, 8, 2))[0]):
            before = at - random.uniform(10, 40) * (number + 1)
            _fail(made, someone, before, place, device, known=random.random() < 0.8)
    elif not made.character.sso and random.random() < 0.002:  # forgotten, and reset
        for number in range(random.randint(4, 5)):
            _fail(made, someone, at - 600 + number * random.uniform(20, 50), place, device)
    by = made.sessions.actor(someone.user, place, device, at)
    log.note(at, "login.succeeded", None, by=by, shape="bare")
    chance = random.random()
    if chance < 0.2:
        later = at + random.uniform(600, 6 * HOUR)
        if someone.is_there(later) and later < made.ends:
            by = made.sessions.actor(someone.user, place, device, later)
            log.note(later, "logout.succeeded", None, by=by, shape="bare")
    elif chance < 0.203:
        odd = random.choice((None, "system", {"type": "session", "session": None}))
        log.note(at + 60, "dummy.event_type", {"id": "x", "deep": {"a": [1]}}, by=odd)


def _fail(
    made: Organization,
    someone: Person,
    at: float,
    place: Network,
    device: Device,
    *,
    known: bool = True,
) -> None:
    user = someone.user if known else {"email": someone.email}
    by = made.sessions.actor(user, place, device, at)
    made.log.note(at, "login.failed", _WRONG, by=by)


def _outage(made: Organization, day: int) -> None:
    """Single sign-on fails for half an hour: many fail a few times, and get in after it."""
    random, begin = made.random, made.working(day)
    present = made.present(begin)
    present = [someone for someone in present if not someone.is_under_way(day)]
    for someone in random.sample(present, min(len(present), 40)):
        place, device = someone.place(day, begin), someone.device(day, random)
        for _ in range(random.randint(1, 4)):
            at = begin + random.uniform(0, 1800)
            by = made.sessions.actor(someone.user, place, device, at)
            made.log.note(at, "login.failed", _SSO, by=by)
        at = begin + random.uniform(1900, 5000)
        by = made.sessions.actor(someone.user, place, device, at)
        made.log.note(at, "login.succeeded", None, by=by, shape="bare")
