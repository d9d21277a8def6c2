"""The audit log: listed newest first, by what happened, where, to what and by whom."""

from __future__ import annotations

from math import inf

from ...resources.audit_logs import AuditLogs
from ...resources.audit_logs.event_types import EVENT_TYPES, is_tenant_scoped
from ..listing import after_last_id, page
from ..query import Query
from ..replies import invalid
from ..routing import Call, emulates
from ..table import Between, Having, Record

_BOUNDS = ("gt", "gte", "lt", "lte")
_FILTERS = ("project_ids", "actor_ids", "actor_emails", "resource_ids")


@emulates(AuditLogs.list)
def list_audit_logs(call: Call) -> Record:
    query = call.query
    between, having = _times(query), _wanted(query)
    return after_last_id(page(query, call.store.audit_logs, having=having, between=between))


def _times(query: Query) -> Between:
    """From when to when, in whole seconds."""
    bounds = query.integers("effective_at", _BOUNDS)
    if not bounds:
        return {}
    least = max(bounds.get("gte", -inf), bounds.get("gt", -inf) + 1)
    most = min(bounds.get("lte", inf), bounds.get("lt", inf) - 1)
    return {"effective_at": (least, most)}


def _wanted(query: Query) -> Having:
    tenant_only = bool(query.boolean("tenant_only"))
    types = frozenset(query.choices("event_types", EVENT_TYPES))
    for event_type in types:
        if is_tenant_scoped(event_type) != tenant_only:
            scope = "must be tenant-scoped with" if tenant_only else "are tenant-scoped without"
            raise invalid("event_types", f"'{event_type}': event types {scope} 'tenant_only'.")
    asked = {name: frozenset(query.texts(name)) for name in _FILTERS}
    having = {"event_types": types} if types else {"tenant": frozenset({tenant_only})}
    return having | {name: wanted for name, wanted in asked.items() if wanted}
