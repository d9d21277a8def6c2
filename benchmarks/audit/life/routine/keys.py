"""Keys, projects and programs: made, rotated, cleaned up, in bursts.

Near misses: projects' keys without scopes; admin keys of those who always make them; a program that
raises the limits of all projects by some tens of percent within two minutes; environments that a
program makes and removes each night; a cleaning once a quarter; service accounts whose addresses
change within their cloud.
"""

from __future__ import annotations

from typing import Any

from ..log import DAY, HOUR, JSON
from ..organization import Account, Organization, add_account, add_project

_SCOPES: tuple[list[str], ...] = (
    [],
    [],
    [],
    ["api.model.request"],
    ["api.model.read", "api.model.request"],
    ["api.model.read"],
)


def tell_of_keys(made: Organization) -> None:
    """What becomes of keys, projects and limits."""
    log, random = made.log, made.random
    for at in made.times(1 + len(made.people) * 0.25):
        _key(made, at)
    _admin_keys(made)
    for at in made.times(0.5 + len(made.people) / 100):
        project = add_project(made)
        data = {"name": project["name"], "title": project["name"]}
        payload = {"id": project["id"], "data": data}
        log.note(at, "project.created", payload, by=made.program(at), project=project)
        if random.random() < 0.5:
            account = add_account(made, project)
            payload = {"id": account.id, "data": {"role": "member"}}
            by = made.program(at + 5)
            log.note(at + 5, "service_account.created", payload, by=by, project=project)
            payload = {"id": account.key_id, "data": {"scopes": []}}
            log.note(at + 5, "api_key.created", payload, by=by, project=project)
    for at in made.times(0.3):
        project = random.choice(made.projects)
        by = made.at(made.owner(at), at)
        log.note(at, "project.archived", {"id": project["id"]}, by=by, project=project)
    _limits(made)
    _rotations(made)
    if made.character.previews:
        _previews(made)
    if random.random() < 0.35:
        _cleaning(made, made.working(random.randrange(made.days)))
    _accounts(made)


def _scopes(made: Organization) -> Any:
    if made.character.careless and made.random.random() < 0.7:
        return ["api.all"]
    return made.random.choice(_SCOPES)


def _key(made: Organization, at: float) -> None:
    random, log = made.random, made.log
    someone, project = made.somebody(at), random.choice(made.projects)
    id = made.new_id("key_")
    payload = {"id": id, "data": {"scopes": _scopes(made)}}
    log.note(at, "api_key.created", payload, by=made.at(someone, at), project=project)
    someone.keys.append(id)
    later = at + random.uniform(HOUR, 20 * DAY)
    if random.random() < 0.35 and later < made.ends and someone.is_there(later):
        someone.keys.remove(id)
        by = made.at(someone, later)
        log.note(later, "api_key.deleted", {"id": id}, by=by, project=project)
    elif random.random() < 0.1:
        payload = {"id": id, "changes_requested": {"scopes": ["api.model.request"]}}
        log.note(at + 500, "api_key.updated", payload, by=made.at(someone, at), project=project)


def _admin_keys(made: Organization) -> None:
    """Those who make admin keys do so every four weeks, since they rotate them."""
    random, log = made.random, made.log
    for maker in made.makers:
        day, key_id = random.randrange(0, 24), made.new_id("key_")
        made.admin_keys[key_id] = maker.id
        while day < made.days:
            at, new = made.working(day), made.new_id("key_")
            by = made.at(maker, at)
            scopes = random.choice(([], ["api.usage.read"], ["api.management.read"]))
            log.note(at, "api_key.created", {"id": new, "data": {"scopes": scopes}}, by=by)
            log.note(at + 900, "api_key.deleted", {"id": key_id}, by=made.at(maker, at + 900))
            made.admin_keys.pop(key_id)
            made.admin_keys[new], key_id = maker.id, new
            day += random.randint(22, 28)
    for at in made.times(0.04):  # an owner's first
        owner = made.owner(at)
        payload = {"id": made.new_id("key_"), "data": {"scopes": ["api.usage.read"]}}
        log.note(at, "api_key.created", payload, by=made.at(owner, at))


def _limits(made: Organization) -> None:
    random, log = made.random, made.log

    def change(at: float, key: tuple[str, str], factor: float, by: JSON) -> None:
        before = made.limits[key]
        after = {name: max(1, int(value * factor)) for name, value in before.items()}
        made.limits[key] = after
        project = next(p for p in made.projects if p["id"] == key[0])
        payload = {"id": key[1], "changes_requested": after}
        log.note(at, "rate_limit.updated", payload, by=by, project=project)

    # Everything was set once, so that later changes are known for what they are.
    first = made.start + 2 * HOUR
    for number, key in enumerate(list(made.limits)):
        project = next(p for p in made.projects if p["id"] == key[0])
        if number < 60 and project in made.projects[:30]:
            change(first + number, key, 1.0, made.program(first))
    bursts = made.times(2.0 if made.character.terraform else 0.0, first=1)
    for at in bursts:
        factor = random.choice((0.5, 0.8, 1.1, 1.25, 1.5, 2.0))
        for number, key in enumerate(list(made.limits)[:60]):
            if random.random() < 0.7:
                change(at + number * 1.5, key, factor, made.program(at))
    for at in made.times(0.8, first=1):
        key = random.choice(list(made.limits)[:60])
        change(at, key, random.choice((0.5, 1.2, 1.5, 2.0)), made.at(made.owner(at), at))


def _rotations(made: Organization) -> None:
    """A program makes new keys of service accounts, and deletes the old ones a day later."""
    random, log = made.random, made.log
    day = random.randrange(30)
    while day < made.days - 1 and made.accounts:
        at = made.working(day)
        rotated = random.sample(made.accounts, min(len(made.accounts), random.randint(2, 8)))
        for number, account in enumerate(rotated):
            moment = at + number * random.uniform(2, 20)
            payload = {"id": made.new_id("key_"), "data": {"scopes": []}}
            by = made.program(moment)
            log.note(moment, "api_key.created", payload, by=by, project=account.project)
            payload = {"id": made.new_id("key_")}
            by = made.program(moment + DAY)
            log.note(moment + DAY, "api_key.deleted", payload, by=by, project=account.project)
        day += 30


def _previews(made: Organization) -> None:
    """Environments of the day: made in the morning, removed at night, up to ten of them."""
    random, log = made.random, made.log
    project = made.projects[0]
    for day in range(made.days):
        at = made.start + day * DAY + 7 * HOUR
        for number in range(random.randint(3, 10)):
            account, key = made.new_id("svc_acct_"), made.new_id("key_")
            by = made.program(at)
            morning, night = at + number * 4, at + 13 * HOUR + number * 4
            payload: JSON = {"id": account, "data": {"role": "member"}}
            log.note(morning, "service_account.created", payload, by=by, project=project)
            payload = {"id": key, "data": {"scopes": []}}
            log.note(morning + 1, "api_key.created", payload, by=by, project=project)
            by = made.program(night)
            log.note(night, "api_key.deleted", {"id": key}, by=by, project=project)
            log.note(night + 1, "service_account.deleted", {"id": account}, by=by, project=project)


def _cleaning(made: Organization, at: float) -> None:
    """Once a quarter somebody goes through old keys, in an afternoon."""
    random, log, owner = made.random, made.log, made.owner(at)
    for number in range(random.randint(5, max(6, min(18, len(made.people) // 3)))):
        moment = at + number * random.uniform(300, 700)
        project = random.choice(made.projects)
        by = made.at(owner, moment)
        log.note(moment, "api_key.deleted", {"id": made.new_id("key_")}, by=by, project=project)


def _accounts(made: Organization) -> None:
    """What service accounts change themselves: keys of their projects, now and then."""
    for account in made.accounts:
        at = made.start + made.random.uniform(0, 6) * DAY
        while at < made.ends:
            _act(made, account, at)
            at += made.random.expovariate(1 / (4 * DAY))


def _act(made: Organization, account: Account, at: float) -> None:
    payload = {"id": made.new_id("key_"), "data": {"scopes": ["api.model.request"]}}
    by = made.by_account(account, at)
    made.log.note(at, "api_key.created", payload, by=by, project=account.project)
