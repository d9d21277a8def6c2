"""The classes and activities of OCSF 1.8.0 that events of the audit log become."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import attrs

from ..kinds import Action, Area, EventKind

VERSION = "1.8.0"
"""The version of OCSF that events are written in."""

_OTHER = 99
_UNKNOWN = 0


@attrs.frozen
class EventClass:
    """A class of OCSF.

    Attributes:
        uid: its number.
        caption: its name.
        category_uid: the number of its category.
        category: the name of its category.
        activities: its activities' numbers by their names.
        of_action: the activity for what was done, by its name.
        of_verb: the same for verbs that say more than the action.
    """

    uid: int
    caption: str
    category_uid: int
    category: str
    activities: Mapping[str, int]
    of_action: Mapping[Action, str]
    of_verb: Mapping[str, str] = {}


_IAM = (3, "Identity & Access Management")

ACCOUNT_CHANGE = EventClass(
    3001,
    "Account Change",
    *_IAM,
    activities={"Create": 1, "Enable": 2, "Disable": 5, "Delete": 6},
    of_action={"create": "Create", "delete": "Delete", "enable": "Enable", "disable": "Disable"},
)
AUTHENTICATION = EventClass(
    3002,
    "Authentication",
    *_IAM,
    activities={"Logon": 1, "Logoff": 2},
    of_action={"login": "Logon", "logout": "Logoff"},
)
ENTITY_MANAGEMENT = EventClass(
    3004,
    "Entity Management",
    *_IAM,
    activities={
        "Create": 1,
        "Read": 2,
        "Update": 3,
        "Delete": 4,
        "Move": 5,
        "Enable": 8,
        "Disable": 9,
        "Activate": 10,
        "Deactivate": 11,
    },
    of_action={
        "create": "Create",
        "read": "Read",
        "update": "Update",
        "delete": "Delete",
        "enable": "Enable",
        "disable": "Disable",
    },
    of_verb={"activated": "Activate", "deactivated": "Deactivate", "migrated": "Move"},
)
USER_ACCESS = EventClass(
    3005,
    "User Access Management",
    *_IAM,
    activities={"Assign Privileges": 1, "Revoke Privileges": 2},
    of_action={"assign": "Assign Privileges", "revoke": "Revoke Privileges"},
)
GROUP_MANAGEMENT = EventClass(
    3006,
    "Group Management",
    *_IAM,
    activities={
        "Assign Privileges": 1,
        "Revoke Privileges": 2,
        "Add User": 3,
        "Remove User": 4,
        "Delete": 5,
        "Create": 6,
    },
    of_action={
        "assign": "Assign Privileges",
        "revoke": "Revoke Privileges",
        "create": "Create",
        "delete": "Delete",
    },
    of_verb={"added": "Add User", "removed": "Remove User"},
)
API_ACTIVITY = EventClass(
    6003,
    "API Activity",
    6,
    "Application Activity",
    activities={"Create": 1, "Read": 2, "Update": 3, "Delete": 4},
    of_action={"create": "Create", "read": "Read", "update": "Update", "delete": "Delete"},
)

CLASSES: Mapping[Area, EventClass] = {
    "account": ACCOUNT_CHANGE,
    "authentication": AUTHENTICATION,
    "user_access": USER_ACCESS,
    "group": GROUP_MANAGEMENT,
    "entity": ENTITY_MANAGEMENT,
    "api": API_ACTIVITY,
}
"""The class for each part of a SIEM's schema."""


_STATUSES = {"success": (1, "Success"), "failure": (2, "Failure"), None: (0, "Unknown")}
IN_DOUBT: Mapping[str, Any] = {
    "severity_id": 0,
    "severity": "Unknown",
    "status_id": 0,
    "status": "Unknown",
}
"""What an event says of its outcome that could not be read as one."""


@lru_cache(maxsize=1024)
def head_of(kind: EventKind, area: Area, verb: str) -> Mapping[str, Any]:
    """What every event of a kind begins with: class, category, activity and type.

    Args:
        kind: what the event is about.
        area: where it belongs: the kind's, or another where the payload says so.
        verb: what was done: the kind's, or another where the payload says so.
    """
    cls = CLASSES[area]
    name = cls.of_verb.get(verb) or cls.of_action.get(kind.action)
    if name is not None:
        activity, type_caption = cls.activities[name], name
    elif verb:
        # Beside Other stands the word of the source, by the schema.
        activity, type_caption, name = _OTHER, "Other", verb.replace("_", " ").capitalize()
    else:
        activity, type_caption, name = _UNKNOWN, "Unknown", "Unknown"
    status_id, status = _STATUSES[kind.outcome]
    severity_id, severity = (1, "Informational") if kind.is_known else (0, "Unknown")
    return {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": cls.category_uid,
        "category_name": cls.category,
        "class_uid": cls.uid,
        "class_name": cls.caption,
        "type_uid": cls.uid * 100 + activity,
        "type_name": f"{cls.caption}: {type_caption}",
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
    }
