"""What records can be found by: the keys of each, by which their tables index them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..resources.audit_logs.event_types import is_tenant_scoped
from .index import Keys

_Record = dict[str, Any]
_PERSON = ("user", "service_account")


def address(email: str) -> str:
    """An e-mail address as it is compared."""
    return email.casefold()


def _address(person: _Record) -> Iterator[str]:
    if person["email"]:
        yield address(person["email"])


def _projects(event: _Record) -> Iterator[Any]:
    yield (event.get("project") or {}).get("id")


def _actors(event: _Record) -> Iterator[_Record]:
    """The key, and the user or service account to which it or the session belongs."""
    actor = event["actor"]
    by = actor.get(actor["type"]) or {}
    yield by
    yield from (by[kind] for kind in _PERSON if by.get(kind))


def _actor_ids(event: _Record) -> Iterator[Any]:
    return (actor.get("id") for actor in _actors(event))


def _actor_emails(event: _Record) -> Iterator[Any]:
    return (actor.get("email") for actor in _actors(event))


def _resources(event: _Record) -> Iterator[Any]:
    """The ids of what an event was about: its own, and those of what it lists."""
    payload = event.get(event["type"]) or {}
    yield payload.get("id")
    yield payload.get("resource_id")
    for value in payload.values():
        if isinstance(value, list):
            yield from (item.get("id") for item in value if isinstance(item, dict))


USERS: Mapping[str, Keys] = {"email": _address, "role": lambda user: (user["role"],)}
INVITES: Mapping[str, Keys] = {"email": _address}
ROLES: Mapping[str, Keys] = {"id": lambda role: (role["id"],)}
PROJECTS: Mapping[str, Keys] = {"status": lambda project: (project["status"],)}
AUDIT_LOGS: Mapping[str, Keys] = {
    "tenant": lambda event: (is_tenant_scoped(event["type"]),),
    "event_types": lambda event: (event["type"],),
    "project_ids": _projects,
    "actor_ids": _actor_ids,
    "actor_emails": _actor_emails,
    "resource_ids": _resources,
}
