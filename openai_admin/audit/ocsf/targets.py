"""What was acted on, in the fields of each class of OCSF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..event import AuditEvent
from ..kinds import Area, EventKind
from .objects import (
    PERSON,
    SERVICE,
    UNKNOWN,
    Object,
    acting_user,
    actor_of,
    session_of,
    unknown_endpoint,
    user,
)

Taken = set[str]
"""The keys of a payload whose values are in the fields of the class."""

_ROLE_TYPE = "Role"
_POLICY = 5
# By the schema's numbers of the types of managed entities; all else is 99.
_ENTITY_TYPES: Mapping[str, tuple[int, str]] = {
    "organization": (4, "Organization"),
    "role": (_POLICY, "Policy"),
    "custom_role": (_POLICY, "Policy"),
    "policy": (_POLICY, "Policy"),
    "product_access_policy": (_POLICY, "Policy"),
    "session_policy": (_POLICY, "Policy"),
    "third_party_app_policy": (_POLICY, "Policy"),
    "ip_allowlist": (7, "Network Zone"),
    "ip_allowlist.config": (7, "Network Zone"),
}


def _text(value: Mapping[str, Any], *keys: str, taken: Taken | None = None) -> str | None:
    """The first of the keys' values that is a text."""
    for key in keys:
        found = value.get(key)
        if isinstance(found, str) and found:
            if taken is not None:
                taken.add(key)
            return found
    return None


def _take_requested(event: AuditEvent, taken: Taken) -> None:
    taken.add("data" if event.details.get("data") is event.requested else "changes_requested")


def _texts(value: Any) -> list[str]:
    """The texts of a list; none of a list of anything else."""
    whole = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if whole else []


def _account(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details, requested = event.details, event.requested
    type_id = PERSON if kind.noun in ("user", "membership") else SERVICE
    uid = _text(details, "id", "user_id", taken=taken)
    email = _text(details, "email", taken=taken) or _text(requested, "email")
    who = user(uid, email, type_id)
    role = _text(requested, "role")
    if role is None:
        return {"user": who}
    if len(requested) == 1:
        _take_requested(event, taken)
    return {"user": who, "user_result": {**who, "groups": [{"name": role, "type": _ROLE_TYPE}]}}


def _authentication(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details = event.details
    who = acting_user(event.actor) if kind.action in ("login", "logout") else None
    if who is None:
        uid = _text(details, "user_id", "principal_id", taken=taken)
        who = user(uid, _text(details, "email", taken=taken))
    made: Object = {"service": {"name": "OpenAI"}, "is_remote": True, "user": who}
    if (session := session_of(event.actor)) is not None:
        made["session"] = session
    if (code := _text(details, "error_code", taken=taken)) is not None:
        made["status_code"] = code
    if (message := _text(details, "error_message", taken=taken)) is not None:
        made["status_detail"] = message
    return made


def _user_access(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details = event.details
    holder = _text(details, "principal_id", "user_id", taken=taken)
    if holder is None and kind.noun == "role" and (role := _text(details, "role_id")):
        who: Object = {"uid": role, "type_id": 99, "type": _ROLE_TYPE}
    else:
        is_service = _text(details, "principal_type") == "service_account"
        email = _text(details, "email", taken=taken)
        who = user(holder, email, SERVICE if is_service else PERSON)
    made: Object = {"user": who, "privileges": _privileges(details, taken)}
    if (resource := _resource(details, taken)) is not None:
        made["resources"] = [resource]
    return made


def _privileges(details: Mapping[str, Any], taken: Taken) -> list[str]:
    """The role or the permissions that an assignment is about."""
    role = _text(details, "role_id", "role", taken=taken)
    permissions = details.get("permissions")
    found = [] if role is None else [role]
    if permissions and (texts := _texts(permissions)):
        taken.add("permissions")
        found += texts
    if found:
        return found
    id, holder = _text(details, "id"), _text(details, "principal_id")
    # An assignment's id may be made of the role's and the holder's.
    return [] if id is None else [id.removesuffix(f":{holder}")]


def _resource(details: Mapping[str, Any], taken: Taken) -> Object | None:
    uid = _text(details, "resource_id", taken=taken)
    if uid is None:
        return None
    type = _text(details, "resource_type", taken=taken)
    return {"uid": uid, "type": type} if type is not None else {"uid": uid}


def _group(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    if kind.area == "user_access":
        return _group_access(event, taken)
    details, requested = event.details, event.requested
    group: Object = {}
    if (id := _text(details, "group_id", "id", taken=taken)) is not None:
        group["uid"] = id
    name = _text(requested, "group_name", "name")
    if name is not None and len(requested) == 1:
        _take_requested(event, taken)
    name = name or _text(details, "group_name", "name", taken=taken)
    if name is not None:
        group["name"] = name
    made: Object = {"group": group or {"name": UNKNOWN}}
    member = _text(details, "user_id", "principal_id", taken=taken)
    email = _text(details, "email", taken=taken)
    if member is None and len(members := changed_members(event)) == 1:
        member = members[0]
    if member is not None or email is not None:
        made["user"] = user(member, email)
    return made


def _group_access(event: AuditEvent, taken: Taken) -> Object:
    uid = _text(event.details, "principal_id", taken=taken)
    made: Object = {
        "group": {"name": UNKNOWN} if uid is None else {"uid": uid},
        "privileges": _privileges(event.details, taken),
    }
    if (resource := _resource(event.details, taken)) is not None:
        made["resource"] = resource
    return made


def _entity(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details, requested = event.details, event.requested
    type_id, type = _ENTITY_TYPES.get(kind.noun) or (99, kind.caption)
    one = _only_one(details)
    if one is None:
        id = _text(details, "id", taken=taken)
        name = _text(details, "name", "role_name", taken=taken)
    else:
        id, name = _text(one, "id"), _text(one, "name")
    name = name or _text(requested, "name", "title", "role_name", "group_name")
    entity: Object = {"type_id": type_id, "type": type}
    if id is not None:
        entity["uid"] = id
    if name is not None or id is None:
        entity["name"] = name or kind.name
    if type_id == _POLICY:
        entity["policy"] = {each: entity[each] for each in ("uid", "name") if each in entity}
    if (email := _text(requested, "email")) is not None:
        entity["user"] = user(None, email)
    made: Object = {"entity": entity}
    if "changes_requested" in details:
        made["entity_result"] = entity | {"data": details["changes_requested"]}
        taken.add("changes_requested")
    if "data" in details:
        made["entity"] = entity | {"data": details["data"]}
        taken.add("data")
    return made


def _only_one(details: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The one thing that a payload of several names."""
    for key in ("certificates", "configs"):
        several = details.get(key)
        if isinstance(several, list) and len(several) == 1 and isinstance(several[0], dict):
            return several[0]
    return None


def _api(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    made: Object = {
        "api": {"operation": event.type or UNKNOWN, "service": {"name": "OpenAI"}},
        "actor": actor_of(event.actor) or {"user": user(None, None)},
        "src_endpoint": unknown_endpoint(),
    }
    if (id := _text(event.details, "id", taken=taken)) is not None:
        made["resources"] = [{"uid": id, "type": kind.name or UNKNOWN}]
    return made


TARGETS: Mapping[Area, Callable[[AuditEvent, EventKind, Taken], Object]] = {
    "account": _account,
    "authentication": _authentication,
    "user_access": _user_access,
    "group": _group,
    "entity": _entity,
    "api": _api,
}
"""What makes the fields of each class, and adds the keys of the payload that they hold."""


def changed_members(event: AuditEvent) -> list[str]:
    """The people whose membership of a group was changed, where a change of the group says so."""
    requested = event.requested
    return _texts(requested.get("users_added")) + _texts(requested.get("users_removed"))


def place_of(event: AuditEvent, kind: EventKind) -> tuple[Area, str]:
    """Where an event belongs, and what was done: the kind's, or what the payload says better.

    A role of a group is the group's, and a change of a group may be one of its members.
    """
    if kind.area == "user_access" and event.details.get("principal_type") == "group":
        return "group", kind.verb
    if kind.noun == "group" and kind.action == "update" and len(event.requested) == 1:
        for key, verb in (("users_added", "added"), ("users_removed", "removed")):
            if _texts(event.requested.get(key)):
                return "group", verb
    return kind.area, kind.verb
