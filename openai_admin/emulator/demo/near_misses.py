"""What looks like an incident in the demo organization's audit log and is none."""

from __future__ import annotations

from ..metering.shape import DAY
from ..table import Record
from .history import NETWORKS
from .journal import PROGRAM
from .origins import OFFICES, SINGAPORE, named
from .told import HOUR, MINUTE, Told

_WRONG = {"error_code": "invalid_credentials", "error_message": "The password is wrong."}
_FORGETFUL, _VISITOR, _TRAVELLER, _CLEANER, _ANALYST = 11, 13, 27, 6, 33
_CLEANED = 5
"""Keys that somebody deleted within minutes, all of them their own."""


def tell_of_near_misses(told: Told) -> None:
    """Tell of all of them."""
    _logins(told)
    _power(told)
    _limits(told)
    _keys(told)


def _near(told: Told, at: int, type: str, payload: Record, by: Record, **where: Record) -> None:
    told.near_misses.append(told.note(at, type, payload, by, **where))


def _logins(told: Told) -> None:
    """A password mistyped three times, a visit to the other office, a week in Singapore."""
    someone = told.members[_FORGETFUL]
    at = told.quiet_day(someone, 15, 7.6)
    for number in range(3):
        _near(told, at + number * 25, "login.failed", _WRONG, someone)
    _near(told, at + 90, "login.succeeded", {}, someone)

    someone = told.members[_VISITOR]
    other = next(o for o in OFFICES if o is not told.journal.origins.office(someone))
    begin = _saturday(told, 21)
    told.journal.origins.stay(someone, begin, begin + 8 * DAY, other)
    for days in (2, 3, 5):
        _near(told, begin + days * DAY + 8 * HOUR, "login.succeeded", {}, someone)

    someone, begin = told.members[_TRAVELLER], _saturday(told, 24)
    told.journal.origins.stay(someone, begin, begin + 8 * DAY, SINGAPORE)
    for days in (3, 4):
        _near(told, begin + days * DAY + 2 * HOUR, "login.succeeded", {}, someone)


def _saturday(told: Told, days: int) -> int:
    """The beginning of the Saturday before a day."""
    return (told.day(days, 0) // DAY - 2) // 7 * 7 * DAY + 2 * DAY  # Unix time began on a Thursday


def _power(told: Told) -> None:
    """An owner of a project, and a role that reads."""
    founder, someone = told.members[0], told.members[_ANALYST]
    at, project = told.day(25, 9.4), told.project("Mobile App")
    payload: Record = {"id": someone["id"], "data": {"role": "owner"}}
    _near(told, at, "user.added", payload, founder, project=project)
    _near(told, at + 3 * DAY, "user.deleted", {"id": someone["id"]}, founder, project=project)
    analyst = told.store.roles.first(lambda role: role["name"] == "Cost analyst")
    payload = {
        "id": analyst["id"] if analyst else "",
        "principal_type": "user",
        "principal_id": someone["id"],
        "resource_type": "api.organization",
        "resource_id": told.store.organization["id"],
    }
    at = told.day(23, 14.1)
    _near(told, at, "role.assignment.created", payload, founder)
    _near(told, at + 6 * DAY, "role.assignment.deleted", payload, founder)


def _limits(told: Told) -> None:
    """Limits that grow by half in one go, one that was lowered, and an office more for a week."""
    founder, store = told.members[0], told.store
    key = store.admin_api_keys.first(lambda key: key["name"] == PROGRAM)
    used = {"id": key["id"] if key else "", "type": "user", "user": named(founder)}
    program = {"type": "api_key", "api_key": used}
    project, at = told.project("Customer Support Assistant"), told.day(8, 10.2)
    for number, limit in enumerate(list(store.project_rate_limits[project["id"]])[:6]):
        own = {k: v for k, v in limit.items() if k.startswith(("max_", "batch_")) and v}
        less = {name: value * 2 // 3 for name, value in own.items()}
        for moment, values in ((at - 12 * DAY, less), (at, own)):
            payload: Record = {"id": limit["id"], "changes_requested": values}
            when = moment + number * 2
            _near(
                told, when, "rate_limit.updated", payload, founder, project=project, actor=program
            )

    project, at = told.project("Document Intake"), told.day(15, 15.8)
    limit = store.settings["spend_limit", project["id"]]
    more = {**limit, "threshold_amount": limit["threshold_amount"] * 10 // 9}
    for moment, value in ((at - 25 * DAY, more), (at, limit)):
        payload = {"id": project["id"], "changes_requested": {"spend_limit": value}}
        _near(told, moment, "project.updated", payload, founder, project=project)

    at, second = told.day(10, 9.9), told.members[1]
    for moment, more_networks in ((at, ["192.0.2.128/28"]), (at + 5 * DAY, [])):
        payload = {"id": "ip-allowlist-1", "allowed_ips": [*NETWORKS, *more_networks]}
        _near(told, moment, "ip_allowlist.updated", payload, second)


def _keys(told: Told) -> None:
    """Somebody deletes five keys of their own, and makes one that can do one thing."""
    someone, project = told.members[_CLEANER], told.project("Data Platform")
    at = told.quiet_day(someone, 9, 16.2)
    for number in range(_CLEANED):
        id = told.store.new_id("api_key")
        payload: Record = {"id": id, "data": {"scopes": ["api.model.request"]}}
        told.note(at - (50 - number) * DAY, "api_key.created", payload, someone, project)
        when = at + number * MINUTE
        _near(told, when, "api_key.deleted", {"id": id}, someone, project=project)
