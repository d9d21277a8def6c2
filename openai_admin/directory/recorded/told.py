"""An event of the audit log in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from ..._wire.portable import Portable


@attrs.frozen(kw_only=True)
class Told(Portable):
    """An event in words: who did what, to what, where and from where.

    Attributes:
        at: when it happened, UTC; ``None`` where the event does not say.
        actor: who did it: an address or a name, else an id, else ``system`` and the like; ``None``
            where the event does not say.
        type: what happened, as ``project.archived``.
        target: what it was done to, by name or address where one is known, else by id.
        project: the project it happened in, by name where it is known, else by id.
        changes: what was asked for, as ``role: owner``; empty where the event tells no more.
        ip: the address it came from.
        country: the country it came from, as ``NL``.
        via: ``session`` or ``api_key``.
        key: the key that was used, by name where it is known, else by id.
        id: the event's id.
        actor_id: the id of the person, service account or key that acted.
        target_id: the id of what it was done to.
        project_id: the project's id.
        event: the event as it came, as decoded JSON.
    """

    at: datetime | None
    actor: str | None
    type: str | None
    target: str | None
    project: str | None
    changes: str
    ip: str | None
    country: str | None
    via: str | None
    key: str | None
    id: str | None
    actor_id: str | None
    target_id: str | None
    project_id: str | None
    event: Any = attrs.field(repr=False)
