"""Accounts and keys of the demo organization in the hands of others, and strangers let in."""

from __future__ import annotations

from ..metering.shape import DAY
from ..table import Record
from .origins import CLOUD, HANOI, HOME, JURONG, RENTED, SCRIPT, SINGAPORE, STRANGE, Place, named
from .people import new_user
from .told import HOUR, MINUTE, Told

_MAPPING = "workload_identity_provider_mapping"
_WRONG = {"error_code": "invalid_credentials", "error_message": "The password is wrong."}
_FAR, _TRAVELLER, _GUESSED, _RENTED = 17, 22, 30, 9
"""The places among the members of those whose accounts others used."""
_CONTRACTOR = "Nadia Petrenko"
_NIGHTS = 12
"""How often a service account did something from where it always is."""


def tell_of_intruders(told: Told) -> None:
    """Tell of all of them."""
    _logins(told)
    _strangers(told)
    _contractor(told)
    _account(told)


def _logins(told: Told) -> None:
    """Accounts that others used: guessed in the office, from far away, from a rented machine."""
    someone = told.members[_GUESSED]
    at, office = told.quiet_day(someone, 11, 12.5), told.journal.origins.office(someone)
    device, events = told.journal.origins.device(someone), list[str]()
    for number in range(14):
        moment = at + number * 19
        actor = office.session(someone, 201, device, moment)
        events.append(told.note(moment, "login.failed", _WRONG, someone, actor=actor))
    actor = office.session(someone, 201, device, at + 290)
    events.append(told.note(at + 290, "login.succeeded", {}, someone, actor=actor))
    told.incident("failed_logins_then_success", at + 290, *events)

    someone = told.members[_FAR]
    at = told.quiet_day(someone, 9, 3.3)
    actor = HANOI.session(someone, 77, STRANGE, at)
    told.incident("new_country", at, told.note(at, "login.succeeded", {}, someone, actor=actor))

    someone = told.members[_RENTED]
    at = told.quiet_day(someone, 7, 19.8)
    actor = RENTED.session(someone, 130, SCRIPT, at)
    told.incident("new_network", at, told.note(at, "login.succeeded", {}, someone, actor=actor))

    # Singapore is known of this person: it is the journey that nobody makes.
    someone = told.members[_TRAVELLER]
    begin = told.day(44, 0) // (7 * DAY) * 7 * DAY + 2 * DAY  # a Saturday
    told.journal.origins.stay(someone, begin, begin + 9 * DAY, SINGAPORE)
    for days in (3, 4, 6):
        told.note(begin + days * DAY + 3 * HOUR, "login.succeeded", {}, someone)
    at = told.quiet_day(someone, 6, 8.2)
    told.note(at - 35 * MINUTE, "login.succeeded", {}, someone)
    actor = JURONG.session(someone, 54, STRANGE, at)
    event = told.note(at, "login.succeeded", {}, someone, actor=actor)
    told.incident("impossible_travel", at, event)


def _strangers(told: Told) -> None:
    """A stranger is invited, and a rule lets every repository in, for some hours each."""
    at, second, store = told.day(5, 11.1), told.members[1], told.store
    id = store.new_id("invite")
    payload: Record = {"id": id, "data": {"email": "r.hale@mailbox.example", "role": "reader"}}
    told.incident("foreign_invite", at, told.note(at, "invite.sent", payload, second))
    told.note(at + 3 * HOUR, "invite.deleted", {"id": id}, second)

    at, project = told.day(4, 13.7), told.project("Developer Copilot")
    provider = next(iter(store.workload_identity_providers))
    account = next(iter(store.project_service_accounts[project["id"]]))
    rule, ids = store.new_id("federation_rule"), {"identity_provider_id": provider["id"]}
    target = {"project_id": project["id"], "service_account_id": account["id"]}
    data = {"name": "CI of all", "attribute_matchers": {"repository": "northwind/*"}, **target}
    payload = {"id": rule, **ids, "data": data}
    made = told.note(at, f"{_MAPPING}.created", payload, second, project)
    told.incident("wildcard_federation_rule", at, made)
    payload = {"id": rule, **ids, **target}
    told.note(at + 20 * HOUR, f"{_MAPPING}.deleted", payload, second, project)


def _contractor(told: Told) -> None:
    """Somebody left, and three days later their key was used; it was deleted the next day."""
    store, founder, project = told.store, told.members[0], told.project("Search Relevance")
    left = told.day(11, 16.5)
    someone = new_user(store, _CONTRACTOR, "reader", left - 220 * DAY)
    payload: Record = {"id": someone["id"], "data": {"role": "reader"}}
    told.note(someone["added_at"], "user.added", payload, founder)
    id = store.new_id("api_key")
    payload = {"id": id, "data": {"scopes": []}}
    told.note(left - 40 * DAY, "api_key.created", payload, someone, project)
    told.note(left, "user.deleted", {"id": someone["id"]}, founder)
    actor = {"type": "api_key", "api_key": {"id": id, "type": "user", "user": named(someone)}}
    payload = {"id": project["id"], "changes_requested": {"title": project["name"]}}
    used, at = list[str](), left + 3 * DAY
    used.append(told.note(at, "project.updated", payload, someone, project, actor=actor))
    told.incident("former_members_key_used", at, *used)
    told.note(at + 18 * HOUR, "api_key.deleted", {"id": id}, founder, project)


def _account(told: Told) -> None:
    """A service account that always runs in one cloud acts from a line into a house."""
    project, store = told.project("Data Platform"), told.store
    account = next(iter(store.project_service_accounts[project["id"]]))
    key = store.project_api_keys[project["id"]].first(
        lambda key: key["owner"].get("service_account", {}).get("id") == account["id"]
    )
    used = {"type": "service_account", "service_account": {"id": account["id"]}}
    named_key = {"id": key["id"] if key else None, **used}
    payload = {"id": project["id"], "changes_requested": {"title": project["name"]}}

    def act(at: int, place: Place, host: int) -> str:
        origin = {"ip_address": f"{place.prefix}.{host}", "ip_address_details": place.details}
        actor = {"type": "api_key", "api_key": named_key, "session": origin}
        return told.note(at, "project.updated", payload, told.members[0], project, actor=actor)

    at = told.day(3, 2.4)
    for night in range(_NIGHTS):
        act(at - (5 * night + 1) * DAY + night * 97, CLOUD, 40 + night % 3)
    told.incident("service_account_new_network", at, act(at, HOME, 9))
