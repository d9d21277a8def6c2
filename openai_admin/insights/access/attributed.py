"""By whom access was granted or taken away, as far as the audit log says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ..._wire.codec import to_dict
from ...directory.not_known import told
from ...directory.reading import PAGE, Reads
from ..recorded import actor_of, texts_in
from .differences import Difference, Differences

if TYPE_CHECKING:
    from ...resources.audit_logs import AuditLog

_OF_ROLES = ("role.created", "role.updated", "role.deleted")
_OF_GROUPS = ("role.assignment.created", "role.assignment.deleted", "group.deleted")
_OF_PEOPLE = (
    *("user.added", "user.updated", "user.deleted", "group.updated"),
    *("api_key.created", "api_key.deleted"),
    *("service_account.created", "service_account.updated", "service_account.deleted"),
)
_LOG = "the audit log"
_SURE = timedelta(seconds=2)  # the server's time is known to about a second


async def attributed(
    client: AdminResources[Async], found: Differences, since: datetime, until: datetime
) -> Differences:
    """The same differences with who made them, where the audit log names what made them.

    Args:
        client: an asynchronous client.
        found: what was granted and lost.
        since: the earlier moment.
        until: the later one.

    Returns:
        the differences; where the audit log cannot be read, that is a note.
    """
    await anyio.to_thread.run_sync(attrgetter("audit_logs"), client)  # it has many models
    reads = Reads(client._caller)
    types: Any = [*_OF_ROLES, *_OF_GROUPS, *_OF_PEOPLE]
    listed = client.audit_logs.list(
        limit=PAGE,
        effective_at={"gte": since - _SURE, "lte": until + _SURE},
        event_types=types,
    )
    events = await reads.all(_LOG, listed)
    changes = tuple(_attributed(each, events) for each in found.changes)
    notes = [f"By whom is not known: {text}." for text in told(reads.not_known, {})]
    return attrs.evolve(found, changes=changes, notes=(*found.notes, *notes))


def _attributed(change: Difference, events: Sequence[AuditLog]) -> Difference:
    """A change with the newest event that may have made it."""
    one = change.holding
    steps = [step for path in one.paths for step in path]
    somebody = {one.id, *(s.id for s in steps if s.kind in ("user", "service_account"))}
    groups = {step.id for step in steps if step.kind == "group"}
    roles = {step.id for step in steps if step.kind == "role"}
    places = {one.project_id, *(step.project_id for step in steps)}
    for wanted, types in (
        (somebody, (*_OF_PEOPLE, *_OF_GROUPS)),
        (groups, (*_OF_GROUPS, "group.updated")),
        (roles, _OF_ROLES),
    ):
        for event in events:
            place = None if event.project is None else event.project.id
            if event.type not in types or (place is not None and place not in places):
                continue
            if not wanted.isdisjoint(texts_in(to_dict(event.payload, mode="read"))):
                return attrs.evolve(change, actor=actor_of(event), changed_at=event.effective_at)
    return change
