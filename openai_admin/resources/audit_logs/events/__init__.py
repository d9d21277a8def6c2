"""The payload of each type of audit log event: what it reports.

Tell them apart by their class: ``match event.payload: case ProjectArchived(id=project_id): …``.
"""

from __future__ import annotations

from . import people, projects, roles, security  # noqa: F401 - each adds its payloads
from .shapes import PAYLOADS, EventPayload

__all__ = ["PAYLOADS", "EventPayload"]
