"""An event of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from ..._wire.fields import keyed
from ..._wire.models import Entity
from .actors import AuditLogActor
from .event_types import EventType
from .events import PAYLOADS, EventPayload


@attrs.frozen(kw_only=True)
class AuditLogProject(Entity):
    """The project that an event happened in.

    Attributes:
        id: the project's id.
        name: the name it had.
    """

    id: str | None = None
    name: str | None = None


@attrs.frozen(kw_only=True)
class AuditLog(Entity):
    """An event of the audit log: somebody did something.

    ::

        match event.payload:
            case ProjectArchived(id=project_id):
                ...

    Attributes:
        id: its id.
        type: what happened, such as ``project.archived``.
        effective_at: when it happened, to the second.
        actor: who did it, and from where or with which key.
        project: the project it happened in, if it did in one.
        payload: what the event reports, in the class for its type; a plain ``dict`` for a type
            without one, such as a type that is newer than this version. On the wire its key is
            the value of ``type``.
    """

    id: str
    type: EventType | str | None = None
    effective_at: datetime | None = None
    actor: AuditLogActor | None = None
    project: AuditLogProject | None = None
    payload: EventPayload | dict[str, Any] | None = keyed("type", PAYLOADS)  # noqa: RUF009 - a field
