"""What was acted on, in the fields of each class of OCSF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..event import AuditEvent
from ..kinds import Area, EventKind
from ..payloads import (
    WHOM,
    Taken,
    changed_members,
    only_one,
    principal_of,
    take_requested,
    text,
    texts,
)
from .objects import (
    OTHER,
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

_ROLE_TYPE = "Role"
_ROLE_IDS = ("role_", "role-")
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


_PRINCIPALS = {"user": PERSON, "service_account": SERVICE}


def _account(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details, requested = event.details, event.requested
    type_id = PERSON if kind.noun in ("user", "membership") else SERVICE
    uid = text(details, *WHOM["account"], taken=taken)
    email = text(details, "email", taken=taken) or text(requested, "email")
    who = user(uid, email, type_id)
    role = text(requested, "role")
    if role is None:
        return {"user": who}
    if len(requested) == 1:
        take_requested(event, taken)
    return {"user": who, "user_result": {**who, "groups": [{"name": role, "type": _ROLE_TYPE}]}}


def _authentication(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details = event.details
    who = acting_user(event.actor) if kind.action in ("login", "logout") else None
    if who is None:
        uid = text(details, *WHOM["authentication"], taken=taken)
        who = user(uid, text(details, "email", taken=taken))
    made: Object = {"service": {"name": "OpenAI"}, "is_remote": True, "user": who}
    if (session := session_of(event.actor)) is not None:
        made["session"] = session
    if (code := text(details, "error_code", taken=taken)) is not None:
        made["status_code"] = code
    if (message := text(details, "error_message", taken=taken)) is not None:
        made["status_detail"] = message
    return made


def _user_access(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    details = event.details
    holder = text(details, *WHOM["user_access"], taken=taken)
    if holder is None and kind.noun == "role" and (role := text(details, "role_id")):
        who: Object = {"uid": role, "type_id": 99, "type": _ROLE_TYPE}
    else:
        email = text(details, "email", taken=taken)
        who = user(holder, email, _PRINCIPALS.get(principal_of(details) or "user", OTHER))
    made: Object = {"user": who, "privileges": _privileges(details, taken)}
    if (resource := _resource(details, taken)) is not None:
        made["resources"] = [resource]
    return made


def _privileges(details: Mapping[str, Any], taken: Taken) -> list[str]:
    """The role or the permissions that an assignment is about."""
    role = text(details, "role_id", "role", taken=taken)
    found = [] if role is None else [role]
    if allowed := texts(details.get("permissions")):
        taken.add("permissions")
        found += allowed
    if found:
        return found
    id, holder = text(details, "id"), text(details, "principal_id")
    if id is not None and holder is not None and id.endswith(f":{holder}"):
        return [id.removesuffix(f":{holder}")]  # an assignment's id may be made of both
    if id is not None and id.startswith(_ROLE_IDS):
        taken.add("id")
        return [id]
    return [UNKNOWN]  # any other id is the assignment's own


def _resource(details: Mapping[str, Any], taken: Taken) -> Object | None:
    uid = text(details, "resource_id", taken=taken)
    if uid is None:
        return None
    type = text(details, "resource_type", taken=taken)
    return {"uid": uid, "type": type} if type is not None else {"uid": uid}


def _group(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    if kind.area == "user_access":
        return _group_access(event, taken)
    details, requested = event.details, event.requested
    group: Object = {}
    if (id := text(details, "group_id", "id", taken=taken)) is not None:
        group["uid"] = id
    name = text(requested, "group_name", "name")
    if name is not None and len(requested) == 1:
        take_requested(event, taken)
    name = name or text(details, "group_name", "name", taken=taken)
    if name is not None:
        group["name"] = name
    made: Object = {"group": group or {"name": UNKNOWN}}
    member = text(details, "user_id", "principal_id", taken=taken)
    email = text(details, "email", taken=taken)
    if member is None and len(members := changed_members(event)) == 1:
        member = members[0]
    if member is not None or email is not None:
        made["user"] = user(member, email)
    return made


def _group_access(event: AuditEvent, taken: Taken) -> Object:
    uid = text(event.details, "principal_id", taken=taken)
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
    one = only_one(details)
    if one is None:
        id = text(details, "id", taken=taken)
        name = text(details, "name", "role_name", taken=taken)
    else:
        id, name = text(one, "id"), text(one, "name")
    name = name or text(requested, "name", "title", "role_name", "group_name")
    entity: Object = {"type_id": type_id, "type": type}
    if id is not None:
        entity["uid"] = id
    if name is not None or id is None:
        entity["name"] = name or kind.name
    if type_id == _POLICY:
        entity["policy"] = {each: entity[each] for each in ("uid", "name") if each in entity}
    if (email := text(requested, "email")) is not None:
        entity["user"] = user(None, email)
    made: Object = {"entity": entity}
    if "changes_requested" in details:
        made["entity_result"] = entity | {"data": details["changes_requested"]}
        taken.add("changes_requested")
    if "data" in details:
        made["entity"] = entity | {"data": details["data"]}
        taken.add("data")
    elif rest := {key: value for key, value in details.items() if key not in taken}:
        made["entity"] = entity | {"data": rest}
        taken.update(rest)
    return made


def _api(event: AuditEvent, kind: EventKind, taken: Taken) -> Object:
    made: Object = {
        "api": {"operation": event.type or UNKNOWN, "service": {"name": "OpenAI"}},
        "actor": actor_of(event.actor) or {"user": user(None, None)},
        "src_endpoint": unknown_endpoint(),
    }
    if (id := text(event.details, "id", taken=taken)) is not None:
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
