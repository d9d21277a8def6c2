"""Keys in strange hands: of somebody who left, of a program that runs elsewhere now."""

from __future__ import annotations

from typing import Any

from ..log import DAY, HOUR, JSON
from ..organization import add_person
from .planting import Incident, Planting, plants

_TRIES = 20


@plants("former_members_key_used")
def key_names_the_person(planting: Planting, at: float) -> Incident | None:
    """A key of somebody who left three days ago changes things; the log says whose it is."""
    return _former(planting, at, "named", times=1)


@plants("former_members_key_used")
def key_used_again_and_again(planting: Planting, at: float) -> Incident | None:
    """The same three times within the hour."""
    return _former(planting, at, "three times", times=3)


@plants("former_members_key_used")
def key_alone(planting: Planting, at: float) -> Incident | None:
    """Events name the key alone, and the log has who made it."""
    return _former(planting, at, "the key alone", times=1)


@plants("former_members_key_used")
def admin_key_alone(planting: Planting, at: float) -> Incident | None:
    """Events name an admin key alone; only the directory has whose it is."""
    return _former(planting, at, "an admin key alone", times=1)


def _former(planting: Planting, at: float, variant: str, *, times: int) -> Incident:
    made, random = planting.made, planting.random
    someone = add_person(made)
    made.staying.add(someone.id)
    someone.left = left = at - random.uniform(1 * HOUR, 6 * DAY)
    key_id = made.new_id("key_")
    project: JSON | None = random.choice(made.projects)
    if variant == "an admin key alone":
        made.admin_keys[key_id] = someone.id
    else:
        made_at = float(made.working(random.randrange(3, 20)))
        by = made.at(someone, made_at)
        payload: dict[str, Any] = {"id": key_id, "data": {"scopes": ["api.model.request"]}}
        planting.note(made_at, "api_key.created", payload, by=by, project=project)
    by, _ = planting.owner(left)
    type = random.choice(("user.deleted", "tenant.user.removed"))
    planting.note(left, type, {"id": someone.id}, by="scim" if made.character.scim else by)
    key: JSON = {"id": key_id, "type": "user"}
    if "alone" not in variant:
        key["user"] = someone.user
    events = []
    for number in range(times):
        changes = {"title": "x"}
        payload = {"id": project["id"] if project else made.id, "changes_requested": changes}
        actor = {"type": "api_key", "api_key": key}
        moment = at + number * 900
        event = planting.note(moment, "project.updated", payload, by=actor, project=project)
        events.append(event)
    return Incident(
        detection="former_members_key_used",
        variant=variant,
        events=tuple(events),
        at=at,
        actor=someone.id,
    )


@plants("service_account_new_network")
def account_from_a_house(planting: Planting, at: float) -> Incident | None:
    """A program that always runs in a cloud acts from a line into a house in another country."""
    return _account(planting, at, "a house", hidden=False)


@plants("service_account_new_network")
def account_from_a_rented_machine(planting: Planting, at: float) -> Incident | None:
    """It acts from a rented machine."""
    return _account(planting, at, "rented", hidden=True)


def _account(planting: Planting, at: float, variant: str, *, hidden: bool) -> Incident | None:
    made, random = planting.made, planting.random
    if not made.character.key_addresses or not made.accounts:
        return None
    old = [
        a for a in made.accounts[: max(1, len(made.accounts) // 2)] if a.id not in planting.taken
    ]
    if not old:
        return None
    account = random.choice(old)
    planting.taken.add(account.id)
    # From where nobody else of the organization is either: an office would be a laptop of theirs.
    seen = {other.network.asn for other in made.accounts}
    city = random.choice([p.city for p in made.people]) if hidden else planting.far()
    if city is None:
        return None
    places = [planting.foothold(city, hidden=hidden) for _ in range(_TRIES)]
    place = next((place for place in places if place.asn not in seen), None)
    if place is None:
        return None
    payload = {"id": made.new_id("key_"), "data": {"scopes": ["api.model.request"]}}
    by = made.by_account(account, at, place)
    event = planting.note(at, "api_key.created", payload, by=by, project=account.project)
    return Incident(
        detection="service_account_new_network",
        variant=variant,
        events=(event,),
        at=at,
        actor=account.id,
    )
