"""What an organization has in the words of people, so that what was made anew is the same.

An id is written as the name of what has it, and times of creation are left out; things are counted
rather than told apart, since several may have one name.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tests.snapshots import Entry, Snapshot

_MOVING = frozenset(
    {
        *("id", "created", "created_at", "added_at", "updated_at", "invited_at", "accepted_at"),
        *("expires_at", "last_used_at", "created_by", "created_by_user_obj", "status"),
        *("object", "enforcement", "scim_managed", "is_scim_managed"),
        # Of people what they or others say; what they have stands elsewhere.
        *("user", "projects", "is_default", "is_service_account", "group_type"),
        *("is_scale_tier_authorized_purchaser", "developer_persona", "technical_level"),
        *("api_project_ids", "workload_identity_provider_id", "user_name", "picture"),
    }
)
_KEYS = frozenset({"admin_api_keys", "project_api_keys"})
_OF_PEOPLE = frozenset({"users", "group_users", "project_users", "invites"})


_LABEL = re.compile(r" \((?:svc_acct|proj|group|role|cert|wip|wifr|extkey)_\w+\)$")
"""What a label has where several things have one name; what is made anew is called so."""


def named(
    snapshot: Snapshot,
    *,
    without: Collection[str] = (),
    unmanaged: Collection[tuple[str | None, str]] = (),
    whole: bool = True,
) -> Counter[str]:
    """All things of a snapshot but keys and archived projects, by what people call them.

    Args:
        snapshot: what the official client lists.
        without: the ids of things that are left out, with all that belongs to them.
        unmanaged: people whose roles besides a membership's are left out, by address in small
            letters, with the name of the project (``None``: the organization).
        whole: whether everything was brought back, so that it makes a difference through which
            groups somebody has a role, and what is not active.
    """
    archived = {
        entry[1]
        for entry, record in snapshot.items()
        if entry[0] == "projects" and record["status"] == "archived"
    }
    left = {*without} | archived
    names = _names(snapshot)
    members = {
        record["email"].casefold()
        for entry, record in snapshot.items()
        if entry[0] == "users" and record.get("email")
    }
    found: Counter[str] = Counter()
    for entry, record in snapshot.items():
        kind = entry[0]
        if kind in _KEYS or not left.isdisjoint(entry) or record.get("project_id") in left:
            continue
        if kind in ("user_roles", "project_user_roles") and not record["predefined_role"]:
            place = names[entry[1]].partition(" ")[2] if len(entry) > 3 else None
            if (place, names.get(entry[-2], entry[-2]).partition(" ")[2]) in unmanaged:
                continue
        if kind == "invites":
            if record["status"] != "pending" or record["email"].casefold() in members:
                continue
            granted = _granted(record, left)
            if whole:
                record = {**record, "granted": granted}
            else:
                # Each grant counts by itself: an invite goes on granting what the file does not
                # manage, as a project that was renamed by hand and whose name was made anew.
                email = record["email"].casefold()
                for project, role in granted:
                    found[json.dumps(["granted", email, names.get(project, project), role])] += 1
        if not whole:
            if kind == "project_certificates" and not record["active"]:
                continue
            record = {n: value for n, value in record.items() if n != "assignment_sources"}
        found[_text(entry, record, names)] += 1
    return found


def _granted(invite: Mapping[str, Any], left: Collection[str]) -> list[list[str]]:
    granted = invite.get("projects") or ()
    return sorted([each["id"], each["role"]] for each in granted if each["id"] not in left)


def _names(snapshot: Snapshot) -> dict[str, str]:
    """What each id is called."""
    found: dict[str, str] = {}
    for entry, record in snapshot.items():
        if entry[0] == "users":
            email = record.get("email") or record["id"]
            found[entry[-1]] = f"user {email.casefold()}"
        elif entry[0] not in _OF_PEOPLE and isinstance(record.get("name"), str):
            kind = entry[0].removeprefix("project_")
            found.setdefault(entry[-1], f"{kind} {_LABEL.sub('', record['name'])}")
    for entry in snapshot:
        if entry[-1] not in found and entry[0] in ("invites", "spend_alerts"):
            found[entry[-1]] = entry[0]
    return found


def _text(entry: Entry, record: Mapping[str, Any], names: Mapping[str, str]) -> str:
    kind, *place = entry
    inner = place if kind in ("project_rate_limits", *_SINGLE) else place[:-1]
    # What something is called stands in the record, unless it is a person.
    called = [names.get(id, id) for id in inner]
    if kind.endswith(("users", "user_roles", "group_roles", "groups")):
        called.append(names.get(place[-1], place[-1]))
    body = {
        name: _plain(value, names)
        for name, value in record.items()
        if name not in _MOVING and not (kind in _OF_PEOPLE and name in ("name", "email"))
    }
    if kind == "invites":
        body["email"] = record["email"].casefold()
    return json.dumps([kind, called, body], sort_keys=True)


_SINGLE = (
    "spend_limit",
    "data_retention",
    *(f"project_{name}" for name in ("spend_limit", "data_retention", "tools", "models", "tiers")),
)


def _plain(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, _LABEL.sub("", value))
    if isinstance(value, Mapping):
        return {name: _plain(each, names) for name, each in value.items() if name not in _MOVING}
    if isinstance(value, list | tuple):
        return sorted((_plain(each, names) for each in value), key=str)
    return value


def told(what: str, things: Counter[str], most: int = 4) -> Iterable[str]:
    """Some things in lines."""
    return [f"{what}: {text}" for text in list(things)[:most]]
