"""The audit log: listed newest first, by what happened, where, to what and by whom."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ...resources.audit_logs import AuditLogs
from ...resources.audit_logs.event_types import EVENT_TYPES, is_tenant_scoped
from ..listing import Where, after_last_id, page
from ..query import Query
from ..replies import invalid
from ..routing import Call, emulates
from ..table import Record

_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_PERSON = ("user", "service_account")


@emulates(AuditLogs.list)
def list_audit_logs(call: Call) -> Record:
    return after_last_id(page(call.query, call.store.audit_logs, where=_filter(call.query)))


def _filter(query: Query) -> Where:
    """What the query asks for, as one test of an event; the cheapest conditions come first."""
    tests = [*_of_time(query), _of_type(query)]
    for name, of in (
        ("project_ids", _projects),
        ("actor_ids", _actor_ids),
        ("actor_emails", _actor_emails),
        ("resource_ids", _resources),
    ):
        wanted = frozenset(query.texts(name))
        if wanted:
            tests.append(partial(_meets, wanted, of))
    return lambda event: all(test(event) for test in tests)


def _meets(wanted: frozenset[str], of: Callable[[Record], Iterator[Any]], event: Record) -> bool:
    return any(value in wanted for value in of(event))


def _of_time(query: Query) -> Iterator[Where]:
    for name, bound in query.integers("effective_at", tuple(_BOUNDS)).items():
        yield partial(_is_within, _BOUNDS[name], bound)


def _is_within(compare: Callable[[int, int], bool], bound: int, event: Record) -> bool:
    return compare(event["effective_at"], bound)


def _of_type(query: Query) -> Where:
    types = frozenset(query.choices("event_types", EVENT_TYPES))
    tenant_only = bool(query.boolean("tenant_only"))
    for event_type in types:
        if is_tenant_scoped(event_type) != tenant_only:
            scope = "must be tenant-scoped with" if tenant_only else "are tenant-scoped without"
            raise invalid("event_types", f"'{event_type}': event types {scope} 'tenant_only'.")
    if types:
        return lambda event: event["type"] in types
    return lambda event: is_tenant_scoped(event["type"]) == tenant_only


def _projects(event: Record) -> Iterator[Any]:
    yield (event.get("project") or {}).get("id")


def _actors(event: Record) -> Iterator[Record]:
    """The key, and the user or service account to which it or the session belongs."""
    actor = event["actor"]
    by = actor.get(actor["type"]) or {}
    yield by
    yield from (by[kind] for kind in _PERSON if by.get(kind))


def _actor_ids(event: Record) -> Iterator[Any]:
    return (actor.get("id") for actor in _actors(event))


def _actor_emails(event: Record) -> Iterator[Any]:
    return (actor.get("email") for actor in _actors(event))


def _resources(event: Record) -> Iterator[Any]:
    """The ids of what an event was about: its own, and those of what it lists."""
    payload = event.get(event["type"]) or {}
    yield payload.get("id")
    yield payload.get("resource_id")
    for value in payload.values():
        if isinstance(value, list):
            yield from (item.get("id") for item in value if isinstance(item, dict))
