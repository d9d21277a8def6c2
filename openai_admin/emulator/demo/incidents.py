"""What happened in the last month of the demo organization that its audit log should tell.

One incident for each detection of `audit.detections`, and beside them what looks like one and is
none. All of it has ids of its own and leaves nothing behind: an owner became a member again, an
allow list was closed, keys were deleted, so that whatever else is read is as without it.
"""

from __future__ import annotations

from typing import Any

from ..external_storage import described
from ..metering.shape import DAY
from ..roles import predefined_id
from ..table import Record
from .history import NETWORKS
from .intruders import tell_of_intruders
from .journal import PROGRAM, Journal
from .near_misses import tell_of_near_misses
from .origins import named
from .told import HOUR, MINUTE, Told

_MADE_OWNER, _MADE_DEPUTY, _MADE_KEY = 8, 20, 24
_REMOVED = 26
"""Service accounts of a test that were made one day and removed within minutes another."""


def tell_of_incidents(journal: Journal) -> Told:
    """Tell of all of them."""
    told = Told(journal)
    _power(told)
    _keys(told)
    _protection(told)
    _data(told)
    _limits(told)
    _removals(told)
    tell_of_intruders(told)
    tell_of_near_misses(told)
    return told


def _power(told: Told) -> None:
    """Somebody is an owner for forty minutes, and another has such a role for two hours."""
    founder, someone, other = told.members[0], told.members[_MADE_OWNER], told.members[_MADE_DEPUTY]
    at = told.day(26, 15.2)
    payload: Record = {"id": someone["id"], "changes_requested": {"role": "owner"}}
    told.incident("owner_granted", at, told.note(at, "user.updated", payload, founder))
    payload = {"id": someone["id"], "changes_requested": {"role": "reader"}}
    told.note(at + 40 * MINUTE, "user.updated", payload, founder)

    at = told.day(24, 10.5)
    deputy = told.store.roles.first(lambda role: role["name"] == "Deputy")
    role_id = deputy["id"] if deputy else predefined_id("api.organization", "owner")
    payload = {
        "id": role_id,
        "principal_type": "user",
        "principal_id": other["id"],
        "resource_type": "api.organization",
        "resource_id": told.store.organization["id"],
    }
    given = told.note(at, "role.assignment.created", payload, founder)
    told.incident("powerful_role_granted", at, given)
    told.note(at + 2 * HOUR, "role.assignment.deleted", payload, founder)


def _keys(told: Told) -> None:
    """An owner's first admin key, which still exists, and a key that could do everything."""
    scan = told.store.admin_api_keys.first(lambda key: key["name"] == "security-scan")
    if scan is not None:
        found = told.journal.find("api_key.created", scan["id"])
        told.incident("admin_key_created", scan["created_at"], *found)

    at, someone = told.day(22, 13.4), told.members[_MADE_KEY]
    project = told.project("Search Relevance")
    id = told.store.new_id("api_key")
    payload: Record = {"id": id, "data": {"scopes": ["api.all"]}}
    made = told.note(at, "api_key.created", payload, someone, project)
    told.incident("key_with_all_scopes", at, made)
    told.note(at + 26 * HOUR, "api_key.deleted", {"id": id}, someone, project)


def _protection(told: Told) -> None:
    """The directory, the allow list and a certificate are off for less than an hour each."""
    founder, store = told.members[0], told.store
    at, whole = told.day(20, 8.7), {"id": store.organization["id"]}
    told.incident("scim_disabled", at, told.note(at, "scim.disabled", whole, founder))
    told.note(at + 35 * MINUTE, "scim.enabled", whole, founder)

    at, second = told.day(19, 16.1), told.members[1]
    opened = {"id": "ip-allowlist-1", "allowed_ips": [*NETWORKS, "0.0.0.0/0"]}
    event = told.note(at, "ip_allowlist.updated", opened, second)
    told.incident("ip_allowlist_weakened", at, event)
    closed = {"id": "ip-allowlist-1", "allowed_ips": list(NETWORKS)}
    told.note(at + 25 * MINUTE, "ip_allowlist.updated", closed, second)

    at, project = told.day(18, 9.3), told.project("Checkout Fraud Review")
    active = next(c for c in store.certificates if c["name"] == "payments-egress")
    payload = {"certificates": [{"id": active["id"], "name": active["name"]}]}
    off = told.note(at, "certificates.deactivated", payload, founder, project)
    told.incident("mtls_weakened", at, off)
    told.note(at + 50 * MINUTE, "certificates.activated", payload, founder, project)


def _data(told: Told) -> None:
    """What is kept of requests changes, and a bucket of before is no longer used."""
    founder, store = told.members[0], told.store
    at = told.day(17, 11.9)
    changes = {"data_retention": {"type": "modified_abuse_monitoring"}}
    payload: Record = {"id": store.organization["id"], "changes_requested": changes}
    told.incident("retention_changed", at, told.note(at, "organization.updated", payload, founder))

    at, project = told.day(16, 14.6), told.project("Data Platform")
    id = store.new_id("external_storage")
    role = "arn:aws:iam::123456789012:role/openai-archive"
    bucket = {"type": "aws", "bucket": "northwind-archive", "role_arn": role}
    provider = described(store, bucket)
    payload = {"id": id, "data": {"geography": "eu", "provider": provider}}
    told.note(at - 120 * DAY, "external_storage.registered", payload, founder, project)
    removed = told.note(at, "external_storage.removed", {"id": id}, founder, project)
    told.incident("external_storage_changed", at, removed)


def _limits(told: Told) -> None:
    """A spend limit and a rate limit become twenty times what they are, for some hours."""
    founder, store = told.members[0], told.store
    limit = store.settings["spend_limit",]
    raised = {**limit, "threshold_amount": 20 * limit["threshold_amount"]}
    at = told.day(14, 17.2)
    events = [
        told.note(
            moment,
            "organization.updated",
            {"id": store.organization["id"], "changes_requested": {"spend_limit": value}},
            founder,
        )
        for moment, value in ((at - 30 * DAY, limit), (at, raised), (at + 3 * HOUR, limit))
    ]
    told.incident("spend_limit_raised", at, events[1])

    project, at = told.project("Voice Notes"), told.day(13, 12.1)
    model = next(iter(store.project_rate_limits[project["id"]]))
    own = {k: v for k, v in model.items() if k.startswith(("max_", "batch_")) and v}
    many: Any = {name: 20 * value for name, value in own.items()}
    owner = next(p.members[0] for p in told.journal.projects if p.record is project)
    events = [
        told.note(
            moment,
            "rate_limit.updated",
            {"id": model["id"], "changes_requested": values},
            owner,
            project,
        )
        for moment, values in ((at - 29 * DAY, own), (at, many), (at + 5 * HOUR, own))
    ]
    told.incident("rate_limit_multiplied", at, events[1])


def _removals(told: Told) -> None:
    """The accounts of a test are removed within minutes, some days after they were made."""
    project, at = told.project("Developer Copilot"), told.day(12, 18.3)
    key = told.store.admin_api_keys.first(lambda key: key["name"] == PROGRAM)
    founder = told.members[0]
    used = {"id": key["id"] if key else "", "type": "user", "user": named(founder)}
    actor = {"type": "api_key", "api_key": used}
    events = []
    for number in range(_REMOVED):
        id = told.store.new_id("service_account")
        made = at - 6 * DAY + number * 9
        payload: Record = {"id": id, "data": {"role": "member"}}
        told.note(made, "service_account.created", payload, founder, project, actor=actor)
        moment = at + number * 7
        events.append(
            told.note(moment, "service_account.deleted", {"id": id}, founder, project, actor=actor)
        )
    told.incident("many_removals", at, *events)
