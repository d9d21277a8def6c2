"""What power a role gives, by its id, its name, or the permissions that the log told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

from ....directory.permissions import is_owner_like
from ...event import AuditEvent
from ..model import Context
from .memory import Recent
from .payloads import objects, texts, value

Power = Literal["owner", "project_owner", "powerful"]
"""An owner of the organization, an owner of a project, or one who can change access, keys or
settings."""

Roles = Recent[str, tuple[str, ...]]
"""What the log told of roles: their permissions, by id and by name in lower case."""

MOST_ROLES = 2_000

_GREATEST: tuple[Power, ...] = ("owner", "powerful", "project_owner")

_NAMES = ("role", "role_id", "role_name", "roles", "role_ids", "role_names")
_WORDS = frozenset(
    (
        *("role", "roles", "api", "organization", "organisation", "org", "account", "workspace"),
        *("tenant", "project", "system", "predefined", "builtin", "default"),
        *("owner", "owners", "admin", "admins", "administrator"),
    )
)
_PART = re.compile(r"[^a-z0-9]+")
_ACCESS = re.compile(
    r"(?:.*\.)?(?:management|users?|roles?|groups?|invites?|(?:admin_)?(?:api_)?keys?|mtls|scim|sso"
    r"|certificates?|service_accounts?|organization|settings|ip_allowlists?|policies)"
    r"\.(?:write|manage|admin|\*)"
)


@lru_cache(maxsize=4096)
def power_of_name(text: str) -> Power | None:
    """The power of one of OpenAI's own roles, by its name or its id in any of its forms.

    Other words in it make it another role: a “product owner” owns nothing here.
    """
    words = frozenset(filter(None, _PART.split(text.lower())))
    if not words <= _WORDS:
        return None
    if words & {"owner", "owners"}:
        return "project_owner" if "project" in words else "owner"
    return "powerful" if words & {"admin", "admins", "administrator"} else None


def power_of_permissions(permissions: Iterable[str]) -> Power | None:
    """The power of permissions: whether one of them can change access, keys or settings."""
    held = tuple(permissions)
    if is_owner_like(held, of_project=False) or any(_ACCESS.fullmatch(one) for one in held):
        return "powerful"
    return None


def roles_in(event: AuditEvent) -> tuple[str, ...]:
    """The ids and names of roles that an event gives; of an assignment the parts of its id too."""
    given = [text for name in _NAMES for text in texts(value(event, name))]
    if "assignment" in (event.type or ""):
        ids = [text for part in objects(event) for text in texts(part.get("id"))]
        given += [piece for id in ids for piece in (id, *re.split(r":|/|__|\s", id))]
    return tuple(dict.fromkeys(given))


def power_in(event: AuditEvent, roles: Roles, context: Context) -> tuple[Power, str] | None:
    """The greatest power that an event gives, and the role that has it."""
    found: dict[Power, str] = {}
    for role in roles_in(event):
        power = _power(role, roles, context)
        if power == "owner" and _is_of_project(event):
            power = "project_owner"
        if power is not None:
            found.setdefault(power, role)
    held = texts(value(event, "permissions")) if "assignment" in (event.type or "") else ()
    by_permissions = power_of_permissions(held)
    if by_permissions is not None:
        found.setdefault(by_permissions, ", ".join(held))
    return next(((power, found[power]) for power in _GREATEST if power in found), None)


def learn_role(event: AuditEvent, roles: Roles) -> Power | None:
    """Take in what an event tells of a role; the power that it adds to one that was without."""
    ids = [text for part in objects(event) for text in texts(part.get("id"))]
    names = [name.lower() for name in texts(value(event, "role_name", "name"))]
    known: tuple[str, ...] = next((r for id in ids if (r := roles.get(id))), ())
    whole, added = value(event, "permissions"), texts(value(event, "permissions_added"))
    removed = set(texts(value(event, "permissions_removed")))
    before = known if whole is None else texts(whole)
    after = tuple(dict.fromkeys(p for p in (*before, *added) if p not in removed))
    for key in dict.fromkeys((*ids, *names)):
        roles.set(key, after)
    return power_of_permissions(after) if power_of_permissions(known) is None else None


def _power(role: str, roles: Roles, context: Context) -> Power | None:
    directory = context.directory
    if role in directory.owner_roles:
        return "owner"
    power = power_of_name(role)
    if power is not None:
        return power
    if role in directory.powerful_roles:
        return "powerful"
    return power_of_permissions(roles.get(role) or roles.get(role.lower()) or ())


def _is_of_project(event: AuditEvent) -> bool:
    kind: Any = value(event, "resource_type")
    if isinstance(kind, str):
        return "project" in kind.lower()
    return event.project_id is not None
