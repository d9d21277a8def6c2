"""The audit log: who changed what in the organization, and when."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from typing import Annotated, Any

from ..._declare.arguments import Timestamp, Wire, unix_seconds
from ..._declare.decorators import listing, streamed
from ..._declare.methods import operation_of
from ..._declare.pagination import AsyncPager, Paging
from ..._declare.resource import Async, Mode, Resource
from ..._wire.models import Page, Unreadable
from ...errors import InvalidInputError
from ..common import Limit
from .actors import (
    ActorAPIKey,
    ActorServiceAccount,
    ActorSession,
    ActorUser,
    AuditLogActor,
    IPAddressDetails,
)
from .event_types import EVENT_TYPES, EventType, is_tenant_scoped
from .events import EventPayload
from .filters import EffectiveAt, EffectiveAtParam
from .model import AuditLog, AuditLogProject
from .position import AuditLogPosition
from .tail import follow

__all__ = [
    "EVENT_TYPES",
    "ActorAPIKey",
    "ActorServiceAccount",
    "ActorSession",
    "ActorUser",
    "AuditLog",
    "AuditLogActor",
    "AuditLogPosition",
    "AuditLogProject",
    "AuditLogs",
    "EffectiveAtParam",
    "EventPayload",
    "EventType",
    "IPAddressDetails",
]

EventTypes = Annotated[Iterable[EventType] | None, Wire("event_types[]")]
ProjectIds = Annotated[Iterable[str] | None, Wire("project_ids[]")]
ActorIds = Annotated[Iterable[str] | None, Wire("actor_ids[]")]
ActorEmails = Annotated[Iterable[str] | None, Wire("actor_emails[]")]
ResourceIds = Annotated[Iterable[str] | None, Wire("resource_ids[]")]

_PAGE = 100


def _check_tenant(arguments: Mapping[str, Any]) -> None:
    """Tenant-scoped types and `tenant_only` belong together, by the API's description."""
    types, tenant_only = arguments.get("event_types") or (), arguments.get("tenant_only")
    for event_type in types:
        if is_tenant_scoped(event_type) != bool(tenant_only):
            raise InvalidInputError(
                f"event_types has {event_type!r}, which is not an event of the tenant;"
                " leave it out, or leave out tenant_only."
                if tenant_only
                else f"event_types has {event_type!r}, an event of the tenant;"
                " ask for such events with tenant_only=True."
            )


class AuditLogs(Resource[Mode], name="audit_logs"):
    """Read and follow the audit log; it must be switched on in the organization's settings."""

    @listing("/organization/audit_logs", paging=Paging.LAST_ID, check=_check_tenant)
    def list(
        self,
        *,
        limit: Limit = None,
        after: str | None = None,
        before: str | None = None,
        effective_at: EffectiveAt = None,
        event_types: EventTypes = None,
        project_ids: ProjectIds = None,
        actor_ids: ActorIds = None,
        actor_emails: ActorEmails = None,
        resource_ids: ResourceIds = None,
        tenant_only: bool | None = None,
    ) -> Page[AuditLog]:
        """List the events of the audit log, the newest first.

        Filters of different kinds are combined; any of one filter's values may match.

        Args:
            after: the event to start after; listing goes on to older events.
            before: the event to start before; listing goes on to newer events, page by page,
                each page with its newest event first.
            effective_at: when the events happened: `gt`, `gte`, `lt` and `lte`, or a pair of
                times, the start inclusive and the end exclusive.
            event_types: only these types, such as `project.archived`.
            project_ids: only events of these projects.
            actor_ids: only what these users, service accounts or API keys (by tracking id) did.
            actor_emails: only what the users with these addresses did.
            resource_ids: only what was done to the resources with these ids.
            tenant_only: only events of the tenant above the organization. Such events are not
                listed without it.
        """
        ...

    @streamed
    def tail(
        self: AuditLogs[Async],
        *,
        since: AuditLogPosition | Timestamp | None = None,
        poll: float = 30,
        overlap: int = 120,
        unreadable: Callable[[Unreadable], object] | None = None,
        event_types: EventTypes = None,
        project_ids: ProjectIds = None,
        actor_ids: ActorIds = None,
        actor_emails: ActorEmails = None,
        resource_ids: ResourceIds = None,
        tenant_only: bool | None = None,
    ) -> AsyncGenerator[AuditLog, None]:
        """Follow the audit log: yield new events as they come, oldest first, each once, endlessly.

        To continue after a restart, pass a position and save it after each event::

            position = AuditLogPosition.from_file("position.json")
            async for event in client.audit_logs.tail(since=position):
                handle(event)
                position.save()

        Each event comes at least once, however the program ends: one that was handled, but whose
        position was not saved, comes again. To save costs the same however much was read, and may
        be done after each event. A position belongs to its filters: continue with the same ones.

        What has happened since ``since`` may be as long as it likes: it is read in stretches of
        time, the oldest first, each of at most 2,000 events, unless one second has more, and
        yielded while it is read.

        While the log cannot be read (no connection, an error of the server, its rate limit), this
        waits and tries again, with pauses that grow to five minutes: the client's ``on_event``
        and log are told when it begins (`Interrupted`) and ends (`Resumed`), and no event is
        missed. Only what does not pass is raised.

        Args:
            since: where to begin: a position, which moves on with each event, or a time. By
                default only what happens from now on is yielded. A position with a file is saved
                there when the tail begins.
            poll: seconds between two requests of the log.
            overlap: how many seconds late an event may appear in the log, after newer ones,
                and still be found; at once where the overlap has up to 300 events, else up to as
                many seconds later.
            unreadable: called with each event that could not be read as one, once, in its place
                in the order; the position has moved past it by then. It is called in the event
                loop's thread, and what it raises ends the tail. By default such events are only
                told to the client's ``on_event`` and log.
            event_types: only these types, such as `project.archived`.
            project_ids: only events of these projects.
            actor_ids: only what these users, service accounts or API keys (by tracking id) did.
            actor_emails: only what the users with these addresses did.
            resource_ids: only what was done to the resources with these ids.
            tenant_only: only events of the tenant above the organization.

        Raises:
            InvalidInputError: an argument is out of range.
            APIError: the API refuses the request: the key, its permission, a filter.
            ClientClosedError: the client was closed, which ends this at once.
            OSError: the position's file cannot be written.
        """
        if not (isinstance(poll, int | float) and math.isfinite(poll) and poll > 0):
            raise InvalidInputError(f"poll must be a number of seconds above 0, not {poll!r}.")
        if not (isinstance(overlap, int) and overlap >= 0):
            raise InvalidInputError(
                f"overlap must be a whole number of seconds, 0 or more, not {overlap!r}."
            )
        if since is None:
            since = AuditLogPosition()
        elif not isinstance(since, AuditLogPosition):
            since = AuditLogPosition(floor=unix_seconds(since, "since"))

        filters: dict[str, Any] = {
            "event_types": event_types,
            "project_ids": project_ids,
            "actor_ids": actor_ids,
            "actor_emails": actor_emails,
            "resource_ids": resource_ids,
            "tenant_only": tenant_only,
        }
        # Here, so that a wrong filter shows before the first event, and each iterable is read once.
        listed = operation_of(AuditLogs.list).prepare(filters, check=self._caller.check_inputs)

        def fetch(begin: int | None, end: int | None) -> AsyncPager[AuditLog]:
            within: dict[str, Any] = (
                {} if begin is None and end is None else {"effective_at": (begin, end)}
            )
            return self.list(limit=_PAGE, **within, **listed.arguments)

        return follow(fetch, since, self._caller, poll=poll, overlap=overlap, unreadable=unreadable)
